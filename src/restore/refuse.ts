import { isOwnDatabase } from '../inventory/undoName';
import { identifier } from '../postgres/quote';
import { Failure } from '../protocol/failure';
import type { DumpSegment } from './dump/summary';
import type { RestoreFacts, RestoreSource } from './facts';

/**
 * Throws when a restore cannot work: `MANIFEST_NEWER`, `BACKUP_NEWER`, `BACKUP_PARTIAL`, `DATABASE_RESERVED`, `DISK_FULL`,
 * `ROLE_MISSING`, `EXTENSION_MISSING`, `META_COMMANDS`.
 */
export function refuseWhatCannotWork(facts: RestoreFacts, segment: DumpSegment | undefined): void {
  refuseSource(facts);
  refuseName(facts);
  refuseSpace(facts);
  if (segment === undefined) return;
  refuseExtensions(facts, segment);
  refuseCommands(facts, segment);
  const missing = missingRoles(facts, segment);
  if (missing.length === 0 || facts.wishes.withoutOwners === true) return;
  const [first = ''] = missing;
  throw new Failure(
    'ROLE_MISSING',
    `The backup needs ${missing.length === 1 ? 'the role' : 'the roles'} ${quotedList(missing)}, which the server does not have.`,
    `Create ${missing.length === 1 ? 'it' : 'them'} (CREATE ROLE ${identifier(first)}), or let everything belong to the database's owner (--no-owner).`,
  );
}

/** Roles that a dump names and the server lacks. */
export function missingRoles({ roles }: Pick<RestoreFacts, 'roles'>, segment: DumpSegment | undefined): readonly string[] {
  return (segment?.roles ?? []).filter((role) => !roles.includes(role) && !/^pg_/.test(role));
}

function refuseSource({ source, dump, serverMajor }: RestoreFacts): void {
  if (source.kind === 'backup') {
    const { problem, manifest, file } = source.backup;
    if (problem?.code === 'MANIFEST_NEWER') throw problem; // what is not understood is not guessed at
    if (manifest?.format === 'volume') {
      throw new Failure('BACKUP_PARTIAL', `${file} is a copy of a whole data directory, not a dump of a database.`, 'Restore it as the volume of a service.');
    }
  }
  // A script of newer programs may still be one for this server; that of a newer server is not.
  const { form, origin } = dump;
  const major = form.kind === 'sql' ? (origin.serverMajor ?? origin.toolMajor) : origin.toolMajor;
  if (major !== undefined && major > serverMajor) {
    throw new Failure(
      'BACKUP_NEWER',
      `The backup was made by Postgres ${major}; the service runs ${serverMajor}, which cannot read it.`,
      `Restore it into a service with Postgres ${major} or newer.`,
    );
  }
}

function refuseName({ database }: RestoreFacts): void {
  const reserved = database === 'template0' || database === 'template1' || isOwnDatabase(database);
  if (!reserved && database !== '' && Buffer.byteLength(database) <= 63) return;
  throw new Failure('DATABASE_RESERVED', `"${database}" cannot be the name of a restored database.`, 'Choose another name, of at most 63 bytes.');
}

function refuseSpace({ source, freeBytes, wishes }: RestoreFacts): void {
  if (wishes.scope === 'schema') return; // definitions are small, whatever they are of
  const needed = source.kind === 'database' ? sizeOf(source, wishes.tables ?? []) : (source.backup.manifest?.databaseSizeBytes ?? source.backup.sizeBytes);
  if (freeBytes === undefined || freeBytes >= needed * 1.1) return;
  throw new Failure(
    'DISK_FULL',
    `The restored copy needs about ${megabytes(needed)} beside the present database, but only ${megabytes(freeBytes)} are free.`,
    'Free space on the disk that holds the volume, then try again.',
  );
}

/** Of the chosen tables, where only their rows are copied. */
function sizeOf({ sizeBytes, tables }: Extract<RestoreSource, { readonly kind: 'database' }>, wished: readonly string[]): number {
  if (tables === undefined || wished.length === 0) return sizeBytes;
  const chosen = tables.filter(({ name, schema, table }) => [name, table, `${schema}.${table}`].some((each) => wished.includes(each)));
  return chosen.reduce((sum, table) => sum + table.sizeBytes, 0);
}

function refuseExtensions({ extensions }: RestoreFacts, segment: DumpSegment): void {
  const missing = segment.extensions.filter((extension) => !extensions.includes(extension));
  if (missing.length === 0) return;
  throw new Failure(
    'EXTENSION_MISSING',
    `The backup needs ${missing.length === 1 ? 'the extension' : 'the extensions'} ${quotedList(missing)}, which the image does not have.`,
    'Restore it into a service of the image that it was made with.',
  );
}

/** Where psql cannot be told to take no commands, those within lines are looked for as well, rather once too often. */
function refuseCommands({ wishes, dump }: RestoreFacts, segment: DumpSegment): void {
  const found = [...segment.metaCommands, ...(dump.restricts ? [] : segment.innerCommands)];
  if (found.length === 0 || dump.form.kind !== 'sql' || wishes.allowMetaCommands === true) return;
  throw new Failure(
    'META_COMMANDS',
    `The script has commands of psql, which pg_dump does not write: ${found.slice(0, 3).map(shortened).join('; ')}.`,
    'Look at what they do; to have them run in the container, allow them (--allow-meta-commands).',
  );
}

function quotedList(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`;
}
