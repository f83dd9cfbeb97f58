import { ThemeIcon, window } from 'vscode';
import { translate as t } from '../translate';
import type { Command } from './command';
import { engineFor, programFor } from './containers';
import { targetService } from './targets';

/** Lines of the past that are shown before what comes. */
const tail = '1000';

export const showLogs: Command = {
  id: 'containerDatabases.showLogs',
  enabled: (subject) => subject === undefined || subject.kind === 'database' || (subject.kind === 'service' && subject.service.container !== undefined),
  async run(context, subject) {
    const place = await targetService(context, subject, ({ container }) => container !== undefined, t('Show the logs of which service?'));
    if (place === undefined) return undefined;
    const { container } = await engineFor(context, place.service);
    const { program, args } = await programFor(await context.inventory(), container.endpointId);
    const terminal = window.createTerminal({
      name: t('Logs: {0}', place.service.name),
      iconPath: new ThemeIcon('output'),
      shellPath: program,
      shellArgs: [...args, 'logs', '--follow', '--tail', tail, container.id],
      isTransient: true,
    });
    terminal.show();
    return terminal.name;
  },
};
