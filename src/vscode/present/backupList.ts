import path from 'node:path';
import type { Backup } from '../../backup/catalogue';
import { isOwnName } from '../../backup/recognise/names';
import type { Project } from '../../inventory/model';
import { formatBytes } from '../../protocol/format';
import { inOrder, isFiltered, isShown, type BackupArrangement } from './backupArrangement';
import { backupNode } from './backupNode';
import { databaseText } from './manifestText';
import { tooltip } from './markdown';
import { ageText } from './time';
import type { Clock, Translate } from './translate';
import type { TreeNode } from './treeNode';
import { joinParts } from './words';

/** All that the view of backups shows. */
export interface BackupListFacts {
  readonly projects: readonly Project[];
  /** By the project's id; absent where they have not been read yet. */
  readonly backups: ReadonlyMap<string, readonly Backup[]>;
}

export interface BackupList {
  readonly nodes: readonly TreeNode[];
  /** A line above the rows; undefined where nothing is hidden. */
  readonly message: string | undefined;
  readonly state: BackupsState;
}

/** What the view says when it has no rows; the values of the context key that its welcome texts look at. */
export type BackupsState = 'loading' | 'none' | 'filtered' | 'ready';

interface Found {
  readonly project: Project;
  readonly backup: Backup;
}

interface Group {
  readonly id: string;
  readonly name: string;
  /** Of a database: where it is. */
  readonly place?: string;
  readonly backups: readonly Found[];
}

/** The backups of all projects by the database that they are of, as their manifests say; those of this workspace first, the others at the end. */
export function backupList(t: Translate, facts: BackupListFacts, arrangement: BackupArrangement, clock: Clock): BackupList {
  const all = allBackups(facts);
  const shown = all.filter(({ backup }) => isShown(backup, arrangement));
  const known = shown.filter(({ backup }) => backup.manifest !== undefined);
  const [lost, foreign] = [true, false].map((isLost) => shown.filter(({ backup }) => backup.manifest === undefined && isOurs(backup) === isLost));
  const compare = inOrder(arrangement.sort);
  const groups = byDatabase(t, known).toSorted((a, b) => Number(isNear(b)) - Number(isNear(a)) || compare(summary(a), summary(b)));
  const others: readonly Group[] = [
    { id: 'lost', name: t('Manifest lost'), backups: lost ?? [] },
    { id: 'foreign', name: t('Not made here'), backups: foreign ?? [] },
  ];
  const nodes = [...groups, ...others].filter(({ backups }) => backups.length > 0).map((group) => groupNode(t, group, arrangement, clock));
  return { nodes, state: stateOf(facts, all.length, shown.length), message: messageOf(t, arrangement, shown.length, all.length) };
}

/** Each file once: projects may share a folder, and a project may be on two engines. */
function allBackups({ projects, backups }: BackupListFacts): readonly Found[] {
  const found = new Map<string, Found>();
  for (const project of projects) for (const backup of backups.get(project.id) ?? []) if (!found.has(backup.file)) found.set(backup.file, { project, backup });
  return [...found.values()];
}

function stateOf({ projects, backups }: BackupListFacts, all: number, shown: number): BackupsState {
  if (shown > 0) return 'ready';
  if (all > 0) return 'filtered';
  return projects.every(({ id }) => backups.has(id)) ? 'none' : 'loading';
}

function messageOf(t: Translate, arrangement: BackupArrangement, shown: number, all: number): string | undefined {
  if (!isFiltered(arrangement) || shown === 0) return undefined; // the welcome text says it
  const { text, onlyUnproven, hideSafety } = arrangement;
  const words = [text.trim() === '' ? '' : `"${text.trim()}"`, onlyUnproven ? t('only unproven') : '', hideSafety ? t('no safety backups') : ''];
  return joinParts(t('{0} of {1} backups', shown, all), ...words);
}

/** Whether a file without a manifest was made here, or has had one. */
function isOurs({ file, problem }: Backup): boolean {
  return problem?.code.startsWith('MANIFEST') === true || isOwnName(path.basename(file));
}

function byDatabase(t: Translate, known: readonly Found[]): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const each of known) {
    const { manifest } = each.backup;
    const { project = '', service = '', database = '' } = manifest ?? {};
    const id = JSON.stringify([project, service, database]);
    groups.set(id, {
      id,
      name: manifest === undefined ? database : databaseText(t, manifest),
      place: `${project}/${service}`,
      backups: [...(groups.get(id)?.backups ?? []), each],
    });
  }
  return [...groups.values()];
}

/** Whether a group is of this workspace; those come first. */
function isNear({ backups }: Group): boolean {
  return backups.some(({ project }) => project.inWorkspace);
}

/** What a group as a whole is put in order by. */
function summary({ name, place = '', backups }: Group): { readonly name: string; readonly sizeBytes: number; readonly finishedAt: Date } {
  return {
    name: `${name} ${place}`,
    sizeBytes: backups.reduce((sum, { backup }) => sum + backup.sizeBytes, 0),
    finishedAt: new Date(Math.max(...backups.map(({ backup }) => backup.finishedAt.getTime()))),
  };
}

function groupNode(t: Translate, group: Group, { sort }: BackupArrangement, clock: Clock): TreeNode {
  const { name, place, backups } = group;
  const { sizeBytes, finishedAt } = summary(group);
  const count = backups.length === 1 ? t('1 backup') : t('{0} backups', backups.length);
  const newest = t('newest {0}', ageText(t, finishedAt, clock));
  const compare = inOrder(sort);
  const sortable = ({ backup: { file, ...rest } }: Found): Parameters<typeof compare>[0] => ({ ...rest, name: path.basename(file) });
  const [first] = backups;
  if (first === undefined) throw new TypeError('A group has a backup.');
  return {
    id: `group:${group.id}`,
    label: name,
    description: joinParts(String(backups.length), formatBytes(sizeBytes), place),
    tooltip: tooltip(
      name,
      [
        [t('Of'), place === undefined ? undefined : `${place}/${name}`],
        [t('Backups'), String(backups.length)],
        [t('Size'), formatBytes(sizeBytes)],
        [t('Newest'), ageText(t, finishedAt, clock)],
      ],
      place === undefined ? [t('What they are is told by their content alone.')] : [],
    ),
    icon: { id: place === undefined ? 'files' : 'database' },
    context: place === undefined ? 'otherBackups' : 'backups',
    spoken: [name, place, count, formatBytes(sizeBytes), newest].filter((part) => part !== undefined).join(', '),
    open: isNear(group) && place !== undefined,
    children: backups
      .toSorted((a, b) => compare(sortable(a), sortable(b)))
      .map((each) => backupNode(t, each.project, each.backup, rowOf(t, each.backup, clock), clock)),
    subject: { kind: 'backups', project: first.project },
  };
}

/** What is known by its database is told from the others by its age, and the rest by its name. */
function rowOf(t: Translate, { manifest, file, finishedAt }: Backup, clock: Clock): Parameters<typeof backupNode>[3] {
  const age = ageText(t, finishedAt, clock);
  return manifest === undefined ? { label: path.basename(file), first: age, sayProof: false } : { label: age, first: undefined, sayProof: false };
}
