import type { LintCache } from '../lint/cache';
import type { CandidateFiles } from '../lint/files';
import { judged, type Wishes } from '../lint/judge';
import type { Linter } from '../lint/linter';
import { ruleOf } from '../lint/rules/all';
import { lintFiles, lintTogether, type FileResult, type LocatedFinding } from '../lint/run';
import { overridesOf, profiles, severities, severityOf, type Severity } from '../lint/severity';
import { Failure } from '../protocol/failure';
import { choiceOption, listOption, textOption, type CommandResult, type PlainContext } from './command';
import { reportResult, shownPaths, silencedResult } from './lintReport';
import type { LookedAt, SeenByTarget } from './lintTarget';

/** Looks at files, but for those that have not changed since an earlier run, and lets `ask` ask a database. Throws `USAGE`. */
export async function lintAnew(
  context: PlainContext,
  { files, walked }: CandidateFiles,
  cache: LintCache,
  ask?: (lookedAt: LookedAt) => Promise<SeenByTarget>,
): Promise<CommandResult> {
  const { options, signal } = context;
  const wishes = wishesOf(options);
  const failOn = failOnOf(options);
  const results = await lintFiles(files, loadLinter, cache, signal, ask !== undefined);
  if (options['silenced'] === true) return silencedResult(results);
  const together = lintTogether(results, walked);
  const seen = await ask?.({ results, together, walked });
  const found = seen === undefined ? [...results, ...inFiles(together)] : inFiles(seen.findings);
  return reportResult(options, { files: results.length, findings: wishedFor(found, wishes), failOn, seen });
}

/** The parsers are only loaded when a file has changed. */
async function loadLinter(): Promise<Linter> {
  const { Linter } = await import('../lint/linter');
  return new Linter(false);
}

function wishesOf(options: PlainContext['options']): Wishes {
  const chosen = listOption(options, 'severity').map((each): readonly [string, string] => {
    const [rule = '', word = ''] = each.split('=');
    if (ruleOf(rule) === undefined || (word !== 'off' && severityOf(word) === undefined)) {
      throw new Failure('USAGE', `--severity cannot be "${each}".`, 'Write a rule, "=" and a severity, such as index-create=off.');
    }
    return [rule, word];
  });
  return { profile: choiceOption(options, 'profile', profiles) ?? 'production', overrides: overridesOf(Object.fromEntries(chosen)) };
}

function failOnOf(options: PlainContext['options']): Severity | undefined {
  const word = textOption(options, 'failOn') ?? 'medium';
  const severity = severityOf(word);
  if (severity === undefined && word !== 'never')
    throw new Failure('USAGE', `--fail-on cannot be "${word}".`, `Choose one of ${[...severities, 'never'].join(', ')}.`);
  return severity;
}

type FileFindings = Pick<FileResult, 'file' | 'findings'>;

function inFiles(findings: readonly LocatedFinding[]): readonly FileFindings[] {
  return findings.map((finding) => ({ file: finding.file, findings: [finding] }));
}

function wishedFor(found: readonly FileFindings[], wishes: Wishes): readonly LocatedFinding[] {
  const shown = shownPaths();
  const wanted: LocatedFinding[] = [];
  for (const { file: absolute, findings } of found) {
    if (findings.length === 0) continue;
    const file = shown(absolute);
    for (const finding of findings) {
      const severity = judged(finding, wishes, finding.raised);
      const { rule, message, line, column, endLine, endColumn } = finding;
      if (severity !== 'off') wanted.push({ file, line, column, endLine, endColumn, rule, severity, message });
    }
  }
  return wanted.toSorted((a, b) => (a.file === b.file ? a.line - b.line || a.column - b.column : a.file < b.file ? -1 : 1));
}
