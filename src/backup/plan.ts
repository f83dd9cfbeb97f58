import path from 'node:path';
import type { Project } from '../inventory/model';
import type { DatabaseTarget } from '../inventory/target';
import { connectionString } from '../postgres/connectionString';
import { containerFilePrefix } from '../operations/containerFiles';
import { connectionArguments, type ToolFacts } from '../postgres/tools';
import type { PostgresServer } from '../postgres/server';
import { Failure } from '../protocol/failure';
import { backupFileName } from './fileName';
import { chooseShape, type DumpShape } from './format';
import type { BackupOptions } from './options';
import type { Preflight } from './preflight';

/** What a backup will do, decided before anything is done. */
export interface BackupPlan {
  readonly folder: string;
  readonly fileName: string;
  readonly shape: DumpShape;
  /** Where the directory format is gathered in the container. */
  readonly workFolder?: string;
  /** `pg_dump` and its arguments, complete but for the snapshot. */
  readonly dumpArguments: readonly string[];
  /** Bytes that the folder must have free, at the least. */
  readonly needsBytes: number;
}

/** What the host and the server know that a plan depends on. */
export interface BackupCircumstances {
  readonly id: string;
  readonly now: Date;
  readonly encrypted: boolean;
  readonly tools: ToolFacts;
  readonly preflight: Preflight;
  readonly freeBytes: number | undefined;
  /** Of the last backup of the same database in the same scope; the best guess at the size of the next. */
  readonly lastSizeBytes: number | undefined;
  readonly taken: (fileName: string) => boolean;
}

/** Milliseconds that `pg_dump` waits for a table that is locked exclusively. */
const lockTimeout = 60_000;

/**
 * Where backups of a project go: the wish, else the setting, else `backups` in the project's folder, else a folder
 * of that name in `fallback`. A relative setting is taken from the project's folder.
 */
export function backupFolder(project: Project, wished: string | undefined, setting: string, fallback: string): string {
  // A folder of Windows is none inside WSL, and the other way round.
  const isHere = project.folder !== undefined && path.isAbsolute(project.folder);
  const base = isHere ? project.folder : path.join(fallback, project.name.replace(/[/\\:]+/g, '-'));
  if (wished !== undefined && wished !== '') return path.resolve(wished);
  return path.resolve(base, setting === '' ? 'backups' : setting);
}

/** Decides how to back a database up. Throws `DISK_FULL` when it surely does not fit, and what `chooseShape` throws. */
export function planBackup(target: DatabaseTarget, server: PostgresServer, folder: string, options: BackupOptions, facts: BackupCircumstances): BackupPlan {
  const { database, project } = target;
  const { tools, lastSizeBytes, freeBytes, preflight, now } = facts;
  if (options.scope === 'tables' && options.tables.length === 0) {
    throw new Failure('TABLES_MISSING', 'No table was chosen.', 'Choose at least one table, or back up the whole database.');
  }
  const shape = chooseShape(options, { tools, databaseSizeBytes: database.sizeBytes, lastSizeBytes, connectionsLeft: preflight.connectionsLeft });
  // A dump is about a tenth of its database; half of that is the least that is plausible.
  const needsBytes = lastSizeBytes ?? (options.scope === 'full' || options.scope === 'data' ? Math.round(database.sizeBytes / 20) : 0);
  if (freeBytes !== undefined && freeBytes < needsBytes) {
    throw new Failure(
      'DISK_FULL',
      `${folder} has too little space for a backup of about ${Math.ceil(needsBytes / 1e6)} MB.`,
      'Free space, or choose another backup folder, then try again.',
    );
  }
  const part = partOf(options);
  const name = {
    project: project.name,
    database: database.name,
    time: now,
    ...(part === undefined ? {} : { part }),
    extension: `${shape.extension}${facts.encrypted ? '.age' : ''}`,
  };
  return {
    folder,
    fileName: backupFileName(name, facts.taken),
    shape,
    ...(shape.format === 'directory' ? { workFolder: `${tools.room?.folder ?? '/tmp'}/${containerFilePrefix}${facts.id}` } : {}),
    dumpArguments: [
      'pg_dump',
      ...connectionArguments(server, preflight.socketDirectory),
      ...dumpOptions(shape, options),
      `--dbname=${connectionString(database.name)}`,
    ],
    needsBytes,
  };
}

function dumpOptions(shape: DumpShape, { scope, tables }: BackupOptions): readonly string[] {
  return [
    '--verbose',
    `--format=${shape.format}`,
    ...(shape.format === 'plain' ? [] : [`--compress=${shape.compression}`]),
    ...(shape.format === 'directory' ? [`--jobs=${shape.jobs}`] : []),
    ...(scope === 'schema' ? ['--schema-only'] : []),
    ...(scope === 'data' ? ['--data-only'] : []),
    ...(scope === 'tables' ? ['--strict-names', ...tables.map((table) => `--table=${table}`)] : []),
    `--lock-wait-timeout=${lockTimeout}`,
  ];
}

/** What a file name says of the scope: `schema`, `data`, the table, or how many there are. */
function partOf({ scope, tables }: BackupOptions): string | undefined {
  if (scope === 'full') return undefined;
  if (scope !== 'tables') return scope;
  const [first = ''] = tables;
  if (tables.length !== 1) return `${tables.length}-tables`;
  // Without dots: with those of "auth.roles" or "a.json", it would have the name of what lies beside a backup.
  return first
    .replace(/"/g, '')
    .replace(/^public\./, '')
    .replaceAll('.', '-');
}
