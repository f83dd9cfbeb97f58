import type { Database, Project, Service, UndoDatabase } from '../../inventory/model';
import type { ScheduleState } from '../../backup/schedule/schedules';
import { formatBytes } from '../../protocol/format';
import { tooltip } from './markdown';
import { scheduleNode, serviceSchedules } from './scheduleNodes';
import { snapshotNodes } from './snapshotNodes';
import { missingDatabase } from './subject';
import { tablesNode } from './tableNodes';
import { ageText, momentText } from './time';
import type { Clock, Translate } from './translate';
import { colors, type TreeNode } from './treeNode';
import { joinParts, tablesText } from './words';

/** The databases of a service, what restores left of each beneath it, and the one that ought to be there but is not. */
export function databaseNodes(t: Translate, project: Project, service: Service, clock: Clock, schedules: readonly ScheduleState[] = []): readonly TreeNode[] {
  const missing = missingDatabase(project, service);
  const databases = service.databases.map((database) => databaseNode(t, project, service, database, clock));
  const nodes = missing === undefined ? databases : [missingNode(t, project, service, missing.databaseName, clock), ...databases];
  const own = serviceSchedules(project, service, schedules);
  const beneath = (label: string): readonly TreeNode[] =>
    own.filter(({ schedule }) => schedule.database === label).map((state) => scheduleNode(t, project, service, state, false, clock));
  // Those of databases that are not shown, since the service does not run, are shown all the same.
  const others = own.filter(({ schedule }) => nodes.every(({ label }) => label !== schedule.database));
  return [
    ...nodes.map((node) => ({ ...node, children: [...beneath(node.label), ...node.children] })),
    ...others.map((state) => scheduleNode(t, project, service, state, true, clock)),
  ];
}

function databaseNode(t: Translate, project: Project, service: Service, database: Database, clock: Clock): TreeNode {
  const tables = database.tables === undefined ? undefined : tablesText(t, database.tables);
  const size = formatBytes(database.sizeBytes);
  return {
    id: `database:${project.name}/${service.name}/${database.name}@${project.endpointId ?? ''}`,
    label: database.name,
    description: joinParts(size, tables),
    tooltip: tooltip(database.name, [
      [t('Size'), size],
      [t('Tables'), database.tables?.toString() ?? t('cannot be counted')],
      [t('Owner'), database.owner],
      [t('Service'), `${project.name}/${service.name}`],
    ]),
    icon: { id: 'database' },
    context: contextOf('database', service, database.name),
    spoken: [t('Database {0}', database.name), size, tables].filter((part) => part !== undefined).join(', '),
    open: false,
    children: [...((database.tables ?? 0) > 0 ? [tablesNode(t, project, service, database)] : []), ...keptNodes(t, project, service, database.name, clock)],
    subject: { kind: 'database', project, service, database },
    command: 'containerDatabases.showOverview',
  };
}

function missingNode(t: Translate, project: Project, service: Service, name: string, clock: Clock): TreeNode {
  return {
    id: `database:${project.name}/${service.name}/${name}@${project.endpointId ?? ''}`,
    label: name,
    description: t('missing'),
    tooltip: tooltip(name, [], [t('The service was made for this database, but the server does not have it.'), t('Restore it from a backup.')]),
    icon: { id: 'warning', color: colors.warning },
    context: contextOf('missingDatabase', service, name),
    spoken: t('Database {0}, missing', name),
    open: false,
    children: keptNodes(t, project, service, name, clock),
    subject: { kind: 'missing database', project, service, databaseName: name },
  };
}

/** What menus look for: whether there is something to go back to. */
function contextOf(word: string, { undos, snapshots }: Service, name: string): string {
  const hasSnapshots = snapshots.some(({ of }) => of === name) ? ' snapshots' : '';
  return `${word}${hasSnapshots}${undos.some(({ of }) => of === name) ? ' undoable' : ''}`;
}

function keptNodes(t: Translate, project: Project, service: Service, database: string, clock: Clock): readonly TreeNode[] {
  return [...undoNodes(t, project, service, database, clock), ...snapshotNodes(t, project, service, database, clock)];
}

function undoNodes(t: Translate, project: Project, service: Service, database: string, clock: Clock): readonly TreeNode[] {
  const undos = service.undos.filter(({ of }) => of === database).toSorted((a, b) => b.replacedAt.localeCompare(a.replacedAt));
  return undos.map((undo, index) => undoNode(t, project, service, undo, index === 0, clock));
}

/** Only the newest can be gone back to; what it replaces becomes the newest in turn. */
function undoNode(t: Translate, project: Project, service: Service, undo: UndoDatabase, newest: boolean, clock: Clock): TreeNode {
  const age = ageText(t, new Date(undo.replacedAt), clock);
  const kept = t('kept until {0}', momentText(t, new Date(undo.expiresAt), clock));
  return {
    id: `undo:${project.name}/${service.name}/${undo.name}@${project.endpointId ?? ''}`,
    label: t('Replaced {0}', age),
    description: kept,
    tooltip: tooltip(
      t('"{0}" as it was before it was replaced', undo.of),
      [
        [t('Replaced'), age],
        [t('Kept until'), momentText(t, new Date(undo.expiresAt), clock)],
        [t('Size'), formatBytes(undo.sizeBytes)],
        [t('Kept as'), undo.name],
      ],
      newest ? [t('"Undo restore" puts it back.')] : [],
    ),
    icon: { id: 'history' },
    context: newest ? 'undo newest' : 'undo',
    spoken: [t('{0} as it was before it was replaced {1}', undo.of, age), kept].join(', '),
    open: false,
    children: [],
    subject: { kind: 'undo', project, service, undo },
  };
}
