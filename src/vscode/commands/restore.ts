import { window } from 'vscode';
import type { Backup } from '../../backup/catalogue';
import type { ServiceTarget } from '../../inventory/target';
import type { RestoreResult } from '../../restore/run';
import { formatDuration } from '../../protocol/format';
import { askFirst } from '../askFirst';
import { pickBackup, pickTarget } from '../picks';
import { restoreQuestion } from '../present/restoreText';
import { restoreTargets, type Subject } from '../present/subject';
import { ageText } from '../present/time';
import { rowsText, tablesText } from '../present/words';
import { clock, translate as t } from '../translate';
import type { Command, CommandContext } from './command';
import { replaceVolume, restoreVolumeBackup } from './restoreVolume';
import { targetPlace } from './targets';
import { undo } from './undoRestore';

export const restore: Command = {
  id: 'containerDatabases.restore',
  enabled: (subject) =>
    subject === undefined ||
    ['database', 'missing database', 'backup'].includes(subject.kind) ||
    (subject.kind === 'service' && subject.service.state === 'running'),
  async run(context, subject) {
    if (subject?.kind === 'backup' && subject.backup.manifest?.format === 'volume') return restoreVolumeBackup(context, subject.backup);
    const chosen = subject?.kind === 'backup' ? await placeOf(context, subject) : await choose(context, subject);
    if (chosen === undefined) return undefined;
    const { target, backup } = chosen;
    if (backup.manifest?.format === 'volume') return replaceVolume(context, target, backup);
    const { restores } = await context.app();
    const plan = await context.operation(t('Preparing to restore "{0}"', target.databaseName), ({ signal }) => restores.plan(target, backup, {}, signal));
    if (!(await askFirst(restoreQuestion(t, plan, clock())))) return undefined;
    const backsUp = plan.steps.some(({ kind }) => kind === 'safety backup');
    const safetyKey = backsUp ? await context.encryption.forNew(target.project.name, 'safety') : undefined;
    const started = Date.now();
    let result: RestoreResult;
    try {
      result = await context.encryption.reading(backup, target.project.name, (key) => {
        const options = { ...(key === undefined ? {} : { key }), ...(safetyKey === undefined ? {} : { safetyKey }) };
        return context.operation(t('Restoring "{0}"', target.databaseName), (operation) => restores.run(plan, target, options, operation));
      });
    } finally {
      await refreshAll(context);
    }
    void tell(context, target, backup, result, Date.now() - started);
    return result;
  },
};

interface Chosen {
  readonly target: ServiceTarget;
  readonly backup: Backup;
}

/** Where a backup of the catalogue came from; where that is gone or unknown, the user picks. */
async function placeOf(context: CommandContext, subject: Subject & { readonly kind: 'backup' }): Promise<Chosen | undefined> {
  const { backups } = await context.app();
  const backup = await backups.read(subject.backup.file);
  const { manifest } = backup;
  const inventory = await context.inventory();
  const all = restoreTargets(inventory);
  const origin = all.find(
    ({ project, service, databaseName }) => project.name === manifest?.project && service.name === manifest.service && databaseName === manifest.database,
  );
  // A database that was dropped, and that the service was not made for, is made anew.
  const project = inventory.projects.find(({ name }) => name === manifest?.project);
  const service = project?.services.find(({ name, state }) => name === manifest?.service && state === 'running');
  const anew = project === undefined || service === undefined || manifest === undefined ? undefined : { project, service, databaseName: manifest.database };
  const target = origin ?? anew ?? (await pickTarget(all, t('Restore into which database?')));
  return target === undefined ? undefined : { target, backup };
}

async function choose(context: CommandContext, subject: Subject | undefined): Promise<Chosen | undefined> {
  const target = await targetPlace(context, subject, t('Restore which database?'));
  if (target === undefined) return undefined;
  const { backups } = await context.app();
  const backup = await pickBackup(target, await backups.list(target.project), (file) => backups.read(file));
  return backup === undefined ? undefined : { target, backup };
}

async function refreshAll(context: CommandContext): Promise<void> {
  await Promise.all([context.watch.refresh(), context.shelf.refresh()]);
}

async function tell(context: CommandContext, target: ServiceTarget, backup: Backup, result: RestoreResult, milliseconds: number): Promise<void> {
  const { now, language } = clock();
  const undoIt = t('Undo');
  const showIt = t('Show backup');
  const content = `${tablesText(t, result.tables)}, ${rowsText(t, result.rows, language)}`;
  const message = t(
    'Restored "{0}" from the backup made {1}: {2}, in {3}.',
    target.databaseName,
    ageText(t, backup.finishedAt, { now, language }),
    content,
    formatDuration(milliseconds),
  );
  context.log.info(message);
  const buttons = [...(result.undo === undefined ? [] : [undoIt]), ...(result.safetyBackup === undefined ? [] : [showIt])];
  const pressed = await window.showInformationMessage(message, ...buttons);
  if (pressed === undoIt) await undo(context, target);
  if (pressed === showIt) await context.reveal(({ subject }) => subject.kind === 'backup' && subject.backup.file === result.safetyBackup);
}
