import { Command, CommanderError, Option } from 'commander';
import { patternsIn } from '../inventory/wanted';
import { asFailure, cancelled } from '../protocol/failure';
import { textOption, type CliCommand, type CliCommandGroup, type CommandOption, type CommandResult, type PlainContext } from './command';
import { commandTable, type AnyCommand } from './commandTable';
import { noneWanted, withWantedProjects } from './wantedProjects';
import { exitCodeOf, exitCodes, Terminal } from './terminal';

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
  for (const command of await meantCommands(argv[2])) {
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

/** The command of that name alone; all of them where it is none, for help and for a proposal of what was meant. */
async function meantCommands(word: string | undefined): Promise<readonly (AnyCommand | CliCommandGroup)[]> {
  const named = word !== undefined && Object.hasOwn(commandTable, word) ? commandTable[word] : undefined;
  return Promise.all((named === undefined ? Object.values(commandTable) : [named]).map((load) => load()));
}

declare const containerDatabasesVersion: string | undefined;
const version = typeof containerDatabasesVersion === 'string' ? containerDatabasesVersion : 'development';

function addGroup(program: Command, { name, summary, commands, alone }: CliCommandGroup, done: (code: number) => void): void {
  const group = program.command(name).description(summary).exitOverride();
  if (alone !== undefined) addActions(group.enablePositionalOptions(), alone, done);
  for (const command of commands) addCommand(group, command, done);
}

function addCommand(program: Command, command: AnyCommand, done: (code: number) => void): void {
  addActions(program.command(command.name).description(command.summary).exitOverride(), command, done);
}

function addActions(added: Command, command: AnyCommand, done: (code: number) => void): void {
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

async function runCommand(command: AnyCommand, args: readonly string[], options: Readonly<Record<string, unknown>>): Promise<number> {
  const terminal = new Terminal(options['json'] === true, options['verbose'] === true);
  const stop = new AbortController();
  const onSignal = (): void => stop.abort(cancelled());
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    const context: PlainContext = { terminal, signal: stop.signal, options, argument: args[0] ?? '', arguments: args };
    const result = await resultOf(command, context);
    terminal.result(result);
    return result.incomplete === true ? exitCodes.failed : exitCodes.done;
  } catch (error) {
    const failure = stop.signal.aborted ? cancelled() : asFailure(error);
    terminal.failure(failure);
    if (options['verbose'] === true && failure.stack !== undefined) terminal.note(failure.stack);
    return exitCodeOf(failure);
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

async function resultOf(command: AnyCommand, context: PlainContext): Promise<CommandResult> {
  const plain = 'runPlain' in command ? await command.runPlain(context) : undefined;
  if (plain !== undefined) return plain;
  if ('run' in command) return runWithApp(command, context);
  throw new Error(`${command.name} gave no result.`);
}

/** Looks around first, and finishes what an earlier run was kept from. */
async function runWithApp(command: CliCommand, context: PlainContext): Promise<CommandResult> {
  const { options, terminal } = context;
  const { createApp } = await import('../app');
  const projects = patternsIn(textOption(options, 'project'));
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
