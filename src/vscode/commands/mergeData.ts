import { ThemeIcon, ViewColumn, window } from 'vscode';
import { databaseTargets, targetName, type DatabaseTarget, type ServiceTarget } from '../../inventory/target';
import { Failure } from '../../protocol/failure';
import type { MergeConflict } from '../../restore/facts';
import { changedRows, type MergeReport } from '../../restore/merge/report';
import { reportLines } from '../../restore/merge/reportText';
import { refusalFailure } from '../../restore/merge/refusalText';
import type { RestorePlan } from '../../restore/plan';

import { tableOptions } from '../present/backupOptions';
import { mergeConflictOptions, mergedText, mergeLegend, mergeQuestion } from '../present/mergeText';
import { askStep, walk } from '../steps';
import { clock, translate as t } from '../translate';
import type { Command, CommandContext } from './command';
import { targetDatabase } from './targets';

/** Adds rows of chosen tables of another database, shown beforehand. */
export const mergeData: Command = {
  id: 'containerDatabases.mergeData',
  enabled: (subject) => subject === undefined || subject.kind === 'database',
  async run(context, subject) {
    const to = await targetDatabase(context, subject, t('Merge rows into which database?'));
    const from = to === undefined ? undefined : await pickSource(context, to);
    if (to === undefined || from === undefined) return undefined;
    const wishes = await chooseRows(context, from, to);
    if (wishes === undefined) return undefined;
    const { restores } = await context.app();
    const target = placeOf(to);
    const { plan, report } = await context.operation(t('Comparing rows of "{0}" with "{1}"', from.database.name, to.database.name), async (operation) => {
      const made = await restores.planCopy(target, placeOf(from), wishes, operation.signal);
      return { plan: made, report: await restores.previewMerge(made, target, operation) };
    });
    if (!(await agreed(context, plan, report))) return undefined;
    const safetyKey = await context.encryption.forNew(to.project.name, 'safety');
    const options = { ...wishes, ...(safetyKey === undefined ? {} : { safetyKey }) };
    try {
      const { merged, safetyBackup } = await context.operation(t('Merging rows into "{0}"', to.database.name), (operation) =>
        restores.run(plan, target, options, operation),
      );
      if (merged !== undefined) void tell(context, plan, merged, safetyBackup);
      return merged;
    } finally {
      await Promise.all([context.watch.refresh(), context.shelf.refresh()]);
    }
  },
};

function placeOf({ project, service, database }: DatabaseTarget): ServiceTarget {
  return { project, service, databaseName: database.name };
}

async function pickSource(context: CommandContext, to: DatabaseTarget): Promise<DatabaseTarget | undefined> {
  const others = databaseTargets(await context.inventory()).filter(
    ({ service, database }) => service.id !== to.service.id || database.name !== to.database.name,
  );
  if (others.length === 0) throw new Failure('DATABASE_MISSING', t('There is no other database to merge rows from.'), t('Start the other project.'));
  // Asked even where there is only one: which it is matters.
  const chosen = await window.showQuickPick(
    others.map((value) => ({ label: targetName(value), iconPath: new ThemeIcon('database'), value })),
    { title: t('Merge rows into "{0}"', to.database.name), placeHolder: t('Which database are the rows in?'), ignoreFocusOut: true },
  );
  return chosen?.value;
}

interface Wishes {
  readonly tables: readonly string[];
  readonly merging: MergeConflict;
}

async function chooseRows(context: CommandContext, from: DatabaseTarget, to: DatabaseTarget): Promise<Wishes | undefined> {
  const title = t('Merge rows of "{0}" into "{1}"', from.database.name, to.database.name);
  const { backups } = await context.app();
  const chosen = await walk<Partial<Wishes>>(
    () => [
      async (state, place) => {
        const options = async (signal: AbortSignal) => tableOptions(t, await backups.tables(from, signal), clock().language);
        const placeholder = t('Which tables? Tick those that belong together');
        const tables = await askStep({ title, place, placeholder, options, several: t('Tick at least one table') });
        return tables === undefined || tables === 'back' ? tables : { ...state, tables };
      },
      async (state, place) => {
        const options = async () => mergeConflictOptions(t);
        const answer = await askStep({ title, place, placeholder: t('What becomes of rows whose primary key is taken?'), options });
        if (answer === undefined || answer === 'back') return answer;
        const [merging] = answer;
        return merging === undefined ? undefined : { ...state, merging };
      },
    ],
    {},
  );
  return chosen?.tables === undefined || chosen.merging === undefined ? undefined : { tables: chosen.tables, merging: chosen.merging };
}

/** Asks with what would become of the rows; with examples in an editor where that is wished. Throws `ROWS_REFUSED`. */
async function agreed(context: CommandContext, plan: RestorePlan, report: MergeReport): Promise<boolean> {
  const { message, detail, button } = mergeQuestion(t, plan, report, clock().language);
  const showRows = async (): Promise<void> => {
    const lines = [...mergeLegend(t, message), ...reportLines(report, { withSamples: true })];
    await context.sqlResults.show(t('Merge into {0}', plan.database), `${lines.join('\n')}\n`, ViewColumn.Active);
  };
  if (report.refusals.length > 0) {
    await showRows();
    throw refusalFailure(report.refusals);
  }
  if (changedRows(report) === 0) {
    void window.showInformationMessage(t('"{0}" lacks none of these rows.', plan.database));
    return false;
  }
  const rows = t('Show rows');
  const pressed = await window.showWarningMessage(message, { modal: true, detail }, button, rows);
  if (pressed !== rows) return pressed === button;
  await showRows();
  // Not a notification: those go away while one reads.
  const choices = [
    { label: button, iconPath: new ThemeIcon('check') },
    { label: t('Leave it as it is'), iconPath: new ThemeIcon('close') },
  ];
  const chosen = await window.showQuickPick(choices, { title: message, placeHolder: t('Scroll through the rows below, then choose'), ignoreFocusOut: true });
  return chosen?.label === button;
}

async function tell(context: CommandContext, { database }: RestorePlan, merged: MergeReport, safetyBackup: string | undefined): Promise<void> {
  const message = mergedText(t, database, merged, clock().language);
  context.log.info([message, ...reportLines(merged, { withSamples: false })].join('\n'));
  const showIt = t('Show backup');
  const pressed = await window.showInformationMessage(message, ...(safetyBackup === undefined ? [] : [showIt]));
  if (pressed === showIt) await context.reveal(({ subject }) => subject.kind === 'backup' && subject.backup.file === safetyBackup);
}
