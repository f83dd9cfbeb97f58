import path from 'node:path';
import type { App } from '../../app';
import type { Inventory } from '../../inventory/model';
import { databaseTargets, targetName, type DatabaseTarget } from '../../inventory/target';
import type { AskedDatabase } from '../../lint/live/keeper';
import type { FoundMigrations } from '../../migrations/survey';
import type { MigrationFacts } from '../present/migrationNodes';

/** Whether a database has a migration; unknown where its version table does not say. */
export type RevisionState = 'applied' | 'pending' | 'unknown';

/** The database that a migration is for, and what of it is known there. */
export interface FileDatabase {
  readonly target: DatabaseTarget;
  readonly asked: AskedDatabase;
  readonly state: RevisionState;
}

/** The database of a file: the one whose migrations it is of, or the only one of the workspace. */
export function databaseOfFile(app: App, inventory: Inventory, facts: MigrationFacts | undefined, file: string): FileDatabase | undefined {
  const targets = databaseTargets(inventory);
  const near = targets.filter(({ project, service }) => project.inWorkspace && service.container !== undefined && service.problem === undefined);
  for (const { target, migrations } of facts?.databases ?? []) {
    const found = migrations.find((each) => holds(each, file));
    const present = targets.find((each) => targetName(each) === targetName(target));
    if (found !== undefined && present !== undefined) return { target: present, asked: askedDatabase(app, present), state: stateOf(found, file) };
  }
  const [only, ...others] = near;
  return only === undefined || others.length > 0 ? undefined : { target: only, asked: askedDatabase(app, only), state: 'unknown' };
}

/** Whether a file lies where migrations do, be it one of them yet or not. */
function holds({ source }: FoundMigrations, file: string): boolean {
  return source !== undefined && source.facts.locations.includes(path.dirname(file));
}

function stateOf({ source, status }: FoundMigrations, file: string): RevisionState {
  const revision = status.revisions.find((each) => each.file !== '' && path.join(source?.base ?? '', each.file) === file);
  if (revision === undefined) return 'unknown';
  if (status.applied.includes(revision.id)) return 'applied';
  // Rows that no file knows belong to another branch: then nothing more is certain.
  return status.unknown.length === 0 && status.pending.includes(revision.id) ? 'pending' : 'unknown';
}

function askedDatabase({ inventory }: App, { service, database }: DatabaseTarget): AskedDatabase {
  const key = `${service.id} ${service.container?.id ?? ''} ${service.container?.startedAt ?? ''} ${database.name}`;
  return { key, server: inventory.serverOf(service), database: database.name };
}
