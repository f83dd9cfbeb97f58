import * as z from 'zod';
import type { MergePlan } from './plan';
import type { ColumnsApart, MergeReport } from './report';

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

/** What a script prints of each table, row, refusal and reference. */
export type PrintedCounts = Readonly<z.infer<typeof countsSchema>>;
export type PrintedSample = Readonly<z.infer<typeof sampleSchema>>;
export type PrintedRefusal = Readonly<z.infer<typeof refusalSchema>>;
export type PrintedAttached = Readonly<z.infer<typeof attachedSchema>>;

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
