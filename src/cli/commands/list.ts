import type { Inventory, Service } from '../../inventory/model';
import { formatBytes } from '../../protocol/format';
import type { CliCommand } from '../command';
import { columns } from '../terminal';

/** Every project, service and database that is known. */
export const listCommand: CliCommand = {
  name: 'list',
  summary: 'list projects, database services and databases',
  options: [],
  run: async ({ app }) => {
    const inventory = app.inventory.current;
    return { value: listing(inventory), lines: linesOf(inventory) };
  },
};

/** The shape that scripts rely on. */
export function listing(inventory: Inventory): unknown {
  return {
    endpoints: inventory.endpoints,
    projects: inventory.projects.map(({ services, ...project }) => ({ ...project, services: services.map(serviceListing) })),
  };
}

export function serviceListing({ container, health, ...service }: Service): unknown {
  return {
    ...service,
    container: container?.name ?? null,
    image: container?.image ?? null,
    health: health ?? null,
  };
}

function linesOf(inventory: Inventory): readonly string[] {
  const failed = inventory.endpoints.flatMap(({ name, problem }) => (problem === undefined ? [] : [`${name}: ${problem.message} ${problem.remedy}`]));
  const rows = inventory.projects.flatMap(({ name, services }) =>
    services.flatMap((service) => {
      const state = service.health === undefined || service.state !== 'running' ? service.state : `${service.state}, ${service.health}`;
      const version = service.postgres.version ?? String(service.postgres.major ?? '');
      const databases = service.databases.map((database) => [
        `${name}/${service.name}/${database.name}`,
        state,
        version,
        formatBytes(database.sizeBytes),
        database.tables === undefined ? '' : String(database.tables),
      ]);
      return databases.length > 0 ? databases : [[`${name}/${service.name}`, service.problem?.message ?? state, version, '', '']];
    }),
  );
  if (rows.length === 0) return ['No Postgres database was found.', ...failed];
  return [...columns([['DATABASE', 'STATE', 'VERSION', 'SIZE', 'TABLES'], ...rows]), ...failed];
}
