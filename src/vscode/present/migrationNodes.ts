import { targetName, type DatabaseTarget } from '../../inventory/target';
import type { Revision } from '../../migrations/model';
import type { DatabaseMigrations, FoundMigrations, UnclearMigrations } from '../../migrations/survey';
import { tools } from '../../migrations/tools/all';
import { tooltip } from './markdown';
import { isSettled, migrationStatusText } from './migrationText';
import type { Translate } from './translate';
import { colors, type Icon, type TreeNode } from './treeNode';

/** Rows beneath the migrations of a database; more of them are in the history. */
const most = 15;

/** What is known of the migrations of all databases. */
export interface MigrationFacts {
  readonly databases: readonly DatabaseMigrations[];
  readonly unclear: readonly UnclearMigrations[];
}

/** The rows of the tree, with the migrations of each database first beneath it. */
export function withMigrations(t: Translate, nodes: readonly TreeNode[], facts: MigrationFacts | undefined): readonly TreeNode[] {
  if (facts === undefined) return nodes;
  return nodes.map((node) => {
    const children = withMigrations(t, node.children, facts);
    return { ...node, children: node.subject.kind === 'database' ? [...migrationNodes(t, node.subject, facts), ...children] : children };
  });
}

function migrationNodes(t: Translate, { project, service, database }: DatabaseTarget, facts: MigrationFacts): readonly TreeNode[] {
  const place: DatabaseTarget = { project, service, database };
  const own = facts.databases.find(({ target }) => target.service.id === service.id && target.database.name === database.name)?.migrations ?? [];
  const open = facts.unclear.filter(({ choices }) => choices.includes(targetName(place)));
  return [...own.map((found) => migrationsNode(t, place, found, own.length > 1)), ...open.map((each) => unclearNode(t, place, each))];
}

function migrationsNode(t: Translate, target: DatabaseTarget, found: FoundMigrations, isOneOfSeveral: boolean): TreeNode {
  const { status } = found;
  const { label: tool } = tools[status.tool];
  const text = migrationStatusText(t, status);
  return {
    id: `migrations:${targetName(target)}:${status.tool}:${status.folder ?? status.table ?? ''}@${target.project.endpointId ?? ''}`,
    label: isOneOfSeveral ? t('Migrations ({0})', tool) : t('Migrations'),
    description: text,
    tooltip: tooltip(
      t('Migrations of "{0}"', target.database.name),
      [
        [t('Tool'), tool],
        [t('State'), text],
        [t('Applied'), String(status.applied.length)],
        [t('Pending'), String(status.pending.length)],
        [t('Folder'), status.folder],
        [t('Table'), status.table],
      ],
      status.problems.map(({ message, remedy }) => `${message} ${remedy}`),
    ),
    icon: iconOf(found),
    context: ['migrations', status.folder === undefined ? 'tableOnly' : 'files', ...(status.heads.length > 1 ? ['heads'] : [])].join(' '),
    spoken: [t('Migrations of {0}', target.database.name), text].join(', '),
    open: false,
    children: childrenOf(t, target, found),
    subject: { kind: 'migrations', ...target, found },
    command: 'containerDatabases.showMigrations',
  };
}

function iconOf({ status }: FoundMigrations): Icon {
  if (status.dirty.length > 0) return { id: 'error', color: colors.bad };
  if (status.problems.length > 0) return { id: 'warning', color: colors.warning };
  return isSettled(status) ? { id: 'git-commit' } : { id: 'git-pull-request', color: colors.busy };
}

function childrenOf(t: Translate, target: DatabaseTarget, found: FoundMigrations): readonly TreeNode[] {
  const { status } = found;
  const pending = new Set(status.pending);
  const revisions = status.revisions.filter(({ id }) => pending.has(id));
  const shown = revisions.slice(0, most).map((revision) => pendingNode(t, target, found, revision));
  const rest = revisions.length - shown.length;
  return [
    ...status.unknown
      .slice(0, most)
      .map((id) => plainNode(target, found, id, { label: id, description: t('not in the files'), icon: { id: 'question', color: colors.warning } })),
    ...shown,
    ...(rest > 0 ? [plainNode(target, found, 'more', { label: t('{0} more…', rest), description: '', icon: { id: 'ellipsis' } })] : []),
  ];
}

function pendingNode(t: Translate, target: DatabaseTarget, found: FoundMigrations, revision: Revision): TreeNode {
  const label = revision.name === '' ? revision.id : revision.name;
  return {
    id: `migration:${targetName(target)}:${found.status.tool}:${revision.id}@${target.project.endpointId ?? ''}`,
    label,
    description: revision.name === '' ? '' : revision.id,
    tooltip: tooltip(label, [
      [t('Revision'), revision.id],
      [t('State'), t('pending')],
      [t('Date'), revision.date],
      [t('File'), revision.file],
    ]),
    icon: { id: 'circle-outline' },
    context: 'migration pending',
    spoken: [label, t('pending')].join(', '),
    open: false,
    children: [],
    subject: { kind: 'migration', ...target, found, revision },
    command: 'containerDatabases.openMigration',
  };
}

function plainNode(
  target: DatabaseTarget,
  found: FoundMigrations,
  key: string,
  { label, description, icon }: Pick<TreeNode, 'label' | 'description' | 'icon'>,
): TreeNode {
  return {
    id: `migration:${targetName(target)}:${found.status.tool}:plain ${key}@${target.project.endpointId ?? ''}`,
    label,
    description,
    tooltip: tooltip(label, []),
    icon,
    context: 'migrationNote',
    spoken: [label, description].filter((part) => part !== '').join(', '),
    open: false,
    children: [],
    subject: { kind: 'migrations', ...target, found },
    command: 'containerDatabases.showMigrations',
  };
}

function unclearNode(t: Translate, target: DatabaseTarget, unclear: UnclearMigrations): TreeNode {
  const { folder, facts } = unclear.source;
  const where = folder.root === '' ? facts.root : folder.root;
  return {
    id: `unclear:${targetName(target)}:${facts.locations[0] ?? ''}@${target.project.endpointId ?? ''}`,
    label: t('Migrations'),
    description: t('is {0} for this database?', where),
    tooltip: tooltip(
      t('Migrations'),
      [[t('Folder'), facts.locations.join(', ')]],
      [t('Nothing tells which database these migrations are for. Choose it once.')],
    ),
    icon: { id: 'question' },
    context: 'unclearMigrations',
    spoken: [t('Migrations'), t('is {0} for this database?', where)].join(', '),
    open: false,
    children: [],
    subject: { kind: 'unclear migrations', ...target, unclear },
    command: 'containerDatabases.assignMigrations',
  };
}
