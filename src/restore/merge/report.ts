import * as z from 'zod';
import type { MergePlan } from './plan';

const values = z.array(z.string().nullable());
const countsSchema = z.object({
  at: z.number(),
  held: z.number(),
  present: z.number(),
  insert: z.number(),
  update: z.number(),
  skip: z.number(),
  same: z.number(),
  renumber: z.number(),
  refused: z.number(),
});
const sampleSchema = z.object({
  at: z.number(),
  action: z.enum(['insert', 'update', 'skip', 'renumber']),
  /** The key as it was in the other database, and as it is or will be in this one. */
  key: values,
  becomes: values,
  /** Shortened values by their columns. */
  row: z.record(z.string(), z.string().nullable()),
  /** Of a row whose key is taken: what is there. */
  present: z.record(z.string(), z.string().nullable()).nullable(),
});
const refusalSchema = z.object({
  at: z.number(),
  /**
   * `key`: it is taken, and cannot be made anew. `unique`: another row has what is unique. `twice`: two of the rows have it.
   * `reference`: it refers to nothing.
   */
  kind: z.enum(['key', 'unique', 'twice', 'reference']),
  /** The constraint or index. */
  name: z.string(),
  rows: z.number(),
  samples: z.array(z.object({ key: values.nullable(), values, present: values.nullable() })),
});

const attachedSchema = z.object({ foreignKey: z.string(), table: z.string(), refersTo: z.string(), rows: z.number() });

export type MergeSample = Readonly<Omit<z.infer<typeof sampleSchema>, 'at'>>;
export type MergeRefusal = Readonly<Omit<z.infer<typeof refusalSchema>, 'at'>> & { readonly table: string };

/** What becomes of the rows of one table; how many of them there are in the other database, and how many rows are here now. */
export interface TableMerge extends Readonly<Omit<z.infer<typeof countsSchema>, 'at'>> {
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
  readonly attached: readonly Readonly<z.infer<typeof attachedSchema>>[];
  readonly circles: MergePlan['circles'];
  /** Columns, quoted, that only one side has: their values are left out, or stay as they are. */
  readonly onlyThere: readonly { readonly table: string; readonly columns: readonly string[] }[];
  readonly onlyHere: readonly { readonly table: string; readonly columns: readonly string[] }[];
}

/** Columns of the tables that only one side has. */
export type ColumnsApart = Pick<MergeReport, 'onlyThere' | 'onlyHere'>;

/** Reads what a script printed. Lines that are none of ours are left out. */
export function readReport(printed: string, plan: MergePlan, apart: ColumnsApart): MergeReport {
  const lines = printed.split('\n');
  const read = <T>(word: string, schema: z.ZodType<T>): readonly T[] =>
    lines.flatMap((line) => (line.startsWith(`${word}\t`) ? [schema.parse(JSON.parse(line.slice(word.length + 1)))] : []));
  const samples = read('cdb sample', sampleSchema);
  const nameAt = (at: number): string => plan.tables[at]?.table ?? '';
  return {
    tables: read('cdb table', countsSchema).map(({ at, ...counts }) => ({
      table: nameAt(at),
      key: plan.tables[at]?.key ?? [],
      ...counts,
      samples: samples.filter((sample) => sample.at === at).map(({ action, key, becomes, row, present }) => ({ action, key, becomes, row, present })),
    })),
    refusals: read('cdb refused', refusalSchema).map(({ at, ...refusal }) => ({ table: nameAt(at), ...refusal })),
    outside: plan.followed.flatMap(({ name, child, parent, parentAt }) =>
      parentAt === undefined && !plan.tables.some(({ table }) => table === parent) ? [{ foreignKey: name, table: child, refersTo: parent }] : [],
    ),
    attached: read('cdb attached', attachedSchema),
    circles: plan.circles,
    ...apart,
  };
}

/** Rows that are written. */
export function changedRows({ tables }: MergeReport): number {
  return tables.reduce((sum, { insert, update, renumber }) => sum + insert + update + renumber, 0);
}
