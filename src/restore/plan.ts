import type { Backup } from '../backup/catalogue';
import { scratchPrefix, undoPrefix } from '../inventory/undoName';
import type { DatabaseProperties, RowCounts } from '../postgres/catalogue';
import type { DumpForm } from './dump/form';
import type { DumpPart, TableName } from './dump/sqlFilter';
import type { DumpSegment } from './dump/summary';
import type { MergeConflict, OnConflict, RestoreFacts, RestoreSource, SourceTable } from './facts';
import { chooseLiveTables } from './part/chooseTables';
import { portableSurroundings, type Surroundings } from '../postgres/surroundings';
import { missingRoles, refuseWhatCannotWork } from './refuse';
import { scopeOf, segmentOf } from './meant';

/** A table whose rows are restored into the live one; the name is qualified and quoted. */
export interface PlannedTable extends TableName {
  readonly table: string;
}

export type RestoreStep =
  | { readonly kind: 'dump'; readonly from: string }
  | { readonly kind: 'check file'; readonly file: string }
  | { readonly kind: 'safety backup'; readonly database: string }
  | { readonly kind: 'load'; readonly database: string; readonly properties: DatabaseProperties; readonly jobs: number; readonly part: DumpPart }
  | { readonly kind: 'compare rows'; readonly rows: RowCounts }
  | { readonly kind: 'stop'; readonly services: readonly string[] }
  | { readonly kind: 'swap'; readonly database: string; readonly replacement: string; readonly undo: string | undefined }
  | { readonly kind: 'start'; readonly services: readonly string[] }
  | {
      readonly kind: 'merge';
      readonly database: string;
      readonly tables: readonly string[];
      readonly onConflict: OnConflict;
      readonly merging?: MergeConflict;
    };

/** What a restore will do, as data: shown in the confirmation, printed by `--dry-run`, carried out step by step. */
export interface RestorePlan {
  readonly id: string;
  readonly project: string;
  readonly service: string;
  readonly database: string;
  readonly source: RestoreSource;
  readonly form: DumpForm;
  /** Of the content of a file that is not ours, so that it is the very same when it is loaded. */
  readonly sha256?: string;
  /** Of a dump of several databases, the one that is loaded. */
  readonly segment?: string;
  readonly withoutOwners: boolean;
  readonly allowMetaCommands: boolean;
  readonly scratch: string;
  /** Absent when there is no database to keep, or when it stays. */
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
  /** Rows that go into tables of the live database; absent where the database as a whole is exchanged. */
  readonly rows?: {
    readonly tables: readonly PlannedTable[];
    readonly onConflict: OnConflict;
    readonly merging?: MergeConflict;
    /** Where the structure of the scratch tables comes from: a backup of rows alone has none, and of another database only values are taken. */
    readonly structure: 'backup' | 'live' | readonly SourceTable[];
  };
  /** What is worth knowing before one says yes. */
  readonly remarks: readonly string[];
  readonly steps: readonly RestoreStep[];
}

/** Milliseconds for which the replaced database is kept. */
export const undoLifetime = 24 * 60 * 60 * 1000;

/** Decides how to restore. Throws what `refuseWhatCannotWork` and `chooseLiveTables` refuse, and `BACKUP_PARTIAL`, before anything is touched. */
export function planRestore(facts: RestoreFacts): RestorePlan {
  const segment = segmentOf(facts);
  refuseWhatCannotWork(facts, segment);
  const scope = scopeOf(facts, segment);
  const plan = scope === 'data' || scope === 'tables' ? planRows(facts, segment) : planExchange(facts, scope);
  return { ...plan, remarks: [...remarksOn(facts, segment), ...plan.remarks] };
}

/** Connections that load at once: one more than there are processors, for each of them waits for the disk now and then. */
export function loadJobs(processors: number): number {
  return Math.min(Math.max(processors, 1) + 1, 8);
}

function basicPlan(facts: RestoreFacts): Omit<RestorePlan, 'steps' | 'undo' | 'rows'> {
  const { id, now, present, processors, wishes, source, dump } = facts;
  const segment = dump.form.cluster ? segmentOf(facts)?.database : undefined;
  return {
    id,
    project: facts.project,
    service: facts.service,
    database: facts.database,
    source,
    form: dump.form,
    ...(segment === undefined ? {} : { segment }),
    withoutOwners: wishes.withoutOwners === true,
    allowMetaCommands: wishes.allowMetaCommands === true,
    scratch: `${scratchPrefix}${id.slice(0, 8)}`,
    replacedAt: now,
    expiresAt: new Date(now.getTime() + undoLifetime),
    ...outside(facts),
    properties: present?.properties ?? propertiesFor(facts, keptProperties(source)),
    jobs: dump.form.serial === true ? 1 : loadJobs(processors),
    dependents: wishes.beside === true && present === undefined ? [] : facts.dependents.filter(({ running }) => running).map(({ service }) => service),
    remarks: [],
  };
}

function firstSteps({ source, present, wishes, database }: RestoreFacts): readonly RestoreStep[] {
  return [
    source.kind === 'backup'
      ? { kind: 'check file', file: source.backup.file }
      : { kind: 'dump', from: `${source.project}/${source.service}/${source.database}` },
    ...(present === undefined || wishes.skipSafetyBackup === true ? [] : [{ kind: 'safety backup', database } as const]),
  ];
}

function planExchange(facts: RestoreFacts, scope: 'all' | 'schema'): RestorePlan {
  const plan = basicPlan(facts);
  const { id, scratch, properties, jobs, dependents, database, source } = plan;
  const undo = facts.present === undefined ? undefined : `${undoPrefix}${id.slice(0, 8)}`;
  const rows = source.kind === 'backup' && scope === 'all' ? source.backup.manifest?.rows : undefined;
  const steps: readonly RestoreStep[] = [
    ...firstSteps(facts),
    { kind: 'load', database: scratch, properties, jobs, part: scope },
    ...(rows === undefined ? [] : [{ kind: 'compare rows', rows } as const]),
    ...(dependents.length === 0 ? [] : [{ kind: 'stop', services: dependents } as const]),
    { kind: 'swap', database, replacement: scratch, undo },
    ...(dependents.length === 0 ? [] : [{ kind: 'start', services: dependents } as const]),
  ];
  return { ...plan, ...(undo === undefined ? {} : { undo }), steps };
}

/** Rows into the live tables, in one transaction: nobody has to be stopped for that. */
function planRows(facts: RestoreFacts, segment: DumpSegment | undefined): RestorePlan {
  const plan = basicPlan(facts);
  const { tables, leftOut } = chooseLiveTables(facts, segment);
  const onConflict = facts.wishes.onConflict ?? 'replace';
  const manifest = facts.source.kind === 'backup' ? facts.source.backup.manifest : undefined;
  const rowsOnly = manifest?.scope === 'data' || (manifest === undefined && segment?.tables.length === 0);
  const planned = tables.map(({ name, schema, table }) => ({ table: name, schema, name: table }));
  const structure = sourceTables(facts, planned) ?? (rowsOnly ? 'live' : 'backup');
  const { scratch: database, properties, jobs } = plan;
  const merging = facts.wishes.merging === undefined ? {} : { merging: facts.wishes.merging };
  return {
    ...plan,
    dependents: [],
    rows: { tables: planned, onConflict, ...merging, structure },
    remarks: leftOut.length === 0 ? [] : [`The database has no place for the rows of ${leftOut.join(', ')}; they are left out.`],
    steps: [
      ...firstSteps(facts),
      { kind: 'load', database, properties, jobs, part: 'rows' },
      { kind: 'merge', database: facts.database, tables: planned.map(({ table }) => table), onConflict, ...merging },
    ],
  };
}

/** The tables of another database as they are there, for those that are chosen. */
function sourceTables({ source }: RestoreFacts, planned: readonly PlannedTable[]): readonly SourceTable[] | undefined {
  if (source.kind !== 'database' || source.tables === undefined) return undefined;
  return source.tables.filter(({ name }) => planned.some(({ table }) => table === name));
}

function remarksOn(facts: RestoreFacts, segment: DumpSegment | undefined): readonly string[] {
  const missing = missingRoles(facts, segment);
  const owner = facts.present?.properties.owner ?? facts.serverUser;
  const manifest = facts.source.kind === 'backup' ? facts.source.backup.manifest : undefined;
  const empty = manifest === undefined && segment !== undefined && segment.filled.length === 0;
  return [
    ...(facts.wishes.withoutOwners === true
      ? [`Everything will belong to "${owner}", and privileges are left out${missing.length === 0 ? '.' : `: the server lacks ${missing.join(', ')}.`}`]
      : []),
    ...(facts.wishes.allowMetaCommands === true ? ['Commands of psql in the script are run, in the container.'] : []),
    ...(empty ? ['The file holds no rows: its tables will be empty.'] : []),
    ...facts.dependents
      .filter(({ hostsUs }) => hostsUs === true)
      .map(({ service }) => `${service}, in which this runs, is not stopped; its sessions have to connect again.`),
  ];
}

function keptProperties(source: RestoreSource): DatabaseProperties | undefined {
  return source.kind === 'database' ? source.properties : source.backup.manifest?.properties;
}

/** What is to be said of the database: as of the present one, else as the source has it, for roles that this server has. */
function outside({ present, source, roles, wishes }: RestoreFacts): Pick<RestorePlan, 'comment' | 'surroundings'> {
  if (present !== undefined) return { comment: present.comment };
  const kept = source.kind === 'database' ? source.surroundings : source.backup.manifest?.surroundings;
  if (kept === undefined) return { comment: null };
  const surroundings = portableSurroundings(kept, roles);
  return { comment: kept.comment, surroundings: wishes.withoutOwners === true ? { ...surroundings, grants: null } : surroundings };
}

/** For a database that does not exist: as it was, as far as this server can. */
export function propertiesFor(
  { serverMajor, serverUser, roles }: Pick<RestoreFacts, 'serverMajor' | 'serverUser' | 'roles'>,
  kept: DatabaseProperties | undefined,
): DatabaseProperties {
  const plain: DatabaseProperties = { owner: serverUser, encoding: 'UTF8', collate: '', ctype: '', provider: 'c', locale: null, collationVersion: null };
  if (kept === undefined) return plain;
  const owner = roles.includes(kept.owner) ? kept.owner : serverUser;
  const known = kept.provider === 'c' || (kept.provider === 'i' && serverMajor >= 15) || (kept.provider === 'b' && serverMajor >= 17);
  return known ? { ...kept, owner } : { ...plain, owner };
}

/** The backup that a plan reads; undefined where it is made on the way. */
export function backupOf({ source }: Pick<RestorePlan, 'source'>): Backup | undefined {
  return source.kind === 'backup' ? source.backup : undefined;
}
