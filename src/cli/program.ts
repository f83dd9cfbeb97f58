import { Command, CommanderError, Option } from 'commander';
import { asFailure, cancelled } from '../protocol/failure';
import {
  textOption,
  type CliCommand,
  type CliCommandGroup,
  type CommandOption,
  type CommandResult,
  type EitherCommand,
  type PlainCommand,
  type PlainContext,
} from './command';
import { backupCommand } from './commands/backup';
import { backupsCommand } from './commands/backups';
import { compareCommand } from './commands/compare';
import { mergeCommand } from './commands/merge';
import { diagnoseCommand } from './commands/diagnose';
import { doctorCommand } from './commands/doctor';
import { healthCommand } from './commands/health';
import { infoCommand } from './commands/info';
import { lintCommand } from './commands/lint';
import { listCommand } from './commands/list';
import { migrationCommands } from './commands/migrations';
import { offsiteCommands } from './commands/offsite';
import { pruneCommand } from './commands/prune';
import { restoreCommand } from './commands/restore';
import { scheduleCommands } from './commands/schedule';
import { smokeCommand } from './commands/smoke';
import { statsCommand } from './commands/stats';
import { undoCommand } from './commands/undo';
import { exportCommand, importCommand } from './commands/move';
import { updateCommand } from './commands/update';
import { validateCommand } from './commands/validate';
import { verifyCommand } from './commands/verify';
import { rollbackCommand } from './commands/rollback';
import { snapshotCommands } from './commands/snapshot';
import { volumeCommands } from './commands/volume';
import { noneWanted, wantedProjects, withWantedProjects } from './wantedProjects';
import { exitCodeOf, exitCodes, Terminal } from './terminal';

const commands: readonly (CliCommand | PlainCommand | EitherCommand | CliCommandGroup)[] = [
  listCommand,
  infoCommand,
  healthCommand,
  statsCommand,
  backupCommand,
  backupsCommand,
  verifyCommand,
  pruneCommand,
  restoreCommand,
  undoCommand,
  snapshotCommands,
  rollbackCommand,
  lintCommand,
  scheduleCommands,
  offsiteCommands,
  smokeCommand,
  diagnoseCommand,
  migrationCommands,
  updateCommand,
  compareCommand,
  mergeCommand,
  validateCommand,
  volumeCommands,
  exportCommand,
  importCommand,
  doctorCommand,
];

/** Runs the command line and gives the exit code. Never throws. */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  let code: number = exitCodes.done;
  const program = new Command('container-databases')
    .description('Finds the Postgres databases that run in local containers, and looks after their data.')
    .version(version)
    .exitOverride()
    .enablePositionalOptions() // what comes after the name of a command belongs to that command, also under a word that does something alone
    .configureOutput({ writeErr: (text) => process.stderr.write(text) })
    .showHelpAfterError('Add --help for the commands and options.');
  const done = (result: number): void => void (code = result);
  for (const command of commands) {
    if ('commands' in command) addGroup(program, command, done);
    else addCommand(program, command, done);
  }
  try {
    await program.parseAsync([...argv]);
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  }
}

declare const containerDatabasesVersion: string | undefined;
const version = typeof containerDatabasesVersion === 'string' ? containerDatabasesVersion : 'development';

function addGroup(program: Command, { name, summary, commands, alone }: CliCommandGroup, done: (code: number) => void): void {
  const group = program.command(name).description(summary).exitOverride();
  if (alone !== undefined) addActions(group.enablePositionalOptions(), alone, done);
  for (const command of commands) addCommand(group, command, done);
}

function addCommand(program: Command, command: CliCommand | PlainCommand | EitherCommand, done: (code: number) => void): void {
  addActions(program.command(command.name).description(command.summary).exitOverride(), command, done);
}

function addActions(added: Command, command: CliCommand | PlainCommand | EitherCommand, done: (code: number) => void): void {
  if (command.argument !== undefined) added.argument(...command.argument);
  if (command.secondArgument !== undefined) added.argument(...command.secondArgument);
  for (const each of command.options) added.addOption(optionOf(each));
  added
    .option('--json', 'print one JSON document on standard output')
    .option('--verbose', 'print what is done, on standard error')
    .addOption(new Option('--endpoint <address>', 'the engine to talk to, instead of those found').env('CONTAINER_DATABASES_ENDPOINT'))
    .addOption(
      new Option('--project <names>', 'look at these projects only: names with commas between them, * for anything').env('CONTAINER_DATABASES_PROJECT'),
    )
    .addOption(new Option('--folder <path>', 'where backups lie, instead of "backups" in the project').env('CONTAINER_DATABASES_FOLDER'))
    .action(async () => {
      done(await runCommand(command, added.args, added.opts()));
    });
}

function optionOf([flags, description, repeated, otherwise]: CommandOption): Option {
  const option = new Option(flags, description).default(otherwise);
  // Not commander's variadic options: those would swallow the argument that comes after them.
  return repeated !== 'repeated' ? option : option.argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), value]);
}

async function runCommand(
  command: CliCommand | PlainCommand | EitherCommand,
  args: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<number> {
  const terminal = new Terminal(options['json'] === true, options['verbose'] === true);
  const stop = new AbortController();
  const onSignal = (): void => stop.abort(cancelled());
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    const context: PlainContext = { terminal, signal: stop.signal, options, argument: args[0] ?? '', arguments: args };
    const { value, lines, incomplete } = await resultOf(command, context);
    terminal.result(value, lines);
    return incomplete === true ? exitCodes.failed : exitCodes.done;
  } catch (error) {
    const failure = stop.signal.aborted ? cancelled() : asFailure(error);
    terminal.failure(failure);
    if (options['verbose'] === true && failure.stack !== undefined) terminal.note(failure.stack);
    return exitCodeOf(failure);
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

async function resultOf(command: CliCommand | PlainCommand | EitherCommand, context: PlainContext): Promise<CommandResult> {
  const plain = 'runPlain' in command ? await command.runPlain(context) : undefined;
  if (plain !== undefined) return plain;
  if ('run' in command) return runWithApp(command, context);
  throw new Error(`${command.name} gave no result.`);
}

/** Looks around first, and finishes what an earlier run was kept from. */
async function runWithApp(command: CliCommand, context: PlainContext): Promise<CommandResult> {
  const { options, terminal } = context;
  const { createApp } = await import('../app');
  const projects = wantedProjects(textOption(options, 'project'));
  const settings = { endpoint: () => textOption(options, 'endpoint'), backupFolder: () => '', projects: () => projects, folders: () => [process.cwd()] };
  const app = createApp(settings, terminal.logger());
  await app.inventory.refresh();
  for (const sentence of await app.restores.recover()) terminal.note(sentence);
  const result = await Promise.resolve(command.run({ ...context, app })).catch((error: unknown) => {
    throw withWantedProjects(error, app.inventory.current, projects);
  });
  const none = noneWanted(app.inventory.current, projects);
  if (none !== undefined) terminal.note(none);
  return result;
}
