import { window } from 'vscode';
import { targetName, type DatabaseTarget } from '../../inventory/target';
import { updateLines } from '../../migrations/update/reportText';
import type { UpdateProgress } from '../../migrations/update/course';
import type { UpdateReport } from '../../migrations/update/updates';
import { stoppedView, updatedView, updatingView } from '../present/updateText';
import { placeText } from '../present/migrationQuestion';
import { copyReport } from '../report/copyReport';
import type { ShownReport } from '../report/panels';
import { healthSettings } from '../settings';
import { showingFailures } from '../showFailure';
import { translate as t } from '../translate';
import type { Command, CommandContext } from './command';
import { restore } from './restore';
import { isAboutMigrations, targetMigrations } from './migrationTarget';

/** Upgrades a database with a net: backed up, rehearsed on a copy, validated, and taken back if that is wished. */
export const updateSafely: Command = {
  id: 'containerDatabases.updateSafely',
  enabled: isAboutMigrations,
  async run(context, subject) {
    const chosen = await targetMigrations(context, subject, t('Update which database?'));
    if (chosen === undefined) return undefined;
    if (chosen.found.status.pending.length === 0) {
      void window.showInformationMessage(t('Every migration of "{0}" is applied.', chosen.database.name));
      return undefined;
    }
    const { migrations, updates } = await context.app();
    const to = chosen.revision === undefined ? ({ kind: 'all' } as const) : ({ kind: 'revision', revision: chosen.revision.id } as const);
    const plan = await context.operation(t('Looking for the tool of the migrations'), (operation) =>
      migrations.plan(chosen, chosen.found, { kind: 'upgrade', to }, operation),
    );
    const { dependents } = chosen.service;
    const restoreOnFailure = t('Update, and restore if it fails');
    const detail = [
      t(
        'It is backed up, and the migrations are rehearsed on a copy made of the backup. Only when they run through there, "{0}" is run {1}.',
        plan.text,
        placeText(t, plan),
      ),
      t('Afterwards the database is validated, and compared with what it was.'),
      ...(dependents.length === 0 ? [] : [t('Then what uses it and runs is restarted: {0}.', dependents.join(', '))]),
    ].join('\n\n');
    const pressed = await window.showWarningMessage(t('Update "{0}"?', chosen.database.name), { modal: true, detail }, restoreOnFailure, t('Update'));
    if (pressed === undefined) return undefined;
    const key = await context.encryption.forNew(chosen.project.name, 'safety');
    const name = targetName(chosen);
    const page = `update ${name}`;
    let progress: UpdateProgress = { steps: [] };
    const shown = (): ShownReport => ({ view: updatingView(t, name, progress), act: async () => undefined });
    context.reports.show(page, shown());
    const onSteps = (next: UpdateProgress): void => {
      progress = next;
      context.reports.update(page, shown());
    };
    const wishes = {
      restart: dependents.length > 0,
      health: healthSettings(),
      restoreOnFailure: pressed === restoreOnFailure,
      onSteps,
      onOutput: (text: string): void => context.migrations.channel.append(text),
      ...(key === undefined ? {} : { key }),
    };
    const report = await context.operation(t('Updating "{0}"', chosen.database.name), async (operation) => {
      try {
        return await updates.run(plan, wishes, operation);
      } catch (error) {
        context.reports.update(page, { ...shown(), view: stoppedView(t, name, progress) });
        throw error;
      } finally {
        await Promise.all([context.migrations.shelf.refresh(), context.shelf.refresh()]);
      }
    });
    context.reports.show(page, { view: updatedView(t, name, report), act: (action) => act(context, action, chosen, report) });
    return report.state;
  },
};

async function act(context: CommandContext, action: string, target: DatabaseTarget, report: UpdateReport): Promise<void> {
  if (action === 'copy') return copyReport(updateLines(targetName(target), report));
  const { backup } = report;
  if (action !== 'restore' || backup === undefined) return;
  await showingFailures(context.log, async () => {
    const { backups } = await context.app();
    await restore.run(context, { kind: 'backup', project: target.project, backup: await backups.read(backup) });
  });
}
