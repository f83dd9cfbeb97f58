import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { messageOf } from '../protocol/failure';
import type { LintCache } from './cache';
import type { CandidateFile } from './files';
import type { RevisionFile } from './heads';
import type { Linter } from './linter';
import type { Question } from './live/question';
import type { Revision } from './model';
import type { Finding } from './rule';
import { allRules } from './rules/all';
import type { Severity } from './severity';
import { Lines } from './text/lines';

/** A warning as it is written down: with lines, and without what only a live editor needs. */
export interface StoredFinding {
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  /** What a database could add; only where it is going to be asked. */
  readonly questions?: readonly Question[];
  /** Only worth saying when it does. */
  readonly onlyWithFacts?: true;
  /** How much worse its answers make it. */
  readonly raised?: Severity;
}

export interface StoredSilence {
  readonly line: number;
  readonly rules: readonly string[];
}

/** What was found in one file. */
export interface StoredResult {
  readonly isMigration: boolean;
  readonly findings: readonly StoredFinding[];
  readonly silences: readonly StoredSilence[];
  readonly revision?: Revision & { readonly line: number; readonly column: number; readonly endColumn: number };
}

export interface FileResult extends StoredResult {
  readonly file: string;
}

export type LocatedFinding = StoredFinding & { readonly file: string };

/** Bytes from which on a file is taken for a dump, and not read. */
const sizeLimit = 4_000_000;
const filesAtOnce = 32;

/**
 * Looks at files; those that are as they were are taken from the cache. A file that cannot be read is a finding. Findings come
 * with their questions where `asks`; no cache has those.
 */
export async function lintFiles(
  files: readonly CandidateFile[],
  load: () => Promise<Linter>,
  cache: LintCache,
  signal: AbortSignal,
  asks = false,
): Promise<readonly FileResult[]> {
  let loading: Promise<Linter> | undefined;
  const linter = (): Promise<Linter> => (loading ??= load());
  const results = new Map(files.map((each) => [each, cache.unchanged(each)]));
  const changed = files.filter((each) => results.get(each) === undefined);
  for (let at = 0; at < changed.length; at += filesAtOnce) {
    signal.throwIfAborted();
    await Promise.all(changed.slice(at, at + filesAtOnce).map(async (each) => results.set(each, await resultOf(each, linter, cache, asks))));
  }
  return [...results].flatMap(([{ file }, result]) => (result?.isMigration === true ? [{ file, ...result }] : []));
}

async function resultOf(candidate: CandidateFile, linter: () => Promise<Linter>, cache: LintCache, asks: boolean): Promise<StoredResult> {
  if (candidate.sizeBytes > sizeLimit) return unreadable('It is too large for a migration.');
  try {
    const bytes = await readFile(candidate.file);
    const hash = createHash('sha256').update(bytes).digest('base64');
    const same = cache.sameContent(candidate, hash);
    if (same !== undefined) return same;
    if (!isUtf8(bytes)) return unreadable('It is not text in UTF-8.');
    const result = await lintText(candidate.file, bytes.toString('utf8').replace(/^\ufeff/, ''), await linter(), asks);
    cache.keep(candidate, hash, result);
    return result;
  } catch (error) {
    return unreadable(messageOf(error));
  }
}

function unreadable(message: string): StoredResult {
  const place = { line: 1, column: 1, endLine: 1, endColumn: 1 };
  return { isMigration: true, silences: [], findings: [{ rule: 'file-unreadable', severity: 'medium', message, ...place }] };
}

/** Looks at a text as it would at the file. */
export async function lintText(file: string, text: string, linter: Linter, asks = false): Promise<StoredResult> {
  const linted = await linter.lint(file, text);
  if (linted === undefined) return { isMigration: false, findings: [], silences: [] };
  const lines = new Lines(text);
  const { revision } = linted.migration;
  const at = revision === undefined ? undefined : lines.at(revision.span.from);
  const findings = linted.findings.filter(({ onlyWithFacts }) => asks || onlyWithFacts !== true);
  return {
    isMigration: true,
    findings: findings.map((finding) => {
      const { rule, severity, message, span } = finding;
      const end = lines.at(span.to);
      return { rule, severity, message, ...lines.at(span.from), endLine: end.line, endColumn: end.column, ...(asks ? questionsOf(finding) : {}) };
    }),
    silences: linted.silences.map(({ line, rules }) => ({ line, rules })),
    ...(revision === undefined || at === undefined ? {} : { revision: { ...revision, ...at, endColumn: at.column + revision.span.to - revision.span.from } }),
  };
}

function questionsOf({ questions, onlyWithFacts }: Finding): Pick<StoredFinding, 'questions' | 'onlyWithFacts'> {
  return { ...(questions === undefined ? {} : { questions }), ...(onlyWithFacts === undefined ? {} : { onlyWithFacts }) };
}

/** What was found in files, each finding with its file. */
export function located(results: readonly FileResult[]): readonly LocatedFinding[] {
  return results.flatMap(({ file, findings }) => findings.map((finding) => ({ ...finding, file })));
}

/** What can only be told of all files of a folder together. */
export function lintTogether(results: readonly FileResult[], walked: readonly string[]): readonly LocatedFinding[] {
  const folders = new Map<string, FileResult[]>();
  for (const result of results) {
    if (result.revision === undefined || !walked.some((folder) => result.file.startsWith(folder + path.sep))) continue;
    const folder = path.dirname(result.file);
    const others = folders.get(folder);
    if (others === undefined) folders.set(folder, [result]);
    else others.push(result);
  }
  return [...folders.values()].flatMap((inFolder) => {
    const places = new Map(inFolder.map((each) => [each.file, each.revision]));
    const files = inFolder.flatMap(({ file, revision }): readonly RevisionFile[] => (revision === undefined ? [] : [{ file, revision }]));
    return allRules.flatMap((rule) =>
      (rule.files?.(files) ?? []).map(({ file, message, questions = [] }) => {
        const { line = 1, column = 1, endColumn = 1 } = places.get(file) ?? {};
        return { file, rule: rule.id, severity: rule.severity, message, line, column, endLine: line, endColumn, questions };
      }),
    );
  });
}
