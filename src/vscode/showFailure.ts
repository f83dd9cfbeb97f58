import { window } from 'vscode';
import { asFailure, cancelledCode, type Failure } from '../protocol/failure';
import type { OutputLog } from './outputLog';
import { translate as t } from './translate';

/** Failures that another attempt can cure, once the user has done what the remedy says. */
const curable = /^(ENGINE_|SERVER_|SERVICE_|CONTAINER_NOT_RUNNING|RESTORE_RUNNING|DATABASE_IN_USE|DISK_FULL|FILE_DENIED)/;

/** The one place that shows errors: what happened and what to do. Gives whether to try again. */
export async function showFailure(failure: Failure, log: OutputLog): Promise<boolean> {
  const showLog = t('Show log');
  const tryAgain = t('Try again');
  const buttons = curable.test(failure.code) ? [tryAgain, showLog] : [showLog];
  const pressed = await window.showErrorMessage(`${failure.message} ${failure.remedy}`, ...buttons);
  if (pressed === showLog) log.show();
  return pressed === tryAgain;
}

/** Does what was asked for outside of a command, and shows what goes wrong. */
export async function showingFailures(log: OutputLog, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const failure = asFailure(error);
    if (failure.code !== cancelledCode) await showFailure(failure, log);
  }
}
