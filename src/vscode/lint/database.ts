import type { App } from '../../app';
import type { Inventory } from '../../inventory/model';
import { databaseTargets, targetName, type DatabaseTarget } from '../../inventory/target';
import { askedDatabase } from '../../lint/live/asked';
import type { AskedDatabase } from '../../lint/live/keeper';
import type { Revision } from '../../migrations/model';
import { holdsFile, revisionIn, revisionState, type RevisionState } from '../../migrations/revisionState';
import type { FoundMigrations } from '../../migrations/survey';
import type { MigrationFacts } from '../present/migrationNodes';

/** The database that a migration is for, and what of it is known there. */
export interface FileDatabase {
  readonly target: DatabaseTarget;
  readonly asked: AskedDatabase;
  readonly state: RevisionState;
  /** The migrations that the file is of, and its revision there. */
  readonly migration?: { readonly found: FoundMigrations; readonly revision: Revision };
}

/** The database of a file: the one whose migrations it is of, or the only one of the workspace. */
export function databaseOfFile(app: App, inventory: Inventory, facts: MigrationFacts | undefined, file: string): FileDatabase | undefined {
  const targets = databaseTargets(inventory);
  const near = targets.filter(({ project, service }) => project.inWorkspace && service.container !== undefined && service.problem === undefined);
  for (const { target, migrations } of facts?.databases ?? []) {
    const found = migrations.find((each) => holdsFile(each, file));
    const present = targets.find((each) => targetName(each) === targetName(target));
    if (found === undefined || present === undefined) continue;
    const revision = revisionIn(found, file);
    const migration = revision === undefined ? {} : { migration: { found, revision } };
    return { target: present, asked: askedDatabase(app.inventory, present), state: revisionState(found, file), ...migration };
  }
  const [only, ...others] = near;
  return only === undefined || others.length > 0 ? undefined : { target: only, asked: askedDatabase(app.inventory, only), state: 'unknown' };
}
