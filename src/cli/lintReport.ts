import path from 'node:path';
import type { FileResult, LocatedFinding } from '../lint/run';
import { levels, sarifDocument } from '../lint/sarif';
import { isAtLeast, severities, type Severity } from '../lint/severity';
import { formatCount } from '../protocol/format';
import type { CommandResult, PlainContext } from './command';
import type { SeenByTarget } from './lintTarget';

interface Outcome {
  readonly files: number;
  readonly findings: readonly LocatedFinding[];
  readonly failOn: Severity | undefined;
  readonly seen: SeenByTarget | undefined;
}

/** What is printed of findings, in the form that was asked for. */
export function reportResult(options: PlainContext['options'], { files, findings, failOn, seen }: Outcome): CommandResult {
  const incomplete = failOn !== undefined && findings.some(({ severity }) => isAtLeast(severity, failOn));
  if (options['sarif'] === true) return { value: undefined, lines: [JSON.stringify(sarifDocument(findings, process.cwd()), undefined, 2)], incomplete };
  const database = seen === undefined ? {} : { target: seen.target, applied: seen.applied };
  const listed = findings.map(({ file, line, column, rule, severity, message }) => ({ file, line, column, rule, severity, message }));
  return { value: { ...database, files, findings: listed }, lines: [...findings.map(lineOf), summary(files, findings, seen)], incomplete };
}

function lineOf({ file, line, column, rule, severity, message }: LocatedFinding): string {
  const word = levels[severity] === 'note' ? 'info' : levels[severity];
  return `${file}:${line}:${column}: ${word}: ${message.replaceAll('\n', ' ')} [${rule}, ${severity}]`;
}

function summary(files: number, findings: readonly LocatedFinding[], seen: SeenByTarget | undefined): string {
  const left = seen === undefined || seen.applied === 0 ? '' : `, ${formatCount(seen.applied)} of which ${seen.target} has already`;
  const looked = `${formatCount(files)} ${files === 1 ? 'migration was' : 'migrations were'} looked at${left}`;
  const counts = severities.toReversed().flatMap((severity) => {
    const count = findings.filter((each) => each.severity === severity).length;
    return count === 0 ? [] : [`${formatCount(count)} ${severity}`];
  });
  return counts.length === 0 ? `${looked}: nothing to warn of.` : `${looked}: ${counts.join(', ')}.`;
}

/** The comments that silence rules. */
export function silencedResult(results: readonly FileResult[]): CommandResult {
  const shown = shownPaths();
  const silences = results.flatMap(({ file, silences }) => silences.map(({ line, rules }) => ({ file: shown(file), line, rules })));
  const lines = silences.map(({ file, line, rules }) => `${file}:${line}: ${rules.length === 0 ? 'every rule' : rules.join(', ')}`);
  return { value: { files: results.length, silences }, lines: lines.length === 0 ? ['Nothing is silenced.'] : lines };
}

/** Gives paths as people type them: from where they are, with slashes. */
export function shownPaths(): (file: string) => string {
  const folders = new Map<string, string>();
  const prefix = (folder: string): string => {
    const relative = path.relative(process.cwd(), folder);
    const shown = relative.startsWith('..') ? folder : relative;
    return shown === '' || shown.endsWith(path.sep) ? shown : shown + path.sep;
  };
  return (file) => {
    const name = path.basename(file);
    const folder = file.slice(0, -name.length);
    const known = folders.get(folder) ?? prefix(folder);
    folders.set(folder, known);
    return (known + name).replaceAll(path.sep, '/');
  };
}
