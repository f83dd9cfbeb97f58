import type { Database, Project, Service } from '../../inventory/model';
import { withoutPartitions } from '../../health/partitions';
import { formatBytes } from '../../protocol/format';
import type { TableFigures } from '../../protocol/statistics';
import { tooltip } from './markdown';
import type { Translate } from './translate';
import { colors, type TreeNode } from './treeNode';
import { joinParts, rowsText, tablesText } from './words';

/** Tables that the tree shows at most; the statistics show all. */
const most = 100;

/** The row that holds a database's tables; they are read when it is opened. */
export function tablesNode(t: Translate, project: Project, service: Service, database: Database): TreeNode {
  const count = tablesText(t, database.tables ?? 0);
  return {
    id: `tables:${project.name}/${service.name}/${database.name}@${project.endpointId ?? ''}`,
    label: t('Tables'),
    description: String(database.tables ?? ''),
    tooltip: tooltip(t('Tables of {0}', database.name), [], [t('Largest first. A click on one shows its statistics.')]),
    icon: { id: 'table' },
    context: 'tables',
    spoken: [t('Tables'), count].join(', '),
    open: false,
    lazy: true,
    children: [],
    subject: { kind: 'tables', project, service, database },
  };
}

/** The tables of a database, largest first. */
export function tableNodes(t: Translate, parent: TreeNode, tables: readonly TableFigures[], language: string): readonly TreeNode[] {
  const { subject } = parent;
  if (subject.kind !== 'tables') return [];
  const { project, service, database } = subject;
  const whole = withoutPartitions(tables);
  const schemas = new Set(whole.map(({ schema }) => schema));
  const rows = whole.slice(0, most).map((table): TreeNode => {
    const name = schemas.size > 1 ? `${table.schema}.${table.name}` : table.name;
    const rowCount = table.rows === null ? undefined : t('about {0}', rowsText(t, Math.round(table.rows), language));
    const size = formatBytes(table.totalBytes);
    return {
      id: `table:${table.oid}/${parent.id}`,
      label: name,
      description: joinParts(size, rowCount),
      tooltip: tooltip(`${table.schema}.${table.name}`, [
        [t('Rows'), rowCount],
        [t('Heap'), formatBytes(table.heapBytes)],
        [t('Indexes'), formatBytes(table.indexBytes)],
        [t('TOAST'), table.toastBytes === 0 ? undefined : formatBytes(table.toastBytes)],
        [t('Dead rows'), table.deadRows === 0 ? undefined : table.deadRows.toLocaleString(language)],
      ]),
      icon: { id: table.kind === 'materialised view' ? 'eye' : table.kind === 'foreign table' ? 'link-external' : 'table' },
      context: 'table',
      spoken: [t('Table {0}', name), size, rowCount].filter((part) => part !== undefined).join(', '),
      open: false,
      children: [],
      subject: { kind: 'table', project, service, database, table },
      command: 'containerDatabases.showStatistics',
    };
  });
  return whole.length <= most ? rows : [...rows, moreNode(t, parent, whole.length - most)];
}

/** What stands in place of tables that cannot be read. */
export function tablesProblemNode(t: Translate, parent: TreeNode, message: string): TreeNode {
  return {
    ...moreNode(t, parent, 0),
    label: t('The tables cannot be read'),
    description: message,
    tooltip: tooltip(t('The tables cannot be read'), [], [message]),
    icon: { id: 'warning', color: colors.warning },
    spoken: [t('The tables cannot be read'), message].join(', '),
  };
}

function moreNode(t: Translate, parent: TreeNode, count: number): TreeNode {
  const label = t('{0} smaller tables', count);
  const { open: _open, lazy: _lazy, ...row } = parent;
  return {
    ...row,
    id: `more:${parent.id}`,
    label,
    description: '',
    tooltip: tooltip(label, []),
    icon: { id: 'ellipsis' },
    spoken: label,
    open: false,
    command: 'containerDatabases.showStatistics',
  };
}
