import type { Backup } from '../../backup/catalogue';
import type { Schedule } from '../../backup/schedule/schedule';
import type { Revision } from '../../migrations/model';
import type { FoundMigrations, UnclearMigrations } from '../../migrations/survey';
import type { EndpointView, Inventory, Project, Service, SnapshotDatabase, UndoDatabase } from '../../inventory/model';
import type { TableFigures } from '../../protocol/statistics';
import { databaseTargets, type DatabaseTarget, type ServiceTarget } from '../../inventory/target';

/** What a row stands for and a command works on. */
export type Subject =
  | { readonly kind: 'project'; readonly project: Project }
  | { readonly kind: 'service'; readonly project: Project; readonly service: Service }
  | ({ readonly kind: 'database' } & DatabaseTarget)
  | ({ readonly kind: 'tables' } & DatabaseTarget)
  | ({ readonly kind: 'table'; readonly table: TableFigures } & DatabaseTarget)
  /** The database that the service was made for is not in the cluster. */
  | ({ readonly kind: 'missing database' } & ServiceTarget)
  | { readonly kind: 'undo'; readonly project: Project; readonly service: Service; readonly undo: UndoDatabase }
  | ({ readonly kind: 'snapshots' } & ServiceTarget)
  | { readonly kind: 'snapshot'; readonly project: Project; readonly service: Service; readonly snapshot: SnapshotDatabase }
  | { readonly kind: 'volume'; readonly project: Project; readonly service: Service }
  | { readonly kind: 'backups'; readonly project: Project }
  | { readonly kind: 'backup'; readonly project: Project; readonly backup: Backup }
  | { readonly kind: 'schedule'; readonly project: Project; readonly service: Service; readonly schedule: Schedule }
  | ({ readonly kind: 'migrations'; readonly found: FoundMigrations } & DatabaseTarget)
  | ({ readonly kind: 'migration'; readonly found: FoundMigrations; readonly revision: Revision } & DatabaseTarget)
  | ({ readonly kind: 'unclear migrations'; readonly unclear: UnclearMigrations } & DatabaseTarget)
  | { readonly kind: 'endpoint'; readonly endpoint: EndpointView };

/** The service that a subject is or belongs to. */
export function serviceOf(subject: Subject | undefined): Service | undefined {
  return subject !== undefined && 'service' in subject ? subject.service : undefined;
}

/** The same service as it is now; undefined when it is gone. Rows and dialogs may be older than the inventory. */
export function presentService(inventory: Inventory, service: Service): { readonly project: Project; readonly service: Service } | undefined {
  const all = inventory.projects.flatMap((project) => project.services.map((each) => ({ project, service: each })));
  const named = all.filter((each) => each.service.projectName === service.projectName && each.service.name === service.name);
  return named.find((each) => each.service.id === service.id) ?? named[0];
}

/** The database that a service was made for, where its cluster lacks it. */
export function missingDatabase(project: Project, service: Service): ServiceTarget | undefined {
  const { database } = service.postgres;
  if (service.state !== 'running' || service.problem !== undefined || service.databases.some(({ name }) => name === database)) return undefined;
  // The maintenance database is hidden while it is empty; it is not missing.
  return database === 'postgres' ? undefined : { project, service, databaseName: database };
}

/** All that can be restored into: the databases that are there, and those that should be. */
export function restoreTargets(inventory: Inventory): readonly ServiceTarget[] {
  const present = databaseTargets(inventory).map(({ project, service, database }) => ({ project, service, databaseName: database.name }));
  const missing = inventory.projects.flatMap((project) => project.services.flatMap((service) => missingDatabase(project, service) ?? []));
  return [...present, ...missing];
}
