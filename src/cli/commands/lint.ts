import { statSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { LintCache } from '../../lint/cache';
import { candidateFiles } from '../../lint/files';
import { judged, type Wishes } from '../../lint/judge';
import type { Linter } from '../../lint/linter';
import { rulePage } from '../../lint/page';
import { ruleOf } from '../../lint/rules/all';
import { lintFiles, lintTogether, located, type FileResult, type LocatedFinding } from '../../lint/run';
import { levels, sarifDocument } from '../../lint/sarif';
import { isAtLeast, overridesOf, profiles, severities, severityOf, type Severity } from '../../lint/severity';
import { stateFolder } from '../../operations/stateFolder';
import { Failure } from '../../protocol/failure';
import { formatCount } from '../../protocol/format';
import { choiceOption, listOption, textOption, type CommandResult, type EitherCommand, type PlainContext } from '../command';
import { seenByTarget, type LookedAt, type SeenByTarget } from '../lintTarget';

/** Warns of what migrations do. Needs neither database nor engine, but where facts of a database are asked for. */
export const lintCommand: EitherCommand = {
  name: 'lint',
  summary: 'warn of dangerous steps in migrations',
  argument: ['[paths...]', 'migrations, or folders that hold some; the current folder when left out'],
  options: [
    ['--fail-on <severity>', 'end with 1 from this severity on: info, low, medium, high, very-high or never', 'once', 'medium'],
    ['--profile <name>', 'production, or development: locks do not matter there', 'once', 'production'],
    ['--severity <rule=severity>', 'how grave a rule is, or off', 'repeated'],
    ['--target <target>', 'tell what would happen in this database now, and leave out what it has already'],
    ['--sarif', 'print a SARIF document'],
    ['--silenced', 'list the comments that silence rules instead'],
    ['--explain <rule>', 'print the page about a rule'],
    ['--no-cache', 'look at every file anew'],
  ],
  runPlain: async (context) => {
    const explained = textOption(context.options, 'explain');
    if (explained !== undefined) return explanation(explained);
    return textOption(context.options, 'target') !== undefined && context.options['silenced'] !== true ? undefined : lint(context);
  },
  run: (context) => lint(context, (lookedAt) => seenByTarget(context, textOption(context.options, 'target') ?? '', lookedAt)),
};

async function lint(context: PlainContext, ask?: (lookedAt: LookedAt) => Promise<SeenByTarget>): Promise<CommandResult> {
  const { options, signal, terminal } = context;
  const wishes = wishesOf(options);
  const failOn = failOnOf(options);
  if (options['json'] === true && options['sarif'] === true) throw new Failure('USAGE', '--json and --sarif exclude one another.', 'Leave one of them out.');
  const paths = context.arguments === undefined || context.arguments.length === 0 ? ['.'] : context.arguments;
  const { files, walked } = await candidateFiles(paths, signal);
  const isCached = ask === undefined && options['cache'] !== false;
  const cache = isCached ? await LintCache.open(state(), walked.join('\n'), build(), terminal.logger()) : LintCache.none();
  const results = await lintFiles(files, loadLinter, cache, signal, ask !== undefined);
  await cache.save(terminal.logger(), new Date());
  if (options['silenced'] === true) return silenced(results);
  const together = lintTogether(results, walked);
  const seen = await ask?.({ results, together, walked });
  const findings = wishedFor(seen?.findings ?? [...located(results), ...together], wishes);
  return report(context, { files: results.length, findings, failOn, seen });
}

/** The parsers are only loaded when a file has changed. */
async function loadLinter(): Promise<Linter> {
  const { Linter } = await import('../../lint/linter');
  return new Linter(false);
}

function state(): string {
  return stateFolder({ platform: process.platform, home: homedir(), env: process.env });
}

/** What tells this program from another version of it. */
function build(): string {
  const { size, mtimeMs } = statSync(process.argv[1] ?? process.execPath);
  return `${size} ${mtimeMs}`;
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

function wishedFor(all: readonly LocatedFinding[], wishes: Wishes): readonly LocatedFinding[] {
  const judgedOnes = all.flatMap((finding) => {
    const severity = judged(finding, wishes, finding.raised);
    return severity === 'off' ? [] : [{ ...finding, severity, file: shown(finding.file) }];
  });
  return judgedOnes.toSorted((a, b) => (a.file === b.file ? a.line - b.line || a.column - b.column : a.file < b.file ? -1 : 1));
}

/** A path as people type it: from where they are, with slashes. */
function shown(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return (relative.startsWith('..') ? file : relative).replaceAll(path.sep, '/');
}

interface Outcome {
  readonly files: number;
  readonly findings: readonly LocatedFinding[];
  readonly failOn: Severity | undefined;
  readonly seen: SeenByTarget | undefined;
}

function report({ options }: PlainContext, { files, findings, failOn, seen }: Outcome): CommandResult {
  const incomplete = failOn !== undefined && findings.some(({ severity }) => isAtLeast(severity, failOn));
  if (options['sarif'] === true) return { value: undefined, lines: [JSON.stringify(sarifDocument(findings, process.cwd()), undefined, 2)], incomplete };
  const listed = findings.map(({ file, line, column, rule, severity, message }) => ({ file, line, column, rule, severity, message }));
  const lines = findings.map(({ file, line, column, rule, severity, message }) => {
    const word = levels[severity] === 'note' ? 'info' : levels[severity];
    return `${file}:${line}:${column}: ${word}: ${message.replaceAll('\n', ' ')} [${rule}, ${severity}]`;
  });
  const database = seen === undefined ? {} : { target: seen.target, applied: seen.applied };
  return { value: { ...database, files, findings: listed }, lines: [...lines, summary(files, findings, seen)], incomplete };
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

function silenced(results: readonly FileResult[]): CommandResult {
  const silences = results.flatMap(({ file, silences }) => silences.map(({ line, rules }) => ({ file: shown(file), line, rules })));
  const lines = silences.map(({ file, line, rules }) => `${file}:${line}: ${rules.length === 0 ? 'every rule' : rules.join(', ')}`);
  return { value: { files: results.length, silences }, lines: lines.length === 0 ? ['Nothing is silenced.'] : lines };
}

function explanation(id: string): CommandResult {
  const rule = ruleOf(id);
  if (rule === undefined) throw new Failure('USAGE', `There is no rule "${id}".`, 'Take the word in brackets behind a warning.');
  const { title, severity, why, remedy, source } = rule;
  return { value: { rule: id, title, severity, why, remedy, source }, lines: rulePage(rule).trimEnd().split('\n') };
}
