import { posix } from 'node:path';
import { inSlices } from '../../operations/inSlices';
import { compareSets } from '../compare';
import { headsOf, inOrder } from '../graph';
import type { FilesRead, MigrationTool, Revision, VersionRow } from '../model';
import { ancestorsOf, folderOf, joinPath, stemOf } from '../paths';
import { childrenOf, pythonReader, stringOf, type PythonNode, type PythonTree } from '../python';
import { environmentFiles } from './byName';

const migration = /(?:^|\/)(\w+)\/migrations\/(?!__init__)\w+\.py$/;

export const django: MigrationTool = {
  id: 'django',
  label: 'Django',
  readsTexts: true,
  columns: ['app', 'name'],
  isTable: ({ name, columns }) => name === 'django_migrations' && columns.includes('app'),
  detect: async (workspace) => {
    const roots = workspace.files.filter((file) => posix.basename(file) === 'manage.py').map(folderOf);
    const all = workspace.files.filter((file) => migration.test(file));
    return roots.flatMap((root) => {
      const files = all.filter((file) => ancestorsOf(folderOf(file)).find((folder) => roots.includes(folder)) === root).toSorted();
      if (files.length === 0) return [];
      const settings = workspace.files.filter((file) => posix.basename(file) === 'settings.py' && (root === '' || file.startsWith(`${root}/`)));
      return [{ tool: 'django', root, locations: [...new Set(files.map(folderOf))], files, config: [...settings, ...environmentFiles(root, workspace)] }];
    });
  },
  readFiles: async (folder, texts) => {
    const parse = await pythonReader();
    const revisions = await inSlices(folder.files, (file) => readMigration(file, texts.get(file) ?? '', parse));
    const known = new Set(revisions.map(({ id }) => id));
    // What it depends on in other packages (auth, contenttypes) has no file here.
    return { revisions: inOrder(revisions.map((revision) => ({ ...revision, ...own(revision, known) }))), problems: [] };
  },
  compare,
};

function own({ id, parents }: Revision, known: ReadonlySet<string>): Pick<Revision, 'parents' | 'dependsOn'> {
  const app = id.slice(0, id.indexOf('.') + 1);
  const present = parents.filter((each) => known.has(each));
  return { parents: present.filter((each) => each.startsWith(app)), dependsOn: present.filter((each) => !each.startsWith(app)) };
}

function readMigration(file: string, text: string, parse: (text: string) => PythonTree): Revision {
  const app = posix.basename(folderOf(folderOf(file)));
  const parents = dependenciesIn(text, parse(text).topNode);
  const [, , name = stemOf(file)] = /^(\d+)_(.*)$/.exec(stemOf(file)) ?? [];
  return { id: `${app}.${stemOf(file)}`, name: name.replaceAll('_', ' '), file: joinPath(file), parents, dependsOn: [], labels: [] };
}

/** The pairs of texts that `dependencies = […]` of the class lists. */
function dependenciesIn(text: string, top: PythonNode): readonly string[] {
  const found: string[] = [];
  top.cursor().iterate((reference) => {
    if (reference.name !== 'AssignStatement') return true;
    const [target, , list] = childrenOf(reference.node);
    if (target === undefined || text.slice(target.from, target.to) !== 'dependencies' || list === undefined) return false;
    for (const pair of childrenOf(list).filter(({ name }) => name === 'TupleExpression')) {
      const [app, name] = childrenOf(pair).flatMap((part) => stringOf(text, part) ?? []);
      if (app !== undefined && name !== undefined) found.push(`${app}.${name}`);
    }
    return false;
  });
  return found;
}

/** Applications of other packages note their migrations in the same table; only those with files here are looked at. */
function compare(files: FilesRead, rows: readonly VersionRow[] | undefined): ReturnType<MigrationTool['compare']> {
  const apps = new Set(files.revisions.map(({ id }) => id.slice(0, id.indexOf('.'))));
  const noted = (rows ?? []).flatMap(({ app, name }) => (app && name && apps.has(app) ? [`${app}.${name}`] : []));
  const compared = compareSets(files, noted);
  const perApp = [...apps].map((app) => files.revisions.filter(({ id }) => id.startsWith(`${app}.`)));
  const forked = perApp.map(headsOf).filter((heads) => heads.length > 1);
  const done = new Set(compared.applied);
  return {
    ...compared,
    heads: perApp.flatMap(headsOf),
    current: [...perApp.flatMap((each) => headsOf(each.filter(({ id }) => done.has(id)))), ...compared.unknown],
    problems: [
      ...compared.problems,
      ...forked.map((heads) => ({
        code: 'multiple-heads' as const,
        message: `There are several last migrations of one application: ${heads.join(', ')}.`,
        remedy: 'Merge them with "makemigrations --merge".',
      })),
    ],
  };
}
