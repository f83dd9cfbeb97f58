import type { Command } from './command';

export const showOutput: Command = {
  id: 'containerDatabases.showOutput',
  enabled: () => true,
  restricted: true,
  async run({ log }) {
    log.show();
  },
};
