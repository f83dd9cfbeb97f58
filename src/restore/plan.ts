import type { Backup } from '../backup/catalogue';
import { isOwnDatabase, scratchPrefix, undoPrefix } from '../inventory/undoName';
import type { DatabaseProperties, RowCounts } from '../postgres/catalogue';
import { portableSurroundings, type Surroundings } from '../postgres/surroundings';
import { Failure } from '../protocol/failure';
import type { DependentService } from '../operations/dependents';

/** What a restore depends on, gathered before anything is decided. */
export interface RestoreFacts {
  readonly id: string;
  readonly now: Date;
  readonly backup: Backup;
  readonly project: string;
  readonly service: string;
  readonly database: string;
  /** Absent when the database does not exist. */
  readonly present?: { readonly properties: DatabaseProperties; readonly sizeBytes: number; readonly comment: string | null };
  readonly serverMajor: number;
  readonly serverUser: string;
  readonly roles: readonly string[];
  readonly processors: number;
  /** Bytes free where the cluster lies; undefined where that cannot be told. */
  readonly freeBytes: number | undefined;
  readonly dependents: readonly DependentService[];
  readonly skipSafetyBackup: boolean;
}

export type RestoreStep =
  | { readonly kind: 'check file'; readonly file: string }
  | { readonly kind: 'safety backup'; readonly database: string }
  | { readonly kind: 'load'; readonly database: string; readonly properties: DatabaseProperties; readonly jobs: number }
  | { readonly kind: 'compare rows'; readonly rows: RowCounts }
  | { readonly kind: 'stop'; readonly services: readonly string[] }
  | { readonly kind: 'swap'; readonly database: string; readonly replacement: string; readonly undo: string | undefined }
  | { readonly kind: 'start'; readonly services: readonly string[] };

/** What a restore will do, as data: shown in the confirmation, printed by `--dry-run`, carried out step by step. */
export interface RestorePlan {
  readonly id: string;
  readonly project: string;
  readonly service: string;
  readonly database: string;
  readonly backup: Backup;
  readonly scratch: string;
  /** Absent when there is no database to keep. */
  readonly undo?: string;
  readonly replacedAt: Date;
  readonly expiresAt: Date;
  readonly comment: string | null;
  /** Of a database that is made anew: what the backup says of its grants and settings. */
  readonly surroundings?: Surroundings;
  readonly properties: DatabaseProperties;
  readonly jobs: number;
  /** Dependents that run, in the order in which they start. */
  readonly dependents: readonly string[];
  readonly steps: readonly RestoreStep[];
}

/** Milliseconds for which the replaced database is kept. */
export const undoLifetime = 24 * 60 * 60 * 1000;

/** Decides how to restore. Throws `BACKUP_NEWER`, `BACKUP_PARTIAL`, `MANIFEST_NEWER`, `DISK_FULL` or `DATABASE_RESERVED` before anything is touched. */
export function planRestore(facts: RestoreFacts): RestorePlan {
  refuseWhatCannotWork(facts);
  const { id, now, backup, present, database, processors } = facts;
  const key = id.slice(0, 8);
  const scratch = `${scratchPrefix}${key}`;
  const undo = present === undefined ? undefined : `${undoPrefix}${key}`;
  const properties = present?.properties ?? propertiesFor(facts);
  const dependents = facts.dependents.filter(({ running }) => running).map(({ service }) => service);
  const jobs = Math.min(Math.max(processors, 1), 8);
  const steps: readonly RestoreStep[] = [
    { kind: 'check file', file: backup.file },
    ...(present === undefined || facts.skipSafetyBackup ? [] : [{ kind: 'safety backup', database } as const]),
    { kind: 'load', database: scratch, properties, jobs },
    ...(backup.manifest === undefined ? [] : [{ kind: 'compare rows', rows: backup.manifest.rows } as const]),
    ...(dependents.length === 0 ? [] : [{ kind: 'stop', services: dependents } as const]),
    { kind: 'swap', database, replacement: scratch, undo },
    ...(dependents.length === 0 ? [] : [{ kind: 'start', services: dependents } as const]),
  ];
  return {
    id,
    project: facts.project,
    service: facts.service,
    database,
    backup,
    scratch,
    ...(undo === undefined ? {} : { undo }),
    replacedAt: now,
    expiresAt: new Date(now.getTime() + undoLifetime),
    ...outside(facts),
    properties,
    jobs,
    dependents,
    steps,
  };
}

/** What is to be said of the database: as of the present one, else as the backup has it, for roles that this server has. */
function outside({ present, backup, roles }: RestoreFacts): Pick<RestorePlan, 'comment' | 'surroundings'> {
  if (present !== undefined) return { comment: present.comment };
  const kept = backup.manifest?.surroundings;
  return kept === undefined ? { comment: null } : { comment: kept.comment, surroundings: portableSurroundings(kept, roles) };
}

function refuseWhatCannotWork({ backup, database, serverMajor, freeBytes }: RestoreFacts): void {
  const { manifest, problem } = backup;
  if (problem?.code === 'MANIFEST_NEWER') throw problem; // what is not understood is not guessed at
  if (manifest !== undefined && (manifest.scope !== 'full' || manifest.format === 'volume')) {
    throw new Failure(
      'BACKUP_PARTIAL',
      manifest.format === 'volume'
        ? `${backup.file} is a copy of a whole data directory.`
        : `${backup.file} does not hold the whole database (${manifest.scope}).`,
      'Choose a full backup; this one can be read with the standard tools.',
    );
  }
  const major = manifest === undefined ? undefined : Number.parseInt(manifest.toolVersion, 10);
  if (major !== undefined && major > serverMajor) {
    throw new Failure(
      'BACKUP_NEWER',
      `The backup was made by Postgres ${major}; the service runs ${serverMajor}, which cannot read it.`,
      `Restore it into a service with Postgres ${major} or newer.`,
    );
  }
  const reserved = database === 'template0' || database === 'template1' || isOwnDatabase(database);
  if (reserved || database === '' || Buffer.byteLength(database) > 63) {
    throw new Failure('DATABASE_RESERVED', `"${database}" cannot be the name of a restored database.`, 'Choose another name, of at most 63 bytes.');
  }
  const needed = manifest?.databaseSizeBytes ?? backup.sizeBytes;
  if (freeBytes !== undefined && freeBytes < needed * 1.1) {
    throw new Failure(
      'DISK_FULL',
      `The restored copy needs about ${megabytes(needed)} beside the present database, but only ${megabytes(freeBytes)} are free.`,
      'Free space on the disk that holds the volume, then try again.',
    );
  }
}

/** For a database that does not exist: as it was, as far as this server can. */
export function propertiesFor({
  backup,
  serverMajor,
  serverUser,
  roles,
}: Pick<RestoreFacts, 'backup' | 'serverMajor' | 'serverUser' | 'roles'>): DatabaseProperties {
  const kept = backup.manifest?.properties;
  const plain: DatabaseProperties = { owner: serverUser, encoding: 'UTF8', collate: '', ctype: '', provider: 'c', locale: null, collationVersion: null };
  if (kept === undefined) return plain;
  const owner = roles.includes(kept.owner) ? kept.owner : serverUser;
  const known = kept.provider === 'c' || (kept.provider === 'i' && serverMajor >= 15) || (kept.provider === 'b' && serverMajor >= 17);
  return known ? { ...kept, owner } : { ...plain, owner };
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`;
}

/** A plan in words, one line a step; the same in the confirmation and in `--dry-run`. */
export function describePlan(plan: RestorePlan): readonly string[] {
  return plan.steps.map((step) => {
    switch (step.kind) {
      case 'check file':
        return `Check ${step.file} against its checksum`;
      case 'safety backup':
        return `Back up "${step.database}" as it is now`;
      case 'load':
        return `Load the backup into a new database beside it (${step.jobs} at a time)`;
      case 'compare rows':
        return `Compare the rows of ${Object.keys(step.rows).length} tables with the backup`;
      case 'stop':
        return `Stop ${step.services.join(', ')}`;
      case 'swap':
        return step.undo === undefined ? `Name the new database "${step.database}"` : `Exchange it with "${step.database}", which is kept for a day as undo`;
      case 'start':
        return `Start ${step.services.join(', ')}`;
    }
  });
}
