import { window } from 'vscode';
import { problemText } from '../present/problem';
import { translate as t } from '../translate';
import type { Command } from './command';

/** Says why an engine, or all of them, cannot be used. */
export const showProblem: Command = {
  id: 'containerDatabases.showProblem',
  enabled: (subject) => subject === undefined || subject.kind === 'endpoint',
  async run(context, subject) {
    const endpoints = subject?.kind === 'endpoint' ? [subject.endpoint] : (await context.inventory()).endpoints;
    const { message, detail } = problemText(t, endpoints);
    const again = t('Try again');
    const showLog = t('Show log');
    const pressed = await window.showWarningMessage(message, { modal: true, detail }, again, showLog);
    if (pressed === again) await context.watch.refresh();
    if (pressed === showLog) context.log.show();
  },
};
