import { runExec } from '../engine/exec';
import { packers } from '../backup/dumpScript';
import type { Content } from '../backup/content';
import { unreadable } from '../backup/verify';
import type { Operation } from '../operations/operation';
import { countRows, listFilledTables, type DatabaseProperties, type RowCounts } from '../postgres/catalogue';
import { connectionString } from '../postgres/connectionString';
import { identifier, literal } from '../postgres/quote';
import { withSession, type Session } from '../postgres/session';
import type { PostgresServer } from '../postgres/server';
import { connectionArguments, inContainer, toolEnvironment } from '../postgres/tools';
import { Failure } from '../protocol/failure';

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

export interface LoadRequest {
  readonly server: PostgresServer;
  readonly socketDirectory: string;
  /** In the container: a file, or the folder of a directory archive. */
  readonly archive: string;
  readonly content: Pick<Content, 'format' | 'packing'>;
  readonly database: string;
  readonly jobs: number;
  readonly applicationName: string;
  /** Leaves out indexes, constraints and triggers, which may speak of tables that are not there. */
  readonly withoutConstraints?: boolean;
}

// For this load only: a crash loses the scratch database anyway, and the commits of the swap flush what was written
// before. Indexes are built in parallel with one another, so none of them needs workers, which would want /dev/shm.
const loadSettings = '-c synchronous_commit=off -c maintenance_work_mem=128MB -c max_parallel_maintenance_workers=0';

// Each program's exit code counts: psql takes an input that breaks off for one that has ended.
const loadSql = (unpack: string): string => `
file=$1; shift
command -v ${unpack.split(' ')[0] ?? ''} >/dev/null || { echo "no ${unpack}" >&2; exit 127; }
{ ${unpack} < "$file" || echo "unpacking failed: could not read from input file" >&2; } | "$@"`;

/** Loads what lies in the container, stopping at the first error. Throws `RESTORE_FAILED` and more exact ones. */
export async function loadArchive(request: LoadRequest, operation: Operation): Promise<void> {
  const { server, archive, applicationName } = request;
  const argv = request.content.format === 'plain' ? psqlArguments(request) : restoreArguments(request);
  const { exitCode, stderr } = await runExec(
    server.engine,
    { container: server.container, argv: inContainer(server, argv), env: { ...toolEnvironment(applicationName), PGOPTIONS: loadSettings } },
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

function restoreArguments({ server, socketDirectory, archive, database, jobs, withoutConstraints }: LoadRequest): readonly string[] {
  const connection = [...connectionArguments(server, socketDirectory), `--dbname=${connectionString(database)}`];
  const sections = withoutConstraints === true ? ['--section=pre-data', '--section=data'] : [];
  return ['pg_restore', ...connection, '--exit-on-error', '--verbose', ...sections, `--jobs=${jobs}`, archive];
}

/** In one transaction, so that a script that breaks off leaves nothing. */
function psqlArguments({ server, socketDirectory, archive, database, content }: LoadRequest): readonly string[] {
  const connection = [...connectionArguments(server, socketDirectory), `--dbname=${connectionString(database)}`];
  const psql = ['psql', ...connection, '--no-psqlrc', '--quiet', '--set=ON_ERROR_STOP=1', '--single-transaction', '--output=/dev/null'];
  return ['sh', '-c', loadSql(packers[content.packing].unpack), 'sh', archive, ...psql];
}

function reportTables(text: string, operation: Operation): void {
  const table = /processing data for table "(.*)"/.exec(text)?.[1];
  if (table !== undefined) operation.report({ message: `Loading ${table}` });
  operation.log.debug(text.trimEnd());
}

function loadFailed(archive: string, stderr: string): Failure {
  const errors = stderr.split('\n').filter((line) => /error|fatal|detail/i.test(line));
  const said =
    errors
      .map((line) => line.replace(/^(?:pg_restore|psql:[^:]*:\d+): (error: )?/i, ''))
      .slice(0, 3)
      .join(' ') || stderr.slice(-300);
  const role = /role "(.+?)" does not exist/.exec(said)?.[1];
  if (role !== undefined) {
    return new Failure(
      'ROLE_MISSING',
      `The backup needs the role "${role}", which the server does not have.`,
      `Create it (CREATE ROLE ${identifier(role)}), then restore again.`,
    );
  }
  const extension = /extension "(.+?)" is not available|could not open extension control file ".*\/(.+?)\.control"/.exec(said);
  if (extension !== null) {
    const name = extension[1] ?? extension[2] ?? '';
    return new Failure(
      'EXTENSION_MISSING',
      `The backup needs the extension "${name}", which the image does not have.`,
      'Use the image that the backup was made with.',
    );
  }
  if (/No space left/i.test(said)) return new Failure('DISK_FULL', 'The disk that holds the database filled up.', 'Free space, then restore again.');
  // What the server says of its own files, such as "could not read block", tells nothing about the backup.
  const isOfServer = /\b(?:ERROR|FATAL|PANIC): /.test(said) && !/input file|unexpected end of file/i.test(said);
  if (!isOfServer && /unsupported version|compression|input file|unexpected end of file|could not read|corrupt/i.test(said)) return unreadable(archive, said);
  return new Failure('RESTORE_FAILED', `The backup cannot be loaded: ${said}`, 'The database is as it was. Mend what it says, then restore again.');
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
