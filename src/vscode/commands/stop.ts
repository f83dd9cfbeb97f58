import { translate as t } from '../translate';
import type { Command } from './command';
import { engineFor } from './containers';
import { targetService } from './targets';

/** Seconds that Postgres gets to write its last checkpoint before it is killed; the default of ten is short for it. */
export const stopSeconds = 60;

const stoppable = new Set(['running', 'starting', 'restarting', 'paused']);

export const stop: Command = {
  id: 'containerDatabases.stop',
  enabled: (subject) => subject === undefined || (subject.kind === 'service' && stoppable.has(subject.service.state)),
  async run(context, subject) {
    const place = await targetService(context, subject, ({ state }) => stoppable.has(state), t('Stop which service?'));
    if (place === undefined) return undefined;
    const { engine, container } = await engineFor(context, place.service);
    await context.wait(t('Stopping {0}', place.service.name), () => engine.stop(container.id, stopSeconds));
    await context.watch.refresh();
    return place.service.name;
  },
};
