import type { Stats } from 'node:fs';

/** Where a file lies, and by what it shows that it has changed. */
export type FileIdentity = Pick<Stats, 'ino' | 'size' | 'mtimeMs' | 'ctimeMs'>;

interface Entry<T> {
  readonly identity: FileIdentity;
  readonly weight: number;
  readonly value: T;
}

/** What was read out of files, kept as long as they stay what they are, up to a total weight; the longest unused goes first. */
export class RememberedFiles<T> {
  private readonly entries = new Map<string, Entry<T>>();
  private total = 0;

  constructor(private readonly limit: number) {}

  /** What is remembered of a file, when it still is the same. */
  get(file: string, status: FileIdentity): T | undefined {
    const entry = this.entries.get(file);
    if (entry === undefined || !isSame(entry.identity, status)) return undefined;
    this.entries.delete(file);
    this.entries.set(file, entry);
    return entry.value;
  }

  set(file: string, status: FileIdentity, value: T, weight: number): void {
    this.forget(file);
    this.entries.set(file, { identity: identityOf(status), weight, value });
    this.total += weight;
    for (const oldest of this.entries.keys()) {
      if (this.total <= this.limit) return;
      this.forget(oldest);
    }
  }

  private forget(file: string): void {
    this.total -= this.entries.get(file)?.weight ?? 0;
    this.entries.delete(file);
  }
}

function identityOf({ ino, size, mtimeMs, ctimeMs }: FileIdentity): FileIdentity {
  return { ino, size, mtimeMs, ctimeMs };
}

function isSame(a: FileIdentity, b: FileIdentity): boolean {
  return a.ino === b.ino && a.size === b.size && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs;
}
