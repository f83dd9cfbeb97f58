import { look } from '../../health/look';
import { readOverview, type DatabaseOverview } from '../../health/overview';
import { databaseTargets, findDatabase, targetName } from '../../inventory/target';
import { formatAge, formatBytes, formatDuration } from '../../protocol/format';
import type { CliCommand } from '../command';
import { textOption } from '../command';
import { columns } from '../terminal';
import { backupListing } from './backups';
import { serviceListing } from './list';

/** One database, with where it lies and what backups there are. */
export const infoCommand: CliCommand = {
  name: 'info',
  summary: 'show one database: version, uptime, size, tables, connections, extensions, roles, settings, volume, backups, undo',
  argument: ['<target>', 'project/service/database, or any shorter form that fits only one'],
  options: [],
  run: async ({ app, argument, options, signal }) => {
    const target = findDatabase(app.inventory.current, argument);
    const { project, service, database } = target;
    const overview = await look(app.inventory.serverOf(service), database.name, readOverview, { signal });
    const all = await app.backups.list(project, textOption(options, 'folder'));
    const backups = all.filter(({ manifest }) => manifest?.database === database.name && manifest.service === service.name);
    const undos = service.undos.filter(({ of }) => of === database.name);
    const { volume, published } = service;
    const rows = [
      ['Database', targetName(target)],
      ['State', [service.state, service.health].filter(Boolean).join(', ')],
      ['Postgres', service.postgres.version ?? 'unknown'],
      ['Container', `${service.container?.name ?? ''} (${service.container?.image ?? ''})`],
      ...overviewRows(overview),
      ['Volume', volume === undefined ? 'unknown' : `${volume.kind} ${volume.name ?? volume.source ?? ''}`.trim()],
      ['Port', published === undefined ? 'not published' : `${published.address}:${published.port}`],
      ['Used by', service.dependents.join(', ') || 'nobody known'],
      ['Last backup', backups[0] === undefined ? 'none' : `${formatAge(backups[0].finishedAt, new Date())} (${backups[0].file})`],
      ...undos.map(({ replacedAt, expiresAt }) => ['Undo', `replaced ${replacedAt}, kept until ${expiresAt}`]),
    ];
    const others = databaseTargets(app.inventory.current).filter((each) => each.service.id === service.id && each.database !== database);
    return {
      value: {
        project: project.name,
        service: serviceListing({ ...service, databases: [database], undos }),
        database,
        backups: backups.map(backupListing),
        overview,
        siblings: others.map((each) => each.database.name),
      },
      lines: columns(rows),
    };
  },
};

function overviewRows(overview: DatabaseOverview): readonly (readonly string[])[] {
  const { connections, roles, extensions, settings } = overview;
  const since = new Date(overview.startedAt);
  return [
    ['Up for', `${formatDuration(Date.now() - overview.startedAt)}, since ${since.toISOString()}`],
    [
      'Size',
      `${formatBytes(overview.sizeBytes)}, ${overview.tables} tables, ${overview.views} views, ${overview.indexes} indexes in ${overview.schemas} schemas`,
    ],
    ['Text', `${overview.encoding}, ${overview.collate}`],
    ['Owner', overview.owner],
    ['Connections', `${connections.here} here, ${connections.used} of ${connections.most} in all`],
    ['Cache hits', overview.cacheHitRatio === null ? 'nothing read yet' : `${(overview.cacheHitRatio * 100).toFixed(1)} %`],
    ['Extensions', extensions.map(({ name, version }) => `${name} ${version}`).join(', ') || 'none'],
    ['Roles', roles.map(({ name, superuser }) => (superuser ? `${name} (superuser)` : name)).join(', ')],
    ['Settings', settings.map(({ name, value }) => `${name} = ${value}`).join(', ') || 'all as by default'],
  ];
}
