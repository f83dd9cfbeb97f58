import type { MergePlan } from './plan';
import type { PrintedAttached, PrintedCounts, PrintedRefusal, PrintedSample } from './readReport';

export type MergeSample = Omit<PrintedSample, 'at'>;
export type MergeRefusal = Omit<PrintedRefusal, 'at'> & { readonly table: string };

/** What becomes of the rows of one table; how many of them there are in the other database, and how many rows are here now. */
export interface TableMerge extends Omit<PrintedCounts, 'at'> {
  /** Qualified and quoted. */
  readonly table: string;
  readonly key: readonly string[];
  readonly samples: readonly MergeSample[];
}

/** What a merge does or would do, in the order in which it goes through the tables. */
export interface MergeReport {
  readonly tables: readonly TableMerge[];
  /** Why rows cannot join; one of them refuses the whole. */
  readonly refusals: readonly MergeRefusal[];
  /** References into tables that are not merged: they mean whatever row has that key here. */
  readonly outside: readonly { readonly foreignKey: string; readonly table: string; readonly refersTo: string }[];
  /** References of new rows to rows that are skipped: they mean the row that has that key here. */
  readonly attached: readonly PrintedAttached[];
  readonly circles: MergePlan['circles'];
  /** Columns, quoted, that only one side has: their values are left out, or stay as they are. */
  readonly onlyThere: readonly { readonly table: string; readonly columns: readonly string[] }[];
  readonly onlyHere: readonly { readonly table: string; readonly columns: readonly string[] }[];
}

/** Columns of the tables that only one side has. */
export type ColumnsApart = Pick<MergeReport, 'onlyThere' | 'onlyHere'>;

/** Rows that are written. */
export function changedRows({ tables }: MergeReport): number {
  return tables.reduce((sum, { insert, update, renumber }) => sum + insert + update + renumber, 0);
}
