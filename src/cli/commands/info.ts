import { databaseTargets, findDatabase, targetName } from '../../inventory/target';
import { formatAge, formatBytes } from '../../protocol/format';
import type { CliCommand } from '../command';
import { textOption } from '../command';
import { columns } from '../terminal';
import { backupListing } from './backups';
import { serviceListing } from './list';

/** One database, with where it lies and what backups there are. */
export const infoCommand: CliCommand = {
  name: 'info',
  summary: 'show one database: version, size, volume, backups, undo',
  argument: ['<target>', 'project/service/database, or any shorter form that fits only one'],
  options: [],
  run: async ({ app, argument, options }) => {
    const target = findDatabase(app.inventory.current, argument);
    const { project, service, database } = target;
    const all = await app.backups.list(project, textOption(options, 'folder'));
    const backups = all.filter(({ manifest }) => manifest?.database === database.name && manifest.service === service.name);
    const undos = service.undos.filter(({ of }) => of === database.name);
    const { volume, published } = service;
    const rows = [
      ['Database', targetName(target)],
      ['State', [service.state, service.health].filter(Boolean).join(', ')],
      ['Postgres', service.postgres.version ?? 'unknown'],
      ['Container', `${service.container?.name ?? ''} (${service.container?.image ?? ''})`],
      ['Size', `${formatBytes(database.sizeBytes)}, ${database.tables ?? '?'} tables`],
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
        siblings: others.map((each) => each.database.name),
      },
      lines: columns(rows),
    };
  },
};
