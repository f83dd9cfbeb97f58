import type { StoredFinding, StoredResult, StoredSilence } from './run';
import { severities } from './severity';

/** How it can be told that a file is still the same, without reading it. */
export interface FileStamp {
  readonly sizeBytes: number;
  /** When it was written, in milliseconds since 1970, with parts of them. Programs that copy files set it back. */
  readonly modified: number;
  /** When anything about it was changed; nobody sets that. */
  readonly changed: number;
  readonly inode: number;
}

export function isSameStamp(a: FileStamp, b: FileStamp): boolean {
  return a.sizeBytes === b.sizeBytes && a.modified === b.modified && a.changed === b.changed && a.inode === b.inode;
}

/** Milliseconds: a file that was changed so shortly before it was read may be changed again within the same tick of its clock. */
const tick = 2000;

/** Whether any later change of a file shows in its times; `startedAt` is before it was looked at. */
export function isSettled({ modified, changed }: FileStamp, startedAt: number): boolean {
  return Math.max(modified, changed) + tick <= startedAt;
}

/** A file as it was when it was looked at. */
export interface CacheEntry extends FileStamp {
  readonly hash: string;
  readonly result: StoredResult;
}

/** What is known from an earlier run. */
export interface CacheContent {
  /** The program that wrote it. */
  readonly build: string;
  /** When that run began, before it looked at any file; milliseconds since 1970. */
  readonly startedAt: number;
  readonly entries: ReadonlyMap<string, CacheEntry>;
}

type Row = readonly [
  file: string,
  sizeBytes: number,
  modified: number,
  changed: number,
  inode: number,
  hash: string,
  findings: readonly number[] | 0,
  silences: readonly StoredSilence[],
  revision: NonNullable<StoredResult['revision']> | null,
];

interface Written {
  readonly build: string;
  readonly startedAt: number;
  readonly words: readonly string[];
  readonly rows: readonly Row[];
}

/** Numbers for each finding: two words, the severity, and the place. */
const findingSize = 7;

/** The text of a cache: small and quick to read, for it is read before anything else is. What many findings share is there once. */
export function encodeCache({ build, startedAt, entries }: CacheContent): string {
  const words = new Map<string, number>();
  const word = (text: string): number => {
    const known = words.get(text) ?? words.size;
    words.set(text, known);
    return known;
  };
  const rows = [...entries].map(([file, { sizeBytes, modified, changed, inode, hash, result }]): Row => {
    const { isMigration, findings, silences, revision } = result;
    const numbers = findings.flatMap(({ rule, message, severity, line, column, endLine, endColumn }) => [
      word(rule),
      word(message),
      severities.indexOf(severity),
      line,
      column,
      endLine,
      endColumn,
    ]);
    return [file, sizeBytes, modified, changed, inode, hash, isMigration ? numbers : 0, silences, revision ?? null];
  });
  return JSON.stringify({ build, startedAt, words: [...words.keys()], rows } satisfies Written);
}

/** Reads what `encodeCache` wrote; undefined for what another program wrote. Throws for what cannot be read. */
export function decodeCache(text: string, build: string): CacheContent | undefined {
  // What lies in our own folder was written above, by the very program that reads it: nothing else has its build.
  const { startedAt, words, rows, ...written } = JSON.parse(text) as Written;
  if (written.build !== build) return undefined;
  const entries = new Map<string, CacheEntry>();
  for (const [file, sizeBytes, modified, changed, inode, hash, numbers, silences, revision] of rows) {
    const findings = numbers === 0 ? [] : decodeFindings(numbers, words);
    const result: StoredResult = { isMigration: numbers !== 0, findings, silences, ...(revision === null ? {} : { revision }) };
    entries.set(file, { sizeBytes, modified, changed, inode, hash, result });
  }
  return { build, startedAt, entries };
}

function decodeFindings(numbers: readonly number[], words: readonly string[]): readonly StoredFinding[] {
  const findings: StoredFinding[] = [];
  for (let at = 0; at < numbers.length; at += findingSize) {
    findings.push({
      rule: known(words, numbers[at]),
      severity: known(severities, numbers[at + 2]),
      message: known(words, numbers[at + 1]),
      line: numbers[at + 3] ?? 1,
      column: numbers[at + 4] ?? 1,
      endLine: numbers[at + 5] ?? 1,
      endColumn: numbers[at + 6] ?? 1,
    });
  }
  return findings;
}

function known<T>(list: readonly T[], index = -1): T {
  const value = list[index];
  if (value === undefined) throw new RangeError('The results of an earlier run are damaged.');
  return value;
}
