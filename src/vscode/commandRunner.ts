import { commands, Disposable, ProgressLocation, window, workspace } from 'vscode';
import type { Operation } from '../operations/operation';
import { asFailure, cancelled, cancelledCode } from '../protocol/failure';
import type { Logger } from '../protocol/logger';
import type { Command, CommandContext } from './commands/command';
import { ProgressLine } from './present/progress';
import { readSubject } from './readSubject';
import { showFailure } from './showFailure';
import { translate as t } from './translate';

/** Milliseconds between two lines of progress; more often nobody can read. */
const progressInterval = 150;

/** Registers commands; all of them run here. */
export function registerCommands(list: readonly Command[], context: CommandContext): Disposable {
  const registered = list.map((command) => commands.registerCommand(command.id, async (argument: unknown) => runCommand(command, context, argument)));
  return Disposable.from(...registered);
}

/** Runs a command, and shows what goes wrong. Gives its outcome; undefined when there is none. */
async function runCommand(command: Command, context: CommandContext, argument: unknown): Promise<unknown> {
  if (command.restricted !== true && !workspace.isTrusted) {
    void window.showWarningMessage(t('Trust this workspace first: nothing runs in Restricted Mode.'));
    return undefined;
  }
  const subject = readSubject(argument);
  const started = Date.now();
  try {
    context.log.debug(`${command.id} began`);
    const outcome = await command.run(context, command.enabled(subject) ? subject : undefined, argument);
    context.log.debug(`${command.id} ended after ${Date.now() - started} ms`);
    return outcome;
  } catch (error) {
    const failure = asFailure(error);
    if (failure.code === cancelledCode) {
      context.log.info(`${command.id}: cancelled`);
      void window.showInformationMessage(t('Cancelled. Nothing was left behind.'));
      return undefined;
    }
    context.log.error(`${command.id}: ${failure.message} (${failure.code})${failure.code === 'UNEXPECTED' ? `\n${failure.stack ?? ''}` : ''}`);
    const again = await showFailure(failure, context.log);
    return again ? runCommand(command, context, argument) : undefined;
  }
}

/** Runs long work under a notification with progress and "Cancel". Throws `CANCELLED` when it was cancelled. */
export async function runOperation<T>(log: Logger, title: string, work: (operation: Operation) => Promise<T>): Promise<T> {
  return window.withProgress({ location: ProgressLocation.Notification, title, cancellable: true }, async (progress, token) => {
    const stop = new AbortController();
    const onCancel = token.onCancellationRequested(() => stop.abort(cancelled()));
    const line = new ProgressLine();
    let shownAt = 0;
    let message = '';
    const report: Operation['report'] = (news) => {
      const now = Date.now();
      if (news.message !== message) log.debug(news.message);
      if (now - shownAt < progressInterval && news.message === message) return;
      shownAt = now;
      message = news.message;
      progress.report(line.next(news, now));
    };
    try {
      return await work({ signal: stop.signal, log, report });
    } catch (error) {
      throw stop.signal.aborted ? cancelled() : error;
    } finally {
      onCancel.dispose();
    }
  });
}

/** Shows a notification for as long as something takes that cannot be stopped halfway. */
export async function waitUnderNotification<T>(title: string, work: () => Promise<T>): Promise<T> {
  return window.withProgress({ location: ProgressLocation.Notification, title }, work);
}
