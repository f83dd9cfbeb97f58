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
  /** Other databases that have the same migrations. */
  readonly others: readonly { readonly name: string; readonly state: RevisionState }[];
  /** The migrations that the file is of, and its revision there. */
  readonly migration?: { readonly found: FoundMigrations; readonly revision: Revision };
}

/** The database of a file: the one whose migrations it is of, or the only one of the workspace. */
export function databaseOfFile(app: App, inventory: Inventory, facts: MigrationFacts | undefined, file: string): FileDatabase | undefined {
  const targets = databaseTargets(inventory);
  const near = targets.filter(({ project, service }) => project.inWorkspace && service.container !== undefined && service.problem === undefined);
  const [first, ...more] = (facts?.databases ?? []).flatMap(({ target, migrations }) => {
    const found = migrations.find((each) => holdsFile(each, file));
    const present = targets.find((each) => targetName(each) === targetName(target));
    return found === undefined || present === undefined ? [] : [{ present, found, state: revisionState(found, file) }];
  });
  if (first !== undefined) {
    const { present, found, state } = first;
    const revision = revisionIn(found, file);
    const migration = revision === undefined ? {} : { migration: { found, revision } };
    const isNamesake = (other: DatabaseTarget): boolean => [first, ...more].filter((each) => each.present.database.name === other.database.name).length > 1;
    const others = more.map((each) => ({ name: isNamesake(each.present) ? targetName(each.present) : each.present.database.name, state: each.state }));
    return { target: present, asked: askedDatabase(app.inventory, present), state, others, ...migration };
  }
  const [only, ...others] = near;
  return only === undefined || others.length > 0 ? undefined : { target: only, asked: askedDatabase(app.inventory, only), state: 'unknown', others: [] };
}
