import { lastVerifiedBackup } from '../backup/lastVerified';
import { findDatabase, targetName, type DatabaseTarget } from '../inventory/target';
import { askedDatabase } from '../lint/live/asked';
import { FactKeeper } from '../lint/live/keeper';
import { withFacts } from '../lint/live/withFacts';
import { located, type FileResult, type LocatedFinding } from '../lint/run';
import { revisionState } from '../migrations/revisionState';
import type { FoundMigrations } from '../migrations/survey';
import { asFailure } from '../protocol/failure';
import type { CommandContext } from './command';

/** Migrations as a database sees them. */
export interface SeenByTarget {
  readonly target: string;
  /** What is to be said of those that it does not have yet, with its facts. */
  readonly findings: readonly LocatedFinding[];
  /** How many it has already: of those there is nothing to warn. */
  readonly applied: number;
}

export interface LookedAt {
  readonly results: readonly FileResult[];
  /** What was found in all of them together. */
  readonly together: readonly LocatedFinding[];
  readonly walked: readonly string[];
}

/** Asks the database that `--target` names. Throws where it cannot be found or asked. */
export async function seenByTarget(context: CommandContext, name: string, { results, together, walked }: LookedAt): Promise<SeenByTarget> {
  const { app, signal } = context;
  const target = findDatabase(app.inventory.current, name);
  const found = await migrationsOf(context, target, walked);
  const pending = results.filter(({ file }) => !found.some((each) => revisionState(each, file) === 'applied'));
  const surroundings = { lastBackup: await lastVerifiedBackup(app.backups, target), now: new Date() };
  const findings = await withFacts([...located(pending), ...together], async (questions) => ({
    database: target.database.name,
    ...(await new FactKeeper().ask(askedDatabase(app.inventory, target), questions, surroundings, signal)),
  }));
  return { target: targetName(target), findings, applied: results.length - pending.length };
}

async function migrationsOf({ app, signal, terminal }: CommandContext, target: DatabaseTarget, walked: readonly string[]): Promise<readonly FoundMigrations[]> {
  try {
    return (await app.migrations.of(target, { folders: [process.cwd(), ...walked], signal })).migrations;
  } catch (error) {
    const { code, message } = asFailure(error);
    // Files that no table tells of are all taken for pending.
    if (code !== 'MIGRATIONS_MISSING' && code !== 'MIGRATIONS_UNCLEAR') throw error;
    terminal.logger().info(`What is applied is not known: ${message}`);
    return [];
  }
}
