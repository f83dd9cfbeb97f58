import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { messageOf } from '../protocol/failure';
import type { Logger } from '../protocol/logger';
import { decodeCache, encodeCache, isSameStamp, isSettled, type CacheContent, type CacheEntry } from './cacheFile';
import type { CandidateFile } from './files';
import { keepFile } from './keepFile';
import type { StoredResult } from './run';

/** What was found in files that have not changed since. Only ever a shortcut: without it the same comes out. */
export class LintCache {
  private readonly kept = new Map<string, CacheEntry>();
  private changed = false;

  private constructor(
    private readonly file: string | undefined,
    private readonly old: CacheContent,
  ) {}

  static none(): LintCache {
    return new LintCache(undefined, { build: '', startedAt: 0, entries: new Map() });
  }

  /** The cache of a folder or file. `build` names the program that wrote it: another one may find other things. */
  static open(stateFolder: string, subject: string, build: string, log: Logger): LintCache {
    const file = path.join(stateFolder, 'lint', `${createHash('sha256').update(subject).digest('hex').slice(0, 32)}.json`);
    try {
      const content = decodeCache(readFileSync(file, 'utf8'), build);
      if (content !== undefined) return new LintCache(file, content);
    } catch (error) {
      log.debug(`No results of an earlier run are used: ${messageOf(error)}`);
    }
    return new LintCache(file, { build, startedAt: 0, entries: new Map() });
  }

  /** What is known of a file by its size and times alone. */
  unchanged(candidate: CandidateFile): StoredResult | undefined {
    const entry = this.old.entries.get(candidate.file);
    if (entry === undefined || !isSameStamp(entry, candidate) || !isSettled(entry, this.old.startedAt)) return undefined;
    this.kept.set(candidate.file, entry);
    return entry.result;
  }

  /** What is known of a file whose content is the same, whatever its times say. */
  sameContent(candidate: CandidateFile, hash: string): StoredResult | undefined {
    const entry = this.old.entries.get(candidate.file);
    if (entry?.hash !== hash) return undefined;
    this.keep(candidate, hash, entry.result);
    return entry.result;
  }

  keep({ file, sizeBytes, modified, changed, inode }: CandidateFile, hash: string, result: StoredResult): void {
    this.kept.set(file, { sizeBytes, modified, changed, inode, hash, result });
    this.changed = true;
  }

  /** Whether all is known of each of these files: nothing failed that may go well the next time. */
  knows(files: readonly CandidateFile[]): boolean {
    return files.every(({ file }) => this.kept.has(file));
  }

  /** Writes down what is known now, of a run that began at `startedAt`. A cache that cannot be written is done without. */
  async save(log: Logger, startedAt: Date): Promise<void> {
    if (this.file === undefined || (!this.changed && this.kept.size === this.old.entries.size)) return;
    try {
      await keepFile(this.file, encodeCache({ build: this.old.build, startedAt: startedAt.getTime(), entries: this.kept }));
    } catch (error) {
      log.debug(`The results are not kept: ${messageOf(error)}`);
    }
  }
}
