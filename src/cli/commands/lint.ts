import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { candidateFiles } from '../../lint/files';
import { keepReport, lastReport, reportPlace } from '../../lint/lastReport';
import { stateFolder } from '../../operations/stateFolder';
import { Failure } from '../../protocol/failure';
import { textOption, type CommandResult, type EitherCommand, type PlainContext } from '../command';
import { resultText } from '../terminal';

// What this imports is all that is loaded where nothing has changed since the last time.

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
    if (textOption(context.options, 'target') !== undefined && context.options['silenced'] !== true) return undefined;
    return context.options['cache'] === false ? lintAllAnew(context) : lintWhatChanged(context);
  },
  run: async (context) => {
    const [{ seenByTarget }, { lintAnew }, { LintCache }] = await Promise.all([import('../lintTarget'), import('../lintAnew'), import('../../lint/cache')]);
    const target = textOption(context.options, 'target') ?? '';
    const found = await candidateFiles(pathsOf(context), context.signal);
    return lintAnew(context, found, LintCache.none(), (lookedAt) => seenByTarget(context, target, lookedAt));
  },
};

async function lintAllAnew(context: PlainContext): Promise<CommandResult> {
  const [{ lintAnew }, { LintCache }] = await Promise.all([import('../lintAnew'), import('../../lint/cache')]);
  return lintAnew(context, await candidateFiles(pathsOf(context), context.signal), LintCache.none());
}

/** Prints the same as the last time where the same is asked of the same files; else looks at those that have changed. */
async function lintWhatChanged(context: PlainContext): Promise<CommandResult> {
  const { options, signal, terminal } = context;
  const startedAt = new Date(); // before any file is looked at
  const paths = pathsOf(context);
  const log = terminal.logger();
  const found = await candidateFiles(paths, signal);
  const folder = stateFolder({ platform: process.platform, home: homedir(), env: process.env });
  const [subject, program] = [found.walked.join('\n'), build()];
  const place = reportPlace(folder, subject, program, JSON.stringify([process.cwd(), paths, options]), found.files);
  const last = lastReport(place, log);
  if (last !== undefined) return { value: undefined, lines: [], printed: last.text, incomplete: last.incomplete };
  const [{ lintAnew }, { LintCache }] = await Promise.all([import('../lintAnew'), import('../../lint/cache')]);
  const cache = LintCache.open(folder, subject, program, log);
  const result = await lintAnew(context, found, cache);
  await cache.save(log, startedAt);
  if (!cache.knows(found.files)) return result;
  const printed = resultText(options['json'] === true, result);
  await keepReport(place, { text: printed, incomplete: result.incomplete === true }, found.files, startedAt, log);
  return { ...result, printed };
}

/** Throws `USAGE`. */
function pathsOf({ arguments: paths = [], options }: PlainContext): readonly string[] {
  if (options['json'] === true && options['sarif'] === true) throw new Failure('USAGE', '--json and --sarif exclude one another.', 'Leave one of them out.');
  return paths.length === 0 ? ['.'] : paths;
}

declare const containerDatabasesParser: string | undefined;

/** What tells this program from another version of it: its first file names all others by what is in them, but for the parser of SQL. */
function build(): string {
  const parser = typeof containerDatabasesParser === 'string' ? containerDatabasesParser : '';
  return createHash('sha256')
    .update(readFileSync(process.argv[1] ?? process.execPath))
    .update(parser)
    .digest('base64');
}

async function explanation(id: string): Promise<CommandResult> {
  const [{ rulePage }, { ruleOf }] = await Promise.all([import('../../lint/page'), import('../../lint/rules/all')]);
  const rule = ruleOf(id);
  if (rule === undefined) throw new Failure('USAGE', `There is no rule "${id}".`, 'Take the word in brackets behind a warning.');
  const { title, severity, why, remedy, source } = rule;
  return { value: { rule: id, title, severity, why, remedy, source }, lines: rulePage(rule).trimEnd().split('\n') };
}
