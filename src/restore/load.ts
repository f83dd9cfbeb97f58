import { randomBytes } from 'node:crypto';
import { runExec } from '../engine/exec';
import type { Packing } from '../backup/recognise/recognised';
import type { Operation } from '../operations/operation';
import { countRows, listFilledTables, type DatabaseProperties, type RowCounts } from '../postgres/catalogue';
import { connectionString } from '../postgres/connectionString';
import { identifier, literal } from '../postgres/quote';
import { withSession, type Session } from '../postgres/session';
import type { PostgresServer } from '../postgres/server';
import { connectionArguments, inContainer, toolEnvironment } from '../postgres/tools';
import { Failure } from '../protocol/failure';
import type { DumpForm } from './dump/form';
import { filterEnvironment, filterSql, inOneLine, type DumpPart, type TableName } from './dump/sqlFilter';
import { needsUnpacker, unpackers } from './dump/unpacking';
import { loadFailed } from './loadFailure';

/** Creates an empty database with these properties. What `template0` has already is not said again. */
export async function createDatabase(session: Session, name: string, properties: DatabaseProperties): Promise<void> {
  const { owner, encoding, collate, ctype, provider, locale } = properties;
  const providers: Readonly<Record<string, string>> = { i: 'icu', b: 'builtin' };
  const localeOption = provider === 'i' ? 'ICU_LOCALE' : 'BUILTIN_LOCALE';
  const options = [
    'TEMPLATE template0',
    `OWNER ${identifier(owner)}`,
    `ENCODING ${literal(encoding)}`,
    ...(collate === '' ? [] : [`LC_COLLATE ${literal(collate)}`]),
    ...(ctype === '' ? [] : [`LC_CTYPE ${literal(ctype)}`]),
    ...(session.major >= 15 && providers[provider] !== undefined ? [`LOCALE_PROVIDER ${providers[provider]}`] : []),
    ...(locale === null ? [] : [`${localeOption} ${literal(locale)}`]),
  ];
  await session.execute(`CREATE DATABASE ${identifier(name)} ${options.join(' ')}`);
}

/** How a dump is loaded, apart from where it lies and where it goes. */
export interface LoadWishes {
  readonly part: DumpPart;
  /** Of a dump of several databases, the one that is wanted. */
  readonly segment?: string;
  /** Whether objects belong to who loads them, and nobody gets privileges. */
  readonly withoutOwners: boolean;
  /** Whether commands of psql in a script are run, in the container. */
  readonly allowMetaCommands: boolean;
  /** Of the part `rows`: the tables. */
  readonly tables?: readonly TableName[];
}

export const loadEverything: LoadWishes = { part: 'all', withoutOwners: false, allowMetaCommands: false };

export interface LoadRequest {
  readonly server: PostgresServer;
  readonly serverMajor: number;
  readonly socketDirectory: string;
  /** In the container: a file, or the folder of a directory archive. */
  readonly archive: string;
  readonly form: DumpForm;
  readonly wishes: LoadWishes;
  readonly database: string;
  readonly jobs: number;
  readonly applicationName: string;
}

// For this load only: a crash loses the scratch database anyway, and the commits of the swap flush what was written
// before. Indexes are built in parallel with one another, so none of them needs workers, which would want /dev/shm.
const loadSettings = '-c synchronous_commit=off -c maintenance_work_mem=128MB -c max_parallel_maintenance_workers=0';

// Each program's exit code counts: psql takes an input that breaks off for one that has ended. Where psql can, it is told to
// take no command of its own from what it reads, by a key that the script cannot know.
const loadSql = (packing: Packing): string => `
file=$1 filter=$2 key=$3; shift 3
${needsUnpacker(packing)}
{
  [ -n "$key" ] && psql --help=commands 2>/dev/null | grep -q '[\\]restrict' && printf '\\\\restrict %s\\n' "$key"
  { ${unpackers[packing]} < "$file" || echo "unpacking failed: could not read from input file" >&2; } |
    awk "$filter" || echo "unpacking failed: could not read from input file" >&2
} | "$@"`;

// The list of an archive names a table with its schema, then its owner.
const loadRows = `
archive=$1; shift
list=$(mktemp) || exit 1
trap 'rm -f "$list"' EXIT
pg_restore --list "$archive" | awk '
BEGIN { count = split(ENVIRON["CDB_TABLES"], wanted, "\\n") }
{ entry = $0; sub(/^[0-9]+; [0-9]+ [0-9]+ /, "", entry) }
entry ~ /^TABLE DATA / { for (i = 1; i <= count; i++) if (index(entry, "TABLE DATA " wanted[i] " ") == 1) { print; break } }' > "$list"
[ -s "$list" ] || exit 0
"$@" --use-list="$list" "$archive"`;

/** Loads what lies in the container, stopping at the first error. Throws `RESTORE_FAILED` and more exact ones. */
export async function loadArchive(request: LoadRequest, operation: Operation): Promise<void> {
  const { server, archive, applicationName, form, wishes, serverMajor } = request;
  const argv = form.kind === 'sql' ? psqlArguments(request) : restoreArguments(request);
  const env = { ...toolEnvironment(applicationName), ...partEnvironment(form, wishes, serverMajor), PGOPTIONS: loadSettings };
  const { exitCode, stderr } = await runExec(
    server.engine,
    { container: server.container, argv: inContainer(server, argv), env },
    { signal: operation.signal, onError: (bytes) => reportTables(bytes.toString('utf8'), operation) },
  );
  if (exitCode === 127) {
    throw new Failure(
      'TOOL_MISSING',
      `The container has no program to load the backup with (${stderr.trim()}).`,
      'Use the image that the backup was made with.',
    );
  }
  if (exitCode !== 0 || /unpacking failed/.test(stderr)) throw loadFailed(archive, stderr);
}

function partEnvironment(form: DumpForm, wishes: LoadWishes, serverMajor: number): Readonly<Record<string, string>> {
  if (form.kind === 'sql') return filterEnvironment({ ...wishes, serverMajor });
  return wishes.tables === undefined ? {} : { CDB_TABLES: inOneLine(wishes.tables.map(({ schema, name }) => `${schema} ${name}`)) };
}

const archiveParts: Readonly<Record<DumpPart, readonly string[]>> = {
  all: [],
  schema: ['--schema-only'],
  structure: ['--section=pre-data'],
  rows: ['--section=data'],
};

function restoreArguments({ server, socketDirectory, archive, database, jobs, wishes }: LoadRequest): readonly string[] {
  const connection = [...connectionArguments(server, socketDirectory), `--dbname=${connectionString(database)}`];
  const owners = wishes.withoutOwners ? ['--no-owner', '--no-privileges'] : [];
  const program = ['pg_restore', ...connection, '--exit-on-error', '--verbose', ...owners, ...archiveParts[wishes.part], `--jobs=${jobs}`];
  return wishes.part === 'rows' && wishes.tables !== undefined ? ['sh', '-c', loadRows, 'sh', archive, ...program] : [...program, archive];
}

/** In one transaction, so that a script that breaks off leaves nothing. */
function psqlArguments({ server, socketDirectory, archive, database, form, wishes }: LoadRequest): readonly string[] {
  const connection = [...connectionArguments(server, socketDirectory), `--dbname=${connectionString(database)}`];
  const psql = ['psql', ...connection, '--no-psqlrc', '--quiet', '--set=ON_ERROR_STOP=1', '--single-transaction', '--output=/dev/null'];
  const key = wishes.allowMetaCommands ? '' : randomBytes(16).toString('hex');
  return ['sh', '-c', loadSql(form.packing), 'sh', archive, filterSql, key, ...psql];
}

function reportTables(text: string, operation: Operation): void {
  const table = /processing data for table "(.*)"/.exec(text)?.[1];
  if (table !== undefined) operation.report({ message: `Loading ${table}` });
  operation.log.debug(text.trimEnd());
}

/**
 * Counts what was loaded and compares it with what the backup holds. Throws `ROWS_DIFFER`.
 * Tables that the backup did not count are counted but not compared.
 */
export async function compareRows(server: PostgresServer, database: string, expected: RowCounts | undefined, signal: AbortSignal): Promise<RowCounts> {
  const counts = await withSession(server, database, { signal }, async (session) => countRows(session, await listFilledTables(session)));
  const different = Object.entries(expected ?? {}).filter(([table, rows]) => counts[table] !== rows);
  if (different.length === 0) return counts;
  const list = different.slice(0, 5).map(([table, rows]) => `${table}: ${counts[table] ?? 'no such table'} instead of ${rows}`);
  throw new Failure(
    'ROWS_DIFFER',
    `The restored copy does not hold the rows that the backup had (${list.join('; ')}).`,
    'The database is as it was. Use another backup.',
  );
}
