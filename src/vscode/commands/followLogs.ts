import { translate as t } from '../translate';
import type { Command } from './command';
import { engineFor } from './containers';
import { targetService } from './targets';

export const followLogs: Command = {
  id: 'containerDatabases.followLogs',
  enabled: (subject) => subject === undefined || subject.kind === 'database' || (subject.kind === 'service' && subject.service.container !== undefined),
  async run(context, subject) {
    const place = await targetService(context, subject, ({ container }) => container !== undefined, t('Follow the log of which service?'));
    if (place === undefined) return undefined;
    const { engine, container } = await engineFor(context, place.service);
    const name = `${place.project.name}/${place.service.name}`;
    context.logs.follow(container.id, name, engine, container.id);
    return name;
  },
};
