import path from 'node:path';
import type { Project } from '../inventory/model';
import type { DatabaseTarget } from '../inventory/target';
import { connectionString } from '../postgres/connectionString';
import { connectionArguments, type ToolFacts } from '../postgres/tools';
import type { PostgresServer } from '../postgres/server';
import { Failure } from '../protocol/failure';
import { backupFileName } from './fileName';

/** What a backup will do, decided before anything is done. */
export interface BackupPlan {
  readonly folder: string;
  readonly fileName: string;
  /** `pg_dump` and its arguments, complete but for the snapshot. */
  readonly dumpArguments: readonly string[];
  /** Bytes that the folder must have free, at the least. */
  readonly needsBytes: number;
}

/** What the host knows that a plan depends on. */
export interface BackupCircumstances {
  readonly now: Date;
  readonly tools: ToolFacts;
  readonly socketDirectory: string;
  readonly freeBytes: number | undefined;
  /** Of the last backup of the same database; the best guess at the size of the next. */
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

/** Decides how to back a database up. Throws `DISK_FULL` when it surely does not fit. */
export function planBackup(target: DatabaseTarget, server: PostgresServer, folder: string, facts: BackupCircumstances): BackupPlan {
  const { database, project } = target;
  // A dump is about a tenth of its database; half of that is the least that is plausible.
  const needsBytes = facts.lastSizeBytes ?? Math.round(database.sizeBytes / 20);
  if (facts.freeBytes !== undefined && facts.freeBytes < needsBytes) {
    throw new Failure(
      'DISK_FULL',
      `${folder} has too little space for a backup of about ${Math.ceil(needsBytes / 1e6)} MB.`,
      'Free space, or choose another backup folder, then try again.',
    );
  }
  const dumpArguments = [
    'pg_dump',
    ...connectionArguments(server, facts.socketDirectory),
    '--verbose',
    '--format=custom',
    `--compress=${facts.tools.compression}`,
    `--lock-wait-timeout=${lockTimeout}`,
    `--dbname=${connectionString(database.name)}`,
  ];
  return { folder, fileName: backupFileName(project.name, database.name, facts.now, facts.taken), dumpArguments, needsBytes };
}
