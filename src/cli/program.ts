import { Command, CommanderError, Option } from 'commander';
import { createApp } from '../app';
import { asFailure, cancelled } from '../protocol/failure';
import { textOption, type CliCommand, type CliCommandGroup, type CommandOption } from './command';
import { backupCommand } from './commands/backup';
import { backupsCommand } from './commands/backups';
import { diagnoseCommand } from './commands/diagnose';
import { infoCommand } from './commands/info';
import { listCommand } from './commands/list';
import { offsiteCommands } from './commands/offsite';
import { pruneCommand } from './commands/prune';
import { restoreCommand } from './commands/restore';
import { scheduleCommands } from './commands/schedule';
import { smokeCommand } from './commands/smoke';
import { undoCommand } from './commands/undo';
import { verifyCommand } from './commands/verify';
import { exitCodeOf, exitCodes, Terminal } from './terminal';

const commands: readonly (CliCommand | CliCommandGroup)[] = [
  listCommand,
  infoCommand,
  backupCommand,
  backupsCommand,
  verifyCommand,
  pruneCommand,
  restoreCommand,
  undoCommand,
  scheduleCommands,
  offsiteCommands,
  smokeCommand,
  diagnoseCommand,
];

/** Runs the command line and gives the exit code. Never throws. */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  let code: number = exitCodes.done;
  const program = new Command('container-databases')
    .description('Finds the Postgres databases that run in local containers, and looks after their data.')
    .version(version)
    .exitOverride()
    .configureOutput({ writeErr: (text) => process.stderr.write(text) })
    .showHelpAfterError('Add --help for the commands and options.');
  const done = (result: number): void => void (code = result);
  for (const command of commands) {
    if ('run' in command) addCommand(program, command, done);
    else addGroup(program, command, done);
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

function addGroup(program: Command, { name, summary, commands }: CliCommandGroup, done: (code: number) => void): void {
  const group = program.command(name).description(summary).exitOverride();
  for (const command of commands) addCommand(group, command, done);
}

function addCommand(program: Command, command: CliCommand, done: (code: number) => void): void {
  const added = program.command(command.name).description(command.summary).exitOverride();
  if (command.argument !== undefined) added.argument(...command.argument);
  for (const each of command.options) added.addOption(optionOf(each));
  added
    .option('--json', 'print one JSON document on standard output')
    .option('--verbose', 'print what is done, on standard error')
    .addOption(new Option('--endpoint <address>', 'the engine to talk to, instead of those found').env('CONTAINER_DATABASES_ENDPOINT'))
    .addOption(new Option('--folder <path>', 'where backups lie, instead of "backups" in the project').env('CONTAINER_DATABASES_FOLDER'))
    .action(async (...received: unknown[]) => {
      const argument = typeof received[0] === 'string' ? received[0] : '';
      done(await runCommand(command, argument, added.opts()));
    });
}

function optionOf([flags, description, repeated]: CommandOption): Option {
  const option = new Option(flags, description);
  // Not commander's variadic options: those would swallow the argument that comes after them.
  return repeated === undefined ? option : option.argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), value]);
}

async function runCommand(command: CliCommand, argument: string, options: Readonly<Record<string, unknown>>): Promise<number> {
  const terminal = new Terminal(options['json'] === true, options['verbose'] === true);
  const stop = new AbortController();
  const onSignal = (): void => stop.abort(cancelled());
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    const app = createApp({ endpoint: () => textOption(options, 'endpoint'), backupFolder: () => '', folders: () => [process.cwd()] }, terminal.logger());
    await app.inventory.refresh();
    for (const sentence of [...(await app.smokeTests.recover()), ...(await app.restores.recover())]) terminal.note(sentence);
    const { value, lines, incomplete } = await command.run({ app, terminal, signal: stop.signal, options, argument });
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
