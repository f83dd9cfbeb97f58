import { QuickPickItemKind, ThemeIcon, window } from 'vscode';
import type { DatabaseTarget, ServiceTarget } from '../../inventory/target';
import { formatBytes, formatDuration } from '../../protocol/format';
import type { RestoreOptions } from '../../restore/restores';
import type { RestoreResult } from '../../restore/run';
import { askFirst } from '../askFirst';
import { pickService, type ServicePlace } from '../picks';
import { restoreQuestion } from '../present/restoreText';
import { restoreTargets } from '../present/subject';
import { rowsText, tablesText } from '../present/words';
import { inNewDatabase, planAsking, type Destination } from '../restoreChoices';
import { clock, translate as t } from '../translate';
import type { Command, CommandContext } from './command';
import { targetDatabase } from './targets';
import { undo } from './undoRestore';

/** Copies a database over another or to a new one, in any service that runs: the same way as a restore, without a backup to begin with. */
export const copyDatabase: Command = {
  id: 'containerDatabases.copyDatabase',
  enabled: (subject) => subject === undefined || subject.kind === 'database',
  async run(context, subject) {
    const source = await targetDatabase(context, subject, t('Copy which database?'));
    if (source === undefined) return undefined;
    const destination = await chooseTarget(context, source);
    if (destination === undefined) return undefined;
    const { target } = destination;
    const { restores } = await context.app();
    const from = { ...source, databaseName: source.database.name };
    const planned = await planAsking<RestoreOptions>(destination.options, (wishes) =>
      context.operation(t('Preparing to copy "{0}"', from.databaseName), ({ signal }) => restores.planCopy(target, from, wishes, signal)),
    );
    if (planned === undefined || !(await askFirst(restoreQuestion(t, planned.plan, clock())))) return undefined;
    const safetyKey = await context.encryption.forNew(target.project.name, 'safety');
    const options = { ...planned.options, ...(safetyKey === undefined ? {} : { safetyKey }) };
    const started = Date.now();
    try {
      const title = t('Copying "{0}" to "{1}"', from.databaseName, target.databaseName);
      const result = await context.operation(title, (operation) => restores.run(planned.plan, target, options, operation));
      void tell(context, from, target, result, Date.now() - started);
      return result;
    } finally {
      await Promise.all([context.watch.refresh(), context.shelf.refresh()]);
    }
  },
};

/** Asks for the service, and for a database of it that is replaced, or the name of one that is made. */
async function chooseTarget(context: CommandContext, source: DatabaseTarget): Promise<Destination | undefined> {
  const inventory = await context.inventory();
  const title = t('Copy "{0}" to…', source.database.name);
  const place = await pickService(inventory, ({ state, problem }) => state === 'running' && problem === undefined, title);
  if (place === undefined) return undefined;
  const others = restoreTargets(inventory).filter(
    ({ service, databaseName }) => service.id === place.service.id && !(service.id === source.service.id && databaseName === source.database.name),
  );
  const chosen = await window.showQuickPick(
    [
      { label: t('A new database…'), description: placeName(place), iconPath: new ThemeIcon('add'), target: undefined },
      ...(others.length === 0 ? [] : [{ label: t('Replace'), kind: QuickPickItemKind.Separator, target: undefined }]),
      ...others.map((target) => ({ label: target.databaseName, description: sizeText(target), iconPath: new ThemeIcon('database'), target })),
    ],
    { title, placeHolder: t('What this replaces is backed up first'), ignoreFocusOut: true },
  );
  if (chosen === undefined) return undefined;
  if (chosen.target !== undefined) return { target: chosen.target, options: {} };
  const isSame = place.service.id === source.service.id;
  return inNewDatabase({ ...place, databaseName: '' }, isSame ? `${source.database.name}_copy` : source.database.name);
}

function sizeText({ service, databaseName }: ServiceTarget): string {
  const database = service.databases.find(({ name }) => name === databaseName);
  return database === undefined ? t('missing') : formatBytes(database.sizeBytes);
}

function placeName({ project, service }: ServicePlace): string {
  return `${project.name}/${service.name}`;
}

async function tell(context: CommandContext, from: ServiceTarget, target: ServiceTarget, result: RestoreResult, milliseconds: number): Promise<void> {
  const content = `${tablesText(t, result.tables)}, ${rowsText(t, result.rows, clock().language)}`;
  const names = [`${placeName(from)}/${from.databaseName}`, `${placeName(target)}/${target.databaseName}`] as const;
  const message = t('Copied {0} to {1}: {2}, in {3}.', ...names, content, formatDuration(milliseconds));
  context.log.info(message);
  const undoIt = t('Undo');
  const pressed = await window.showInformationMessage(message, ...(result.undo === undefined ? [] : [undoIt]));
  if (pressed === undoIt) await undo(context, target);
}
