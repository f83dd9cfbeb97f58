import type { Command } from './command';

export const refresh: Command = {
  id: 'containerDatabases.refresh',
  enabled: () => true,
  async run(context) {
    await context.watch.refresh();
    await context.shelf.refresh();
    context.health.refresh();
  },
};
