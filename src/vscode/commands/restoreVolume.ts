import { window } from 'vscode';
import type { Backup } from '../../backup/catalogue';
import { Failure } from '../../protocol/failure';
import { formatDuration } from '../../protocol/format';
import type { VolumeRestorePlan } from '../../restore/volume/plan';
import { askFirst } from '../askFirst';
import { backupChoice, pickOne, type ServicePlace } from '../picks';
import { volumeRestoreQuestion } from '../present/volumeText';
import { presentService } from '../present/subject';
import { clock, translate as t } from '../translate';
import type { Command, CommandContext } from './command';
import { targetService } from './targets';

export const restoreVolume: Command = {
  id: 'containerDatabases.restoreVolume',
  enabled: (subject) => subject === undefined || subject.kind === 'volume',
  async run(context, subject) {
    const place = await targetService(context, subject, ({ container }) => container !== undefined, t('Restore the volume of which service?'));
    if (place === undefined) return undefined;
    const { backups } = await context.app();
    const all = (await backups.list(place.project)).filter(({ manifest }) => manifest?.format === 'volume');
    if (all.length === 0)
      throw new Failure('BACKUP_MISSING', t('There is no backup of a volume of {0}.', place.project.name), t('"Back up volume…" makes one.'));
    const own = all.filter(({ manifest }) => manifest?.service === place.service.name);
    const backup = await pickOne(
      [...own, ...all.filter((each) => !own.includes(each))].map(backupChoice),
      t('Restore the volume of {0} from…', place.service.name),
    );
    return backup === undefined ? undefined : replaceVolume(context, place, backup);
  },
};

export const undoVolumeRestore: Command = {
  id: 'containerDatabases.undoVolumeRestore',
  enabled: (subject) => subject === undefined || subject.kind === 'volume',
  async run(context, subject) {
    const place = await targetService(context, subject, ({ container }) => container !== undefined, t('Undo the restore of which volume?'));
    return place === undefined ? undefined : undo(context, place);
  },
};

/** Restores a backup of a whole volume to where it came from: into the volume that is there, or by making it anew. */
export async function restoreVolumeBackup(context: CommandContext, backup: Backup): Promise<unknown> {
  const { projects } = await context.inventory();
  const { manifest } = backup;
  const project = projects.find(({ name }) => name === manifest?.project);
  const service = project?.services.find(({ name }) => name === manifest?.service);
  if (project !== undefined && service?.container !== undefined) return replaceVolume(context, { project, service }, backup);
  const name = manifest?.volume?.name;
  if (name === undefined)
    throw new Failure('SERVICE_NOT_CREATED', t('The service of this backup is not there.'), t('Start it first; its data are replaced then.'));
  const message = t('Make the volume {0} anew from this backup?', name);
  const detail = [
    t('It is unpacked into a new volume, booted there, and every row is counted.'),
    t('The volume gets its name and labels back, so that Compose goes on using it.'),
    ...(project === undefined ? [] : [t('Compose then starts {0}.', manifest?.service ?? '')]),
  ];
  if (!(await askFirst({ message, detail: detail.map((line) => `• ${line}`).join('\n'), button: t('Restore') }))) return undefined;
  const { volumes } = await context.app();
  const result = await reading(context, backup, project?.name ?? '', (key) =>
    context.operation(t('Making {0} anew', name), (operation) => volumes.bringBack(backup, project, key, operation)),
  );
  await context.watch.refresh();
  void window.showInformationMessage(result.started ? t('{0} is back, and its service runs.', name) : t('{0} is back. Start its service with Compose.', name));
  return result;
}

/** Asks, and restores a volume backup into the volume of a service. */
export async function replaceVolume(context: CommandContext, place: ServicePlace, backup: Backup): Promise<unknown> {
  const { volumeRestores } = await context.app();
  const title = t('Preparing to restore the volume of {0}', place.service.name);
  const plan = await context.operation(title, (operation) => volumeRestores.plan(place, backup, {}, operation));
  return carryOut(context, place, plan, backup);
}

async function undo(context: CommandContext, place: ServicePlace): Promise<unknown> {
  const present = presentService(await context.watch.refresh(), place.service) ?? place;
  const { volumeRestores } = await context.app();
  const plan = await context.operation(t('Preparing to undo'), (operation) => volumeRestores.planUndo(present, operation));
  return carryOut(context, present, plan, undefined);
}

async function carryOut(context: CommandContext, place: ServicePlace, plan: VolumeRestorePlan, backup: Backup | undefined): Promise<unknown> {
  const { volumeRestores } = await context.app();
  if (!(await askFirst(volumeRestoreQuestion(t, plan, clock())))) return undefined;
  const safetyKey = plan.steps.some(({ kind }) => kind === 'safety backup') ? await context.encryption.forNew(place.project.name, 'safety') : undefined;
  const started = Date.now();
  const name = place.service.name;
  try {
    await reading(context, backup, place.project.name, (key) => {
      const options = { ...(key === undefined ? {} : { key }), ...(safetyKey === undefined ? {} : { safetyKey }) };
      return context.operation(t('Restoring the volume of {0}', name), (operation) => volumeRestores.run(plan, place, options, operation));
    });
  } finally {
    await Promise.all([context.watch.refresh(), context.shelf.refresh()]);
  }
  const undoIt = t('Undo');
  const message = t('Restored the volume of {0} in {1}. What it held is kept for a day.', name, formatDuration(Date.now() - started));
  context.log.info(message);
  void window.showInformationMessage(message, undoIt).then((pressed) => (pressed === undoIt ? undo(context, place) : undefined));
  return plan.undo;
}

type Key = Parameters<Parameters<CommandContext['encryption']['reading']>[2]>[0];

async function reading<T>(context: CommandContext, backup: Backup | undefined, project: string, work: (key: Key) => Promise<T>): Promise<T> {
  return backup === undefined ? work(undefined) : context.encryption.reading(backup, project, work);
}
