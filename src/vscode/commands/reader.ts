import type { Backup } from '../../backup/catalogue';
import type { Inventory } from '../../inventory/model';
import { Failure } from '../../protocol/failure';
import type { ServicePlace } from '../picks';
import { translate as t } from '../translate';

/** A running server whose programs can read the backup: its own, else the newest. Throws `SERVER_MISSING`. */
export function readerOf(inventory: Inventory, { manifest }: Backup): ServicePlace {
  const running = inventory.projects.flatMap((project) =>
    project.services.filter(({ state, problem }) => state === 'running' && problem === undefined).map((service) => ({ project, service })),
  );
  const own = running.find(({ project, service }) => project.name === manifest?.project && service.name === manifest.service);
  const newest = running.toSorted((a, b) => (b.service.postgres.major ?? 0) - (a.service.postgres.major ?? 0))[0];
  const reader = own ?? newest;
  if (reader !== undefined) return reader;
  throw new Failure(
    'SERVER_MISSING',
    t('No Postgres is running that could read the backup.'),
    t('Start a service with Postgres, then try again: its own programs do the reading.'),
  );
}
