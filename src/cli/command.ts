import type { App } from '../app';
import { Failure } from '../protocol/failure';
import type { Terminal } from './terminal';

/** What every command gets. */
export interface CommandContext {
  readonly app: App;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  readonly options: Readonly<Record<string, unknown>>;
  readonly argument: string;
  /** All of them, for a command that takes more than one. */
  readonly arguments?: readonly string[];
}

/** What a command prints: the JSON document, and the same for people. */
export interface CommandResult {
  readonly value: unknown;
  readonly lines: readonly string[];
  /** The text of it, where that is known already: then nothing else is printed. */
  readonly printed?: string;
  /** Set when a part failed, or something was found that should not be, as the result tells; then the exit code is that of a failure. */
  readonly incomplete?: boolean;
}

/** An option; one that is `repeated` may be given several times, each time with one value. */
export type CommandOption = readonly [flags: string, description: string, repeated?: 'once' | 'repeated', otherwise?: string];

/** One command as data. */
export interface CliCommand {
  readonly name: string;
  readonly summary: string;
  /** As commander writes it: `<target>` is needed, `[target]` may be left out. */
  readonly argument?: readonly [name: string, description: string];
  readonly secondArgument?: readonly [name: string, description: string];
  readonly options: readonly CommandOption[];
  readonly run: (context: CommandContext) => Promise<CommandResult>;
}

/** A command that asks no engine, and for which none of what can do so is loaded. */
export interface PlainCommand extends Omit<CliCommand, 'run'> {
  readonly runPlain: (context: PlainContext) => Promise<CommandResult>;
}

/** A command that may need no engine: where `runPlain` gives nothing, `run` does it. */
export interface EitherCommand extends CliCommand {
  readonly runPlain: (context: PlainContext) => Promise<CommandResult | undefined>;
}

export type PlainContext = Omit<CommandContext, 'app'>;

/** Commands under one word, such as `schedule add`. */
export interface CliCommandGroup {
  readonly name: string;
  readonly summary: string;
  readonly commands: readonly CliCommand[];
  /** What the word does when none of the commands comes after it. */
  readonly alone?: CliCommand;
}

/** The text of an option, undefined when it was not given. */
export function textOption(options: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** One of several words, undefined when the option was not given. Throws `USAGE`. */
export function choiceOption<Word extends string>(options: Readonly<Record<string, unknown>>, name: string, words: readonly Word[]): Word | undefined {
  const text = textOption(options, name);
  if (text === undefined) return undefined;
  const word = words.find((each) => each === text);
  if (word !== undefined) return word;
  throw new Failure(
    'USAGE',
    `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} cannot be "${text}".`,
    `Choose one of ${words.join(', ')}.`,
  );
}

/** The values of an option that may be given several times. */
export function listOption(options: Readonly<Record<string, unknown>>, name: string): readonly string[] {
  const value = options[name];
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

/** The folder for backups that the user named, as the part of an options object. */
export function folderOption(options: Readonly<Record<string, unknown>>): { readonly folder?: string } {
  const folder = textOption(options, 'folder');
  return folder === undefined ? {} : { folder };
}

/** The failure of a command that needs `--yes`. */
export function confirmationMissing(what: string, remedy = 'Add --yes to do it, or --dry-run to see the steps only.'): Failure {
  return new Failure('CONFIRMATION_MISSING', what, remedy);
}
