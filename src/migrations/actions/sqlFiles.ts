import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Operation } from '../../operations/operation';
import { identifier, literal, qualified } from '../../postgres/quote';
import type { PostgresServer } from '../../postgres/server';
import { withSession, type Session } from '../../postgres/session';
import { firstForPsql, splitStatements } from '../../postgres/sqlScript';
import { asFailure, Failure } from '../../protocol/failure';
import type { MigrationStatus, Revision, VersionTable } from '../model';
import { hasOwn, needsNone } from '../sqlTransactions';
import { listVersionTables, readVersionRows, tableText } from '../versionTables';
import { pendingUpTo, type Distance } from './action';
import type { ToolRun } from './runTool';
import { notesFor, type NoteColumn, type VersionNote } from './versionNote';

/** Files of SQL that no tool applies, and where they are noted. */
export interface FilesPlace {
  readonly kind: 'server';
  readonly table: Pick<VersionTable, 'schema' | 'name'>;
  readonly files: readonly { readonly file: string; readonly text: string; readonly note: VersionNote }[];
}

export interface FilesRequest {
  readonly server: PostgresServer;
  readonly database: string;
  /** The folder that the files' names begin at. */
  readonly base: string;
  readonly status: MigrationStatus;
  readonly to: Distance;
}

/**
 * Reads the pending files, and how the project notes them. Throws `VERSION_TABLE_MISSING`, `VERSION_NOTE_UNKNOWN`,
 * `REVISION_NOT_PENDING`, `SQL_FOR_PSQL`, and what a session and reading a file throw.
 */
export async function planFiles({ server, database, base, status, to }: FilesRequest, { signal }: Operation): Promise<FilesPlace> {
  const wanted = pendingUpTo(status, to).flatMap((id) => status.revisions.find((revision) => revision.id === id) ?? []);
  if (to.kind === 'revision' && wanted.length === 0) {
    throw new Failure('REVISION_NOT_PENDING', `"${to.revision}" is none of the pending migrations.`, 'Write the revision as the history has it.');
  }
  const { table, notes } = await withSession(server, database, { signal }, (session) => readNotes(session, status, wanted));
  const files = wanted.map(async ({ file }, index) => {
    const text = await readFile(path.join(base, file), 'utf8');
    const line = firstForPsql(text);
    if (line !== undefined) {
      throw new Failure('SQL_FOR_PSQL', `${file} has something on line ${line} that only psql understands.`, 'Apply it with psql, as the project does it.');
    }
    return { file, text, note: notes[index] ?? {} };
  });
  return { kind: 'server', table, files: await Promise.all(files) };
}

async function readNotes(
  session: Session,
  { table: wantedTable, revisions }: MigrationStatus,
  wanted: readonly Revision[],
): Promise<{ readonly table: VersionTable; readonly notes: readonly VersionNote[] }> {
  const table = (await listVersionTables(session)).find((each) => tableText(each) === wantedTable);
  if (table === undefined) {
    throw new Failure(
      'VERSION_TABLE_MISSING',
      'The database has no table in which applied files are noted.',
      'Apply the first file as the project does it; the next ones can then be noted in the same way.',
    );
  }
  const columns = await session.query<NoteColumn>(
    `SELECT a.attname::text AS name, t.typcategory = 'S' AS "isText", a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AS "isNeeded"
       FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
      WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum`,
    [qualified(table.schema, table.name)],
  );
  const rows = await readVersionRows(session, table, table.columns);
  return { table, notes: notesFor(wanted, revisions, rows, columns) };
}

/** Applies files in their order, each in one transaction with its note where it can be; what fails ends it, as a tool would. */
export async function applyFiles(
  server: PostgresServer,
  database: string,
  { table, files }: FilesPlace,
  onOutput: (text: string) => void,
  { signal }: Operation,
): Promise<ToolRun> {
  let output = '';
  const say = (text: string): void => {
    output += text;
    onOutput(text);
  };
  try {
    for (const { file, text, note } of files) {
      say(`${file}\n`);
      await withSession(server, database, { signal, statementTimeout: 0 }, async (session) => {
        session.onNotice((severity, message) => say(`${severity}: ${message}\n`));
        await applyFile(session, file, text, noteStatement(table, note));
      });
    }
    return { exitCode: 0, output, stdout: output };
  } catch (error) {
    if (signal.aborted) throw error;
    say(`${asFailure(error).message}\n`);
    return { exitCode: 1, output, stdout: output };
  }
}

/** A file that has transactions of its own, or what cannot be in one, is sent as it stands, and noted when all of it is done. */
async function applyFile(session: Session, file: string, text: string, note: string): Promise<void> {
  if (!hasOwn(text) && !needsNone(text)) return void (await session.run(`BEGIN;\n${text.trimEnd()}\n;\n${note};\nCOMMIT`));
  for (const statement of splitStatements(text) ?? [text]) await session.run(statement);
  // A transaction that began earlier than this statement is one that the file has left open.
  const [state] = await session.query<{ open: boolean }>('SELECT now() < statement_timestamp() AS open');
  if (state?.open === true) {
    throw new Failure('TRANSACTION_OPEN', `${file} begins a transaction and does not end it, so that nothing of it would stay.`, 'End it with COMMIT.');
  }
  await session.run(note);
}

function noteStatement({ schema, name }: FilesPlace['table'], note: VersionNote): string {
  return `INSERT INTO ${qualified(schema, name)} (${Object.keys(note).map(identifier).join(', ')}) VALUES (${Object.values(note).map(literal).join(', ')})`;
}

/** The files as a person would say them. */
export function filesText({ files }: FilesPlace): string {
  const names = files.map(({ file }) => path.posix.basename(file));
  return names.length > 3 ? `${names.length} files, ${names[0]} to ${names.at(-1)}` : names.join(', ') || 'no file';
}
