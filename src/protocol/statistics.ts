import { hasShape, isObject } from './guards';

export type TableKind = 'table' | 'partitioned table' | 'partition' | 'materialised view' | 'foreign table';

/** What Postgres knows of a table. Sizes in bytes, moments in milliseconds since 1970; null where nobody has counted yet. */
export interface TableFigures {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly kind: TableKind;
  /** The partitioned table that it is a part of. */
  readonly parent: number | null;
  /** As Postgres estimates them. */
  readonly rows: number | null;
  /** As `pg_total_relation_size` has it; of a partitioned table with all its parts. */
  readonly totalBytes: number;
  readonly heapBytes: number;
  readonly indexBytes: number;
  readonly toastBytes: number;
  readonly deadRows: number;
  /** What a rewrite would give back, estimated from the widths of the columns. */
  readonly bloatBytes: number | null;
  readonly sequentialScans: number;
  readonly indexScans: number;
  readonly vacuumedAt: number | null;
  readonly analyzedAt: number | null;
  readonly columns: number;
  /** Whether the sizes are those of the last vacuum, since somebody holds the table locked. */
  readonly isLocked: boolean;
}

/** Reasons to look at an index again. */
export type IndexFinding = 'invalid' | 'duplicate' | 'unused';

export interface IndexFigures {
  readonly oid: number;
  readonly schema: string;
  readonly table: string;
  readonly tableOid: number;
  readonly name: string;
  readonly definition: string;
  readonly bytes: number;
  readonly scans: number;
  readonly unique: boolean;
  readonly primary: boolean;
  readonly valid: boolean;
  readonly findings: readonly IndexFinding[];
  /** The index that makes it superfluous. */
  readonly duplicateOf: string | null;
}

export interface ColumnFigures {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  readonly default: string | null;
  /** Share of NULLs from 0 to 1, as last analyzed. */
  readonly nullShare: number | null;
  /** Bytes on average. */
  readonly width: number | null;
}

export interface ConstraintFigures {
  readonly name: string;
  readonly kind: 'primary key' | 'unique' | 'foreign key' | 'check' | 'exclusion' | 'not null' | 'trigger';
  readonly definition: string;
  readonly validated: boolean;
  /** Of a foreign key of another table that points here: that table. */
  readonly from: string | null;
}

/** One table from near. */
export interface TableDetail {
  readonly oid: number;
  readonly columns: readonly ColumnFigures[];
  readonly indexes: readonly IndexFigures[];
  readonly constraints: readonly ConstraintFigures[];
  /** Foreign keys of other tables that point here. */
  readonly referencedBy: readonly ConstraintFigures[];
  /** Its size at earlier moments, oldest first. */
  readonly history: readonly SizePoint[];
}

export interface SizePoint {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly bytes: number;
}

export const tableActions = ['count', 'analyze', 'vacuum', 'copySql', 'backUp'] as const;
export type TableAction = (typeof tableActions)[number];

export const exportFormats = ['csv', 'markdown'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** The words of the view, in the user's language. */
export type StatisticsLabels = Readonly<Record<StatisticsWord, string>>;
type StatisticsWord =
  | TableAction
  | IndexFinding
  | Exclude<TableKind, 'table'>
  | 'tables'
  | 'indexes'
  | 'growth'
  | 'refresh'
  | 'csvFile'
  | 'markdownFile'
  | 'filter'
  | 'filterIndexes'
  | 'bySchema'
  | 'findingsOnly'
  | 'shown'
  | 'nothingFits'
  | 'noTables'
  | 'table'
  | 'rows'
  | 'total'
  | 'heap'
  | 'index'
  | 'toast'
  | 'dead'
  | 'bloat'
  | 'sequentialScans'
  | 'indexScans'
  | 'vacuumed'
  | 'analyzed'
  | 'columns'
  | 'never'
  | 'unknown'
  | 'locked'
  | 'treemap'
  | 'treemapHint'
  | 'others'
  | 'close'
  | 'column'
  | 'type'
  | 'nulls'
  | 'required'
  | 'constraints'
  | 'foreignKeys'
  | 'referencedBy'
  | 'scans'
  | 'size'
  | 'state'
  | 'name'
  | 'definition'
  | 'primaryKey'
  | 'uniqueIndex'
  | 'duplicateOf'
  | 'notValidated'
  | 'noGrowth'
  | 'growthHint'
  | 'from'
  | 'to'
  | 'change'
  | 'loading';

/** All that the view shows at first. */
export interface StatisticsView {
  readonly heading: string;
  readonly subheading: string;
  readonly tables: readonly TableFigures[];
  /** The size of the database at earlier moments, oldest first, and now. */
  readonly history: readonly SizePoint[];
  /** Milliseconds since 1970, of the host's clock: what ages are counted from. */
  readonly now: number;
  /** A language tag, for numbers. */
  readonly language: string;
  readonly labels: StatisticsLabels;
}

/** What the host sends. */
export type StatisticsMessage =
  | { readonly kind: 'statistics'; readonly view: StatisticsView }
  | { readonly kind: 'detail'; readonly detail: TableDetail }
  | { readonly kind: 'indexes'; readonly indexes: readonly IndexFigures[] }
  | { readonly kind: 'count'; readonly oid: number; readonly rows: number }
  /** Shows a table from near. */
  | { readonly kind: 'open'; readonly oid: number }
  | { readonly kind: 'failure'; readonly message: string; readonly remedy: string };

/** What the view sends. */
export type StatisticsRequest =
  | { readonly kind: 'ready' }
  | { readonly kind: 'refresh' }
  | { readonly kind: 'indexes' }
  | { readonly kind: 'detail'; readonly oid: number }
  | { readonly kind: 'run'; readonly action: TableAction; readonly oid: number }
  | { readonly kind: 'export'; readonly format: ExportFormat; readonly oids: readonly number[] };

/** Whether the host has sent this. The content is typed where it is made; the envelope is checked. */
export function isStatisticsMessage(value: unknown): value is StatisticsMessage {
  if (!isObject(value)) return false;
  switch (value['kind']) {
    case 'statistics':
      return isObject(value['view']) && hasShape(value['view'], { heading: 'string', tables: 'array', history: 'array', labels: 'object' });
    case 'detail':
      return isObject(value['detail']) && hasShape(value['detail'], { oid: 'number', columns: 'array', indexes: 'array', constraints: 'array' });
    case 'indexes':
      return hasShape(value, { indexes: 'array' });
    case 'count':
      return hasShape(value, { oid: 'number', rows: 'number' });
    case 'open':
      return hasShape(value, { oid: 'number' });
    case 'failure':
      return hasShape(value, { message: 'string', remedy: 'string' });
    default:
      return false;
  }
}

/** Whether the view may have sent this. */
export function isStatisticsRequest(value: unknown): value is StatisticsRequest {
  if (!isObject(value)) return false;
  const { kind, oid, oids, action, format } = value;
  switch (kind) {
    case 'ready':
    case 'refresh':
    case 'indexes':
      return true;
    case 'detail':
      return Number.isSafeInteger(oid);
    case 'run':
      return Number.isSafeInteger(oid) && tableActions.some((each) => each === action);
    case 'export':
      return exportFormats.some((each) => each === format) && Array.isArray(oids) && oids.every((each) => Number.isSafeInteger(each));
    default:
      return false;
  }
}
