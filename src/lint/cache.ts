import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { writeFileDurably } from '../operations/files';
import { messageOf } from '../protocol/failure';
import type { Logger } from '../protocol/logger';
import type { CandidateFile } from './files';
import type { StoredResult } from './run';

interface Entry {
  readonly modified: string;
  readonly sizeBytes: number;
  readonly hash: string;
  readonly result: StoredResult;
}

interface Written {
  readonly build: string;
  readonly writtenAt: string;
  readonly entries: Readonly<Record<string, Entry>>;
}

/** Nanoseconds: a file that was changed so shortly before it was read may have been changed again within the same tick of its clock. */
const tick = 2_000_000_000n;

/** What was found in files that have not changed since. Only ever a shortcut: without it the same comes out. */
export class LintCache {
  private readonly kept = new Map<string, Entry>();
  private changed = false;

  private constructor(
    private readonly file: string | undefined,
    private readonly build: string,
    private readonly old: ReadonlyMap<string, Entry>,
    private readonly writtenAt: bigint,
  ) {}

  static none(): LintCache {
    return new LintCache(undefined, '', new Map(), 0n);
  }

  /** The cache of a folder or file. `build` names the program that wrote it: another one may find other things. */
  static async open(stateFolder: string, subject: string, build: string, log: Logger): Promise<LintCache> {
    const file = path.join(stateFolder, 'lint', `${createHash('sha256').update(subject).digest('hex').slice(0, 32)}.json`);
    try {
      // What lies in our own folder was written below, by the very program that reads it: nothing else has its build.
      const read = JSON.parse(await readFile(file, 'utf8')) as Written;
      if (read.build === build) return new LintCache(file, build, new Map(Object.entries(read.entries)), BigInt(read.writtenAt));
    } catch (error) {
      log.debug(`No results of an earlier run are used: ${messageOf(error)}`);
    }
    return new LintCache(file, build, new Map(), 0n);
  }

  /** What is known of a file by its size and time alone. */
  unchanged(candidate: CandidateFile): StoredResult | undefined {
    const entry = this.old.get(candidate.file);
    if (entry === undefined || entry.sizeBytes !== candidate.sizeBytes || entry.modified !== String(candidate.modified)) return undefined;
    if (candidate.modified + tick > this.writtenAt) return undefined;
    this.kept.set(candidate.file, entry);
    return entry.result;
  }

  /** What is known of a file whose content is the same, whatever its time says. */
  sameContent(candidate: CandidateFile, hash: string): StoredResult | undefined {
    const entry = this.old.get(candidate.file);
    if (entry?.hash !== hash) return undefined;
    this.keep(candidate, hash, entry.result);
    return entry.result;
  }

  keep({ file, modified, sizeBytes }: CandidateFile, hash: string, result: StoredResult): void {
    this.kept.set(file, { modified: String(modified), sizeBytes, hash, result });
    this.changed = true;
  }

  /** Writes down what is known now. A cache that cannot be written is done without. */
  async save(log: Logger, now: Date): Promise<void> {
    if (this.file === undefined || (!this.changed && this.kept.size === this.old.size)) return;
    try {
      await mkdir(path.dirname(this.file), { recursive: true, mode: 0o700 });
      const writtenAt = String(BigInt(now.getTime()) * 1_000_000n);
      await writeFileDurably(this.file, JSON.stringify({ build: this.build, writtenAt, entries: Object.fromEntries(this.kept) }));
    } catch (error) {
      log.debug(`The results are not kept: ${messageOf(error)}`);
    }
  }
}
