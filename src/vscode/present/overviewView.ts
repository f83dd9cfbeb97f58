import type { Backup } from '../../backup/catalogue';
import type { DatabaseOverview } from '../../health/overview';
import { withoutPartitions } from '../../health/partitions';
import type { DatabaseTarget } from '../../inventory/target';
import { formatBytes, formatDuration } from '../../protocol/format';
import type { OverviewSection, OverviewView } from '../../protocol/overview';
import type { TableFigures } from '../../protocol/statistics';
import { connectionUrl, reachableHost } from './connectionUrl';
import { extensionsSection, facts, link, more, mostRows, rolesSection, section, settingsSection } from './overviewParts';
import { ageText, fullMomentText } from './time';
import type { Clock, Translate } from './translate';
import { conditionText, isShortLived, joinParts, tablesText, verificationWord, volumeText } from './words';

/** Everything that the overview of a database is made of. */
export interface OverviewFacts {
  readonly target: DatabaseTarget;
  readonly overview: DatabaseOverview;
  readonly tables: readonly TableFigures[];
  /** Of this database, newest first. */
  readonly backups: readonly Backup[];
  /** A tool with a page of its own that runs in the project. */
  readonly tool: { readonly name: string; readonly url: string } | undefined;
  /** What other parts of the product say of it. */
  readonly others: readonly OverviewSection[];
}

/** What the overview of a database shows. What there is nothing to say of is left out. */
export function overviewView(t: Translate, facts: OverviewFacts, clock: Clock): OverviewView {
  const { target, overview } = facts;
  const { project, service, database } = target;
  const isHealth = ({ id }: OverviewSection): boolean => id === 'health';
  const sections = [
    ...facts.others.filter(isHealth),
    databaseSection(t, facts, clock),
    serverSection(t, facts, clock),
    connectionSection(t, facts),
    tablesSection(t, facts, clock),
    backupsSection(t, facts, clock),
    volumeSection(t, facts),
    ...facts.others.filter((other) => !isHealth(other)),
    rolesSection(t, overview),
    extensionsSection(t, overview),
    settingsSection(t, overview),
  ];
  return {
    heading: database.name,
    subheading: joinParts(`${project.name}/${service.name}`, t('Postgres {0}', overview.version), formatBytes(overview.sizeBytes)),
    state: stateOf(t, facts),
    actions: [
      link('containerDatabases.backUp', t('Back up')),
      link('containerDatabases.showStatistics', t('Tables')),
      link('containerDatabases.showActivity', t('Activity')),
      link('containerDatabases.openPsql', t('Open psql')),
      link('containerDatabases.runSql', t('Run SQL…')),
    ],
    sections: sections.filter((section) => section !== undefined),
    labels: { loading: t('Reading…'), actions: t('What can be done') },
  };
}

/** The word beside the name, which says nothing better than the part on health does. */
function stateOf(t: Translate, { target, others }: OverviewFacts): OverviewView['state'] {
  const { state, health } = target.service;
  const verdict = others.find(({ id }) => id === 'health')?.verdict;
  if (state === 'running' && health !== 'unhealthy' && verdict !== undefined && verdict.tone !== 'good')
    return { tone: verdict.tone, word: t('needs attention') };
  return { tone: health === 'unhealthy' ? 'bad' : state === 'running' ? 'good' : 'warning', word: conditionText(t, target.service) };
}

function databaseSection(t: Translate, { overview, target }: OverviewFacts, { language }: Clock): OverviewSection {
  const { tables, views, indexes, functions, schemas, cacheHitRatio } = overview;
  const count = (value: number): string => value.toLocaleString(language);
  return section('database', t('Database'), {
    facts: facts([
      [t('Size'), formatBytes(overview.sizeBytes)],
      [t('Holds'), joinParts(tablesText(t, tables), t('{0} views', count(views)), t('{0} indexes', count(indexes)), t('{0} functions', count(functions)))],
      [t('Schemas'), count(schemas)],
      [t('Owner'), overview.owner],
      [t('Text'), joinParts(overview.encoding, overview.collate)],
      [t('Cache hits'), cacheHitRatio === null ? undefined : `${(cacheHitRatio * 100).toFixed(1)} %`],
      [t('Used by'), target.service.dependents.join(', ')],
    ]),
    links: [link('containerDatabases.showStatistics', t('Statistics'))],
  });
}

function serverSection(t: Translate, { overview, target }: OverviewFacts, clock: Clock): OverviewSection {
  const { container } = target.service;
  const { connections } = overview;
  const share = connections.most === 0 ? 0 : connections.used / connections.most;
  return section('server', t('Server'), {
    facts: [
      ...facts([
        [t('Container'), container?.name],
        [t('Image'), container?.image],
        [t('Postgres'), joinParts(overview.version, overview.inRecovery ? t('in recovery') : undefined)],
        [t('Up for'), `${formatDuration(clock.now.getTime() - overview.startedAt)}, ${t('since {0}', fullMomentText(new Date(overview.startedAt), clock))}`],
      ]),
      {
        name: t('Connections'),
        value: t('{0} here, {1} of {2} in all', connections.here, connections.used, connections.most),
        ...(share >= 0.8 ? { tone: 'warning' } : {}),
      },
    ],
    links: [
      link('containerDatabases.showActivity', t('Activity')),
      link('containerDatabases.followLogs', t('Logs')),
      link('containerDatabases.restart', t('Restart')),
    ],
  });
}

function connectionSection(t: Translate, { target, tool }: OverviewFacts): OverviewSection {
  const { service, database } = target;
  const { published, postgres } = service;
  const address = published === undefined ? undefined : { host: reachableHost(published.address), port: published.port };
  return section('connection', t('Connection'), {
    facts: facts([
      [t('Host'), address?.host ?? t('not published; our own way goes through the container')],
      [t('Port'), address?.port.toString()],
      [t('User'), postgres.user],
      [t('Address'), address === undefined ? undefined : connectionUrl({ user: postgres.user, database: database.name, ...address })],
    ]),
    links: [
      link('containerDatabases.copyConnectionString', t('Copy connection string')),
      ...(tool === undefined ? [] : [link('containerDatabases.openDatabaseTool', t('Open {0}', tool.name))]),
    ],
  });
}

function tablesSection(t: Translate, { tables }: OverviewFacts, { language }: Clock): OverviewSection | undefined {
  const whole = withoutPartitions(tables);
  if (whole.length === 0) return undefined;
  const schemas = new Set(whole.map(({ schema }) => schema));
  const rows = whole
    .slice(0, mostRows)
    .map(({ schema, name, rows: estimate, totalBytes }) => [
      schemas.size > 1 ? `${schema}.${name}` : name,
      estimate === null ? '?' : `~${Math.round(estimate).toLocaleString(language)}`,
      formatBytes(totalBytes),
    ]);
  return section('tables', t('Largest tables'), {
    table: {
      columns: [{ title: t('Table') }, { title: t('Rows'), numeric: true }, { title: t('Size'), numeric: true }],
      rows,
      ...more(t, whole.length),
    },
    links: [link('containerDatabases.showStatistics', t('All tables'))],
  });
}

function backupsSection(t: Translate, { backups }: OverviewFacts, clock: Clock): OverviewSection {
  const links = [
    link('containerDatabases.backUp', t('Back up')),
    link('containerDatabases.scheduleBackups', t('Schedule…')),
    ...(backups.length === 0 ? [] : [link('containerDatabases.restore', t('Restore…'))]),
  ];
  const [newest] = backups;
  if (newest === undefined) {
    return section('backups', t('Backups'), { verdict: { tone: 'warning', word: t('None yet.'), sentence: t('Nothing could be restored.') }, links });
  }
  const rows = backups
    .slice(0, mostRows)
    .map(({ finishedAt, sizeBytes, manifest }) => [ageText(t, finishedAt, clock), verificationWord(t, manifest?.verified), formatBytes(sizeBytes)]);
  return section('backups', t('Backups'), {
    table: { columns: [{ title: t('Made') }, { title: t('Proof') }, { title: t('Size'), numeric: true }], rows, ...more(t, backups.length) },
    links,
  });
}

function volumeSection(t: Translate, { target }: OverviewFacts): OverviewSection | undefined {
  const { volume } = target.service;
  if (volume === undefined) return undefined;
  const short = isShortLived(volume);
  return section('volume', t('Volume'), {
    ...(short ? { verdict: { tone: 'bad', word: t('Short-lived.'), sentence: t('The data does not outlive the container. A named volume would.') } } : {}),
    facts: facts([
      [t('Kind'), volumeText(t, volume)],
      [t('Name'), volume.name ?? volume.source],
      [t('Size'), volume.sizeBytes === undefined ? undefined : formatBytes(volume.sizeBytes)],
      [t('Data directory'), volume.dataDirectory],
    ]),
    links: [link('containerDatabases.backUpVolume', t('Back up volume…'))],
  });
}
