import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { errorCode, fileFailure, writeFileDurably } from '../operations/files';
import type { SizePoint, TableFigures } from '../protocol/statistics';

/** Milliseconds between two samples that are both kept. */
const interval = 3_600_000;
/** What a file holds at most, so that it stays small for years: samples, and tables in each. */
const mostSamples = 240;
const mostTables = 200;

const sampleSchema = z.object({
  at: z.number(),
  totalBytes: z.number(),
  /** By `schema.name` of the largest tables. */
  tables: z.record(z.string(), z.number()),
});
const fileSchema = z.object({ samples: z.array(sampleSchema) });

export type SizeSample = Readonly<z.infer<typeof sampleSchema>>;

/** How large a database and its tables were whenever somebody looked; small files, and nothing that could be missed. */
export class SizeHistory {
  constructor(private readonly folder: string) {}

  /** The samples of a database, oldest first; none when there is no file, or one that cannot be used. */
  async read(database: string): Promise<readonly SizeSample[]> {
    try {
      return fileSchema.parse(JSON.parse(await readFile(this.fileOf(database), 'utf8'))).samples;
    } catch (error) {
      if (errorCode(error) === 'ENOENT' || error instanceof SyntaxError || error instanceof z.ZodError) return [];
      throw fileFailure(error, this.fileOf(database));
    }
  }

  /** Adds what was just seen, and gives all samples. Throws what writing a file throws. */
  async add(database: string, sample: SizeSample): Promise<readonly SizeSample[]> {
    const samples = withSample(await this.read(database), sample);
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    await writeFileDurably(this.fileOf(database), JSON.stringify({ database, samples }));
    return samples;
  }

  private fileOf(database: string): string {
    return path.join(this.folder, `${createHash('sha256').update(database).digest('hex').slice(0, 32)}.json`);
  }
}

/** What is to be remembered of a look at all tables. */
export function sampleOf(at: number, totalBytes: number, tables: readonly TableFigures[]): SizeSample {
  const largest = tables.toSorted((a, b) => b.totalBytes - a.totalBytes).slice(0, mostTables);
  return { at, totalBytes, tables: Object.fromEntries(largest.map((table) => [`${table.schema}.${table.name}`, table.totalBytes])) };
}

/** The samples with a new one. Within an hour the newest takes the place of the one before; of too many, the older half is thinned. */
export function withSample(samples: readonly SizeSample[], sample: SizeSample): readonly SizeSample[] {
  const last = samples.at(-1);
  const before = samples.at(-2);
  const isSoon = last !== undefined && before !== undefined && sample.at - before.at < interval;
  const all = [...(isSoon ? samples.slice(0, -1) : samples), sample];
  if (all.length <= mostSamples) return all;
  const half = Math.floor(all.length / 2);
  return all.filter((_, index) => index >= half || index % 2 === 0);
}

/** The sizes of one table over time, or of the whole database. */
export function sizesOver(samples: readonly SizeSample[], table?: { readonly schema: string; readonly name: string }): readonly SizePoint[] {
  if (table === undefined) return samples.map(({ at, totalBytes }) => ({ at, bytes: totalBytes }));
  return samples.flatMap(({ at, tables }) => {
    const bytes = tables[`${table.schema}.${table.name}`];
    return bytes === undefined ? [] : [{ at, bytes }];
  });
}
