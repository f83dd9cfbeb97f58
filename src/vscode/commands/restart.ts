import { translate as t } from '../translate';
import type { Command } from './command';
import { engineFor } from './containers';
import { stopSeconds } from './stop';
import { targetService } from './targets';

const restartable = new Set(['running', 'starting', 'restarting']);

export const restart: Command = {
  id: 'containerDatabases.restart',
  enabled: (subject) => subject === undefined || (subject.kind === 'service' && restartable.has(subject.service.state)),
  async run(context, subject) {
    const place = await targetService(context, subject, ({ state }) => restartable.has(state), t('Restart which service?'));
    if (place === undefined) return undefined;
    const { engine, container } = await engineFor(context, place.service);
    await context.wait(t('Restarting {0}', place.service.name), () => engine.restart(container.id, stopSeconds));
    await context.watch.refresh();
    return place.service.name;
  },
};
