import { withoutPartitions } from '../../health/partitions';
import { formatBytes } from '../../protocol/format';
import type { SizePoint, StatisticsLabels, StatisticsView, TableFigures } from '../../protocol/statistics';
import type { Clock, Translate } from './translate';
import { joinParts, rowsText, tablesText } from './words';

/** What the statistics of a database show. */
export function statisticsView(
  t: Translate,
  place: { readonly name: string; readonly service: string; readonly sizeBytes: number },
  tables: readonly TableFigures[],
  history: readonly SizePoint[],
  clock: Clock,
): StatisticsView {
  const whole = withoutPartitions(tables);
  const rows = whole.reduce((sum, table) => sum + (table.rows ?? 0), 0);
  return {
    heading: t('Tables of {0}', place.name),
    subheading: joinParts(
      place.service,
      tablesText(t, whole.length),
      t('about {0}', rowsText(t, Math.round(rows), clock.language)),
      t('{0} in all', formatBytes(place.sizeBytes)),
    ),
    tables,
    history,
    now: clock.now.getTime(),
    language: clock.language,
    labels: labels(t),
  };
}

function labels(t: Translate): StatisticsLabels {
  return {
    tables: t('Tables'),
    indexes: t('Indexes'),
    growth: t('Growth'),
    refresh: t('Refresh'),
    csvFile: t('Export CSV'),
    markdownFile: t('Export Markdown'),
    filter: t('Filter tables'),
    filterIndexes: t('Filter indexes'),
    bySchema: t('Group by schema'),
    findingsOnly: t('Only those to look at'),
    shown: t('{0} of {1}', '{0}', '{1}'),
    nothingFits: t('Nothing fits the filter.'),
    noTables: t('The database has no tables yet.'),
    table: t('Table'),
    rows: t('Rows'),
    total: t('Total'),
    heap: t('Heap'),
    index: t('Index'),
    toast: t('TOAST'),
    dead: t('Dead rows'),
    bloat: t('Bloat'),
    sequentialScans: t('Seq. scans'),
    indexScans: t('Index scans'),
    vacuumed: t('Vacuumed'),
    analyzed: t('Analyzed'),
    columns: t('Columns'),
    never: t('never'),
    unknown: '?',
    locked: t('locked by somebody'),
    treemap: t('Sizes of the tables'),
    treemapHint: t('much of it is dead rows or bloat'),
    others: t('{0} smaller tables', '{0}'),
    close: t('Close'),
    column: t('Column'),
    type: t('Type'),
    nulls: t('NULL'),
    required: t('required'),
    constraints: t('Constraints'),
    foreignKeys: t('Foreign keys'),
    referencedBy: t('Referenced by'),
    scans: t('Scans'),
    size: t('Size'),
    state: t('State'),
    name: t('Name'),
    definition: t('Definition'),
    primaryKey: t('primary key'),
    uniqueIndex: t('unique'),
    duplicateOf: t('same as {0}', '{0}'),
    duplicate: t('duplicate'),
    unused: t('never used'),
    invalid: t('invalid'),
    notValidated: t('not validated'),
    noGrowth: t('There is only one sample yet.'),
    growthHint: t('The size is noted whenever these statistics are read, once an hour at most.'),
    from: t('First'),
    to: t('Latest'),
    change: t('Change'),
    loading: t('Reading…'),
    count: t('count exactly'),
    analyze: t('Analyze'),
    vacuum: t('Vacuum'),
    copySql: t('Copy SQL'),
    backUp: t('Back up this table'),
    'partitioned table': t('partitioned'),
    partition: t('partition'),
    'materialised view': t('materialised view'),
    'foreign table': t('foreign table'),
  };
}
