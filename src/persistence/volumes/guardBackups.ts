import type { Backup } from '../../backup/catalogue';
import type { Project } from '../../inventory/model';
import { databaseTargets } from '../../inventory/target';
import type { Operation } from '../../operations/operation';
import { Failure } from '../../protocol/failure';
import { exportVolume, type CopyTools } from './copies';
import type { GuardedLoss, GuardPlan } from './guardPlan';
import { lendVolume, readContent } from './lend';
import { listAllVolumes } from './listing';

interface Place {
  /** Where the backups go; as the settings say when left out. */
  readonly folder?: string;
}

/**
 * Backs up whatever a guarded action destroys, also clusters in volumes that no container has any more. Throws
 * `BACKUP_UNPROVEN`, and what backing up throws; then nothing may be destroyed.
 */
export async function backUpLosses(plan: GuardPlan, tools: CopyTools, project: Project, { folder }: Place, operation: Operation): Promise<readonly Backup[]> {
  const place = folder === undefined ? {} : { folder };
  const made: Backup[] = [];
  for (const loss of plan.losses) {
    operation.report({ message: `Backing up ${loss.service}` });
    made.push(await backUpOne(loss, plan, tools, project, place, operation));
  }
  for (const name of plan.otherVolumes) {
    operation.report({ message: `Looking into ${name}` });
    const backup = await backUpUnknown(name, project, tools, place, operation);
    if (backup !== undefined) made.push(backup);
  }
  made.forEach(demandProof);
  return made;
}

async function backUpOne(
  { service: name, backup }: GuardedLoss,
  { database: databaseName }: GuardPlan,
  { keeper, backups }: CopyTools,
  { id, ...rest }: Project,
  place: Place,
  operation: Operation,
): Promise<Backup> {
  const { current } = keeper;
  const project = current.projects.find((each) => each.id === id) ?? { id, ...rest };
  const service = project.services.find((each) => each.name === name);
  if (service === undefined) throw new Failure('SERVICE_GONE', `The service ${name} is no longer there.`, 'Refresh, and look again.');
  if (backup !== 'dump') {
    return backups.backUpVolume({ project, service }, { mode: service.state === 'stopped' ? 'auto' : 'live', reason: 'safety', ...place }, operation);
  }
  const database = databaseTargets(current).find((each) => each.service.id === service.id && each.database.name === databaseName);
  if (database === undefined) throw new Failure('DATABASE_MISSING', `There is no database "${databaseName ?? ''}".`, 'Refresh, and look again.');
  return backups.backUp(database, { reason: 'safety', ...place }, operation);
}

/** A volume that no database is known in may hold one all the same, such as that of a service that was removed. */
async function backUpUnknown(name: string, { endpointId }: Project, tools: CopyTools, place: Place, operation: Operation): Promise<Backup | undefined> {
  const view = (await listAllVolumes(tools.keeper)).find((each) => each.name === name && each.endpointId === endpointId);
  if (view === undefined || view.users.some(({ running }) => running)) return undefined;
  const { clusters } = await lendVolume(tools.keeper, view, {}, operation, (lent) => readContent(lent, operation));
  return clusters.length === 0 ? undefined : exportVolume(view, { mode: 'auto', reason: 'safety', ...place }, tools, operation);
}

/** A backup for which something is destroyed must have been read, or booted. Throws `BACKUP_UNPROVEN`. */
export function demandProof({ file, manifest }: Backup): void {
  if (manifest?.verified === 'restored' || (manifest?.verified === 'read' && manifest.format !== 'volume')) return;
  throw new Failure(
    'BACKUP_UNPROVEN',
    `Nothing was removed: ${file} was made, but it could not be proven that it can be restored.`,
    'What is encrypted to recipients can only be proven with their key. Back up with a passphrase, or without encryption, for this.',
  );
}
