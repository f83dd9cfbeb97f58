import { Failure } from '../../protocol/failure';

interface Explanation {
  readonly code: string;
  readonly pattern: RegExp;
  readonly message: (found: RegExpExecArray) => string;
  readonly remedy: string;
}

/** What tools and Postgres print when a migration fails, the most telling first. */
const explanations: readonly Explanation[] = [
  {
    code: 'MIGRATION_HEADS',
    pattern: /multiple heads? (?:revisions? )?(?:are|is) present|Multiple head revisions|Conflicting migrations detected/i,
    message: () => 'The migrations have several heads.',
    remedy: 'Merge them ("Merge heads"), look at the new revision, then upgrade.',
  },
  {
    code: 'MIGRATION_AMBIGUOUS',
    pattern: /Ambiguous walk/i,
    message: () => 'The way back crosses a merge, so that a count of steps is ambiguous.',
    remedy: 'Name the revision to go back to.',
  },
  {
    code: 'MIGRATION_UNKNOWN_REVISION',
    pattern: /Can't locate revision identified by '([^']+)'|No such revision or branch '([^']+)'/i,
    message: ([, first, second]) => `The files have no revision ${first ?? second ?? ''}, which the database is at or which was asked for.`,
    remedy: 'The database was probably migrated on another branch: check that branch out, or get its files.',
  },
  {
    code: 'MIGRATION_NOT_UP_TO_DATE',
    pattern: /Target database is not up to date/i,
    message: () => 'A new revision can be made only when the database is at the head.',
    remedy: 'Upgrade first, then make the revision.',
  },
  {
    code: 'MIGRATION_DIRTY',
    pattern: /Dirty database version (\d+)|P3009|failed migrations in the target database/i,
    message: ([, version]) => `An earlier migration${version === undefined ? '' : `, ${version},`} failed half way.`,
    remedy: 'Put right by hand what it left, and tell the tool so; or restore the last backup.',
  },
  {
    code: 'MIGRATION_DUPLICATE_KEY',
    pattern: /duplicate key value violates unique constraint "([^"]+)"|could not create unique index "([^"]+)"/i,
    message: ([, constraint, index]) => `Rows that are there already break the unique constraint ${constraint ?? index ?? ''}.`,
    remedy: 'Find the duplicates, put them right or remove them in the migration before the constraint is made, then upgrade again.',
  },
  {
    code: 'MIGRATION_NOT_NULL',
    pattern: /column "([^"]+)"(?: of relation "([^"]+)")? contains null values|null value in column "([^"]+)"/i,
    message: ([, column, table, other]) => `Column ${column ?? other ?? ''}${table === undefined ? '' : ` of ${table}`} has rows without a value.`,
    remedy: 'Give it a server default, or fill the rows in the migration before NOT NULL is set.',
  },
  {
    code: 'MIGRATION_LOCK_TIMEOUT',
    pattern: /canceling statement due to lock timeout|lock timeout|LockNotAvailable/i,
    message: () => 'Another session holds a table that the migration needs.',
    remedy: 'Wait until it ends, or stop the services that use the database, then try again.',
  },
  {
    code: 'MIGRATION_FOREIGN_KEY',
    pattern: /violates foreign key constraint "([^"]+)"/i,
    message: ([, constraint = '']) => `Rows that are there already break the foreign key ${constraint}.`,
    remedy: 'Find the rows whose counterpart is missing, put them right in the migration, then upgrade again.',
  },
  {
    code: 'MIGRATION_EXISTS',
    pattern: /(?:relation|column|type|table|index|constraint) "([^"]+)"(?: of relation "([^"]+)")? already exists/i,
    message: ([, name = '']) => `"${name}" is there already.`,
    remedy: 'It was probably made past the migrations. Compare the schemas; if it is what the migration makes, stamp the revision.',
  },
  {
    code: 'MIGRATION_MISSING_OBJECT',
    pattern: /(?:relation|column|type|table|index|constraint) "([^"]+)"(?: of relation "([^"]+)")? does not exist/i,
    message: ([, name = '']) => `"${name}" is not there, although the migration needs it.`,
    remedy: 'The order of the migrations, or the revision that the database is stamped with, is wrong. Compare the schemas before you go on.',
  },
  {
    code: 'MIGRATION_CONNECTION',
    pattern: /could not translate host name|Connection refused|connection to server .* failed|ECONNREFUSED|ENOTFOUND|password authentication failed/i,
    message: () => 'The tool could not reach its database.',
    remedy: "Check the connection in the tool's configuration: on the host, it has to use the published port.",
  },
];

/** What went wrong and what to do next, where a text tells of something that is known. */
export function explain(text: string): Failure | undefined {
  for (const { code, pattern, message, remedy } of explanations) {
    const found = pattern.exec(text);
    if (found !== null) return new Failure(code, message(found), remedy);
  }
  return undefined;
}

/** Why a tool failed and what to do next, from what it printed. `exitCode` is undefined when it could not be started. */
export function explainFailure(label: string, output: string, exitCode: number | undefined): Failure {
  const known = explain(output);
  if (known !== undefined) return known;
  const last = output.trim().split('\n').at(-1)?.trim() ?? '';
  const said = last === '' ? 'It said nothing.' : `It said: "${last.slice(0, 300)}".`;
  return new Failure(
    'MIGRATION_FAILED',
    `${label} ended with ${exitCode === undefined ? 'an error' : `code ${exitCode}`}. ${said}`,
    'Its whole output says more.',
  );
}
