import { mkdir, open, readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { errorCode, fileFailure, removeIfThere, writeFileDurably } from '../../operations/files';
import type { Failure } from '../../protocol/failure';

const recordSchema = z.object({
  startedAt: z.iso.datetime(),
  milliseconds: z.number().nonnegative(),
  /** `skipped`: another was at it already, or it was broken off. */
  result: z.enum(['done', 'failed', 'skipped']),
  sizeBytes: z.number().int().nonnegative().optional(),
  file: z.string().optional(),
  failure: z.object({ code: z.string(), message: z.string(), remedy: z.string() }).optional(),
});

/** What is known of one run of a schedule. */
export type RunRecord = Readonly<z.infer<typeof recordSchema>>;

/** Runs that are remembered of each schedule. */
const kept = 200;
/** Characters of a message that are worth keeping. */
const longest = 1000;

/** A failure as a record keeps it: without the password of any URL that another program may have named in it. */
export function recordedFailure({ code, message, remedy }: Failure): NonNullable<RunRecord['failure']> {
  const clean = (text: string): string => text.replace(/\b([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s/@]+@/gi, '$1:…@').slice(0, longest);
  return { code, message: clean(message), remedy: clean(remedy) };
}

/** What the runs of each schedule came to: a line of JSON each, in a file for each schedule. */
export class RunRecords {
  constructor(private readonly folder: string) {}

  /** Oldest first. A line that was not written whole, or is of a newer version, is passed over. */
  async read(id: string): Promise<readonly RunRecord[]> {
    const { text } = await this.load(id);
    return text.split('\n').flatMap((line) => readRecord(line) ?? []);
  }

  /** Adds a run, and forgets the oldest when there are too many. */
  async append(id: string, record: RunRecord): Promise<void> {
    const file = this.fileOf(id);
    const { text, torn } = await this.load(id);
    const line = JSON.stringify(record);
    const lines = text.split('\n').filter((each) => each !== '');
    try {
      await mkdir(this.folder, { recursive: true, mode: 0o700 });
      // Whoever skips a run does not hold it, and must not write over what the one who does is adding.
      if (lines.length >= kept && record.result !== 'skipped') return await writeFileDurably(file, [...lines.slice(1 - kept), line, ''].join('\n'));
      const handle = await open(file, 'a', 0o600);
      try {
        await handle.writeFile(`${torn ? '\n' : ''}${line}\n`);
        await handle.sync();
      } finally {
        await handle.close();
      }
    } catch (error) {
      throw fileFailure(error, file);
    }
  }

  async remove(id: string): Promise<void> {
    await removeIfThere(this.fileOf(id));
  }

  private async load(id: string): Promise<{ readonly text: string; readonly torn: boolean }> {
    try {
      const text = await readFile(this.fileOf(id), 'utf8');
      return { text, torn: text !== '' && !text.endsWith('\n') };
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return { text: '', torn: false };
      throw fileFailure(error, this.fileOf(id));
    }
  }

  private fileOf(id: string): string {
    return path.join(this.folder, `${id}.jsonl`);
  }
}

function readRecord(line: string): RunRecord | undefined {
  try {
    return recordSchema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
