import type { Service } from '../../inventory/model';
import { tooltip } from './markdown';
import { fullMomentText } from './time';
import type { Clock, Translate } from './translate';
import { colors, type Icon } from './treeNode';
import { conditionText, joinParts, stateText } from './words';

/** `17.2 · healthy · :15432`; what is unremarkable is left out. */
export function serviceDescription(t: Translate, service: Service): string {
  const { postgres, published } = service;
  const port = published === undefined || service.state === 'stopped' ? undefined : `:${published.port}`;
  if (service.state === 'not created') return stateText(t, service.state);
  return joinParts(postgres.version ?? postgres.major?.toString(), conditionText(t, service), port);
}

/** State by shape and colour, so that nobody needs to tell colours apart. */
export function serviceIcon(service: Service): Icon {
  if (service.problem !== undefined) return { id: 'warning', color: colors.warning };
  if (service.state === 'running') return service.health === 'unhealthy' ? { id: 'error', color: colors.bad } : { id: 'server', color: colors.good };
  const icons: Readonly<Record<Exclude<Service['state'], 'running'>, Icon>> = {
    starting: { id: 'sync', color: colors.busy },
    restarting: { id: 'sync', color: colors.busy },
    paused: { id: 'debug-pause', color: colors.busy },
    stopped: { id: 'circle-slash', color: colors.quiet },
    'not created': { id: 'circle-large-outline', color: colors.quiet },
  };
  return icons[service.state];
}

export function serviceTooltip(t: Translate, service: Service, clock: Clock): string {
  const { container, postgres, published, problem, dependents } = service;
  const running = service.state !== 'stopped' && service.state !== 'not created';
  return tooltip(
    t('{0}: {1}', service.name, conditionText(t, service)),
    [
      [t('Postgres'), postgres.version ?? postgres.major?.toString()],
      [t('Container'), container?.name],
      [t('Image'), container?.image],
      [t('User'), postgres.user],
      [
        t('Port'),
        published === undefined ? (running ? t('not published') : undefined) : `${published.address === '' ? '*' : published.address}:${published.port}`,
      ],
      [t('Used by'), dependents.join(', ')],
      [t('Started'), running && container !== undefined ? fullMomentText(new Date(container.startedAt), clock) : undefined],
    ],
    problem === undefined ? [] : [problem.message, problem.remedy],
  );
}
