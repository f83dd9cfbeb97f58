import type { Backup } from '../../backup/catalogue';
import type { DecryptionKey } from '../../backup/encryption/keys';
import { findService } from '../../inventory/target';
import { asFailure } from '../../protocol/failure';
import { formatCount, formatDuration } from '../../protocol/format';
import { describeVolumePlan, type VolumeRestorePlan } from '../../restore/volume/plan';
import type { ServicePlace } from '../../restore/volume/parts';
import type { VolumeRestoreOptions } from '../../restore/volume/volumeRestores';
import { confirmationMissing, folderOption, textOption, type CommandContext, type CommandResult } from '../command';
import { decryptionKeyOf, encryptionKeyOf } from '../encryptionKeys';

/** The backup that `--file` names, when it is a copy of a whole volume. */
export async function volumeBackupNamed({ app, options }: CommandContext): Promise<Backup | undefined> {
  const file = textOption(options, 'file');
  if (file === undefined || options['from'] !== undefined || options['latest'] === true) return undefined;
  const backup = await app.backups.read(file);
  return backup.manifest?.format === 'volume' ? backup : undefined;
}

/** Restores the whole data directory of a service, all its databases at once. */
export async function restoreWholeVolume(context: CommandContext, backup: Backup): Promise<CommandResult> {
  const { app, terminal, signal, options } = context;
  const key = await decryptionKeyOf(options);
  const place = placeOf(context, backup);
  if (place?.service.container === undefined) return bringBack(context, backup, place?.project, key);
  const safetyKey = await encryptionKeyOf(options);
  const wishes = {
    skipSafetyBackup: options['skipSafetyBackup'] === true,
    ...folderOption(options),
    ...(key === undefined ? {} : { key }),
    ...(safetyKey === undefined ? {} : { safetyKey }),
  };
  const plan = await app.volumeRestores.plan(place, backup, wishes, terminal.operation(signal));
  return carryOut(context, place, plan, wishes);
}

/** Puts back what the last restore of the whole data directory replaced. */
export async function undoWholeVolume(context: CommandContext): Promise<CommandResult> {
  const { app, terminal, signal, argument } = context;
  const place = findService(app.inventory.current, argument);
  return carryOut(context, place, await app.volumeRestores.planUndo(place, terminal.operation(signal)), {});
}

/** The service that is meant; undefined when the backup is of it, and there is nothing left of it. */
function placeOf({ app, argument }: CommandContext, { manifest }: Backup): ServicePlace | undefined {
  try {
    return findService(app.inventory.current, argument);
  } catch (error) {
    if (asFailure(error).code === 'TARGET_NOT_FOUND' && argument === `${manifest?.project ?? ''}/${manifest?.service ?? ''}`) return undefined;
    throw error;
  }
}

/** For a volume that was removed. */
async function bringBack(
  { app, options, terminal, signal }: CommandContext,
  backup: Backup,
  project: ServicePlace['project'] | undefined,
  key: DecryptionKey | undefined,
): Promise<CommandResult> {
  const name = backup.manifest?.volume?.name ?? '';
  const what = `make the volume ${name} anew, with its labels, booted and counted before`;
  if (options['dryRun'] === true) return { value: { steps: [{ kind: 'make volume', name }] }, lines: [what] };
  if (options['yes'] !== true) throw confirmationMissing(`This would ${what}.`);
  const result = await app.volumes.bringBack(backup, project, key, terminal.operation(signal));
  const next = result.started ? 'Its service runs again.' : 'Start its service with Compose.';
  return { value: result, lines: [`${result.name}: ${result.databases.join(', ')}, ${formatCount(result.rows)} rows. ${next}`] };
}

async function carryOut(
  { app, terminal, signal, options }: CommandContext,
  place: ServicePlace,
  plan: VolumeRestorePlan,
  wishes: VolumeRestoreOptions,
): Promise<CommandResult> {
  const start = performance.now();
  const steps = describeVolumePlan(plan);
  const name = `${plan.project}/${plan.service}`;
  if (options['dryRun'] === true) return { value: { steps: plan.steps }, lines: steps };
  if (options['yes'] !== true) {
    steps.forEach((step) => terminal.note(`- ${step}`));
    throw confirmationMissing(`This replaces all databases of ${name}.`);
  }
  const result = await app.volumeRestores.run(plan, place, wishes, terminal.operation(signal));
  const milliseconds = performance.now() - start;
  const content = result.rows === undefined ? '' : `: ${(result.databases ?? []).join(', ')}, ${formatCount(result.rows)} rows`;
  return {
    value: { ...result, safetyBackup: result.safetyBackup ?? null, seconds: Math.round(milliseconds) / 1000 },
    lines: [
      `The volume of ${name} was restored in ${formatDuration(milliseconds)}${content}.`,
      `What it replaced is kept until ${result.expiresAt}; "undo --volume" brings it back.`,
      ...(result.safetyBackup === undefined ? [] : [`Safety backup: ${result.safetyBackup}`]),
    ],
  };
}
