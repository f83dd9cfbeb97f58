import { ThemeIcon, window } from 'vscode';
import { translate as t } from '../translate';
import type { Command } from './command';
import { engineFor, programFor } from './containers';
import { targetDatabase } from './targets';

export const openPsql: Command = {
  id: 'containerDatabases.openPsql',
  enabled: (subject) => subject === undefined || subject.kind === 'database' || (subject.kind === 'service' && subject.service.databases.length > 0),
  async run(context, subject) {
    const target = await targetDatabase(context, subject, t('Open psql on which database?'));
    if (target === undefined) return undefined;
    const { inventory } = await context.app();
    const { container } = await engineFor(context, target.service);
    const { program, args } = await programFor(await context.inventory(), container.endpointId);
    const { psqlCommand } = await import('../../postgres/psql');
    const psql = await psqlCommand(inventory.serverOf(target.service), target.database.name);
    const terminal = window.createTerminal({
      name: `psql: ${target.database.name}`,
      iconPath: new ThemeIcon('database'),
      shellPath: program,
      shellArgs: [...args, 'exec', '-it', container.id, ...psql],
      isTransient: true,
    });
    terminal.show();
    return terminal.name;
  },
};
