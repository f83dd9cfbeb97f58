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
}

/** What a command prints: the JSON document, and the same for people. */
export interface CommandResult {
  readonly value: unknown;
  readonly lines: readonly string[];
}

/** One command as data. */
export interface CliCommand {
  readonly name: string;
  readonly summary: string;
  /** As commander writes it: `<target>` is needed, `[target]` may be left out. */
  readonly argument?: readonly [name: string, description: string];
  readonly options: readonly (readonly [flags: string, description: string])[];
  readonly run: (context: CommandContext) => Promise<CommandResult>;
}

/** Commands under one word, such as `schedule add`. */
export interface CliCommandGroup {
  readonly name: string;
  readonly summary: string;
  readonly commands: readonly CliCommand[];
}

/** The text of an option, undefined when it was not given. */
export function textOption(options: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The folder for backups that the user named, as the part of an options object. */
export function folderOption(options: Readonly<Record<string, unknown>>): { readonly folder?: string } {
  const folder = textOption(options, 'folder');
  return folder === undefined ? {} : { folder };
}

/** The failure of a command that needs `--yes`. */
export function confirmationMissing(what: string): Failure {
  return new Failure('CONFIRMATION_MISSING', what, 'Add --yes to do it, or --dry-run to see the steps only.');
}
