import { posix } from 'node:path';
import { placesOf, readAlembicIni, readAlembicToml, type AlembicConfig } from '../alembicConfig';
import { compareGraph } from '../compare';
import { inOrder } from '../graph';
import type { MigrationFolder, MigrationTool, Revision, StatusProblem, Workspace } from '../model';
import { folderOf, joinPath } from '../paths';
import { readModules, type PythonModule } from '../python';

/** Alembic's own idea of which files are revisions. */
const revisionFile = /^(?!\.#|__init__).*\.py$/;

export const alembic: MigrationTool = {
  id: 'alembic',
  label: 'Alembic',
  readsTexts: true,
  columns: ['version_num'],
  // The table may have another name; nobody else has a column of this one alone.
  isTable: ({ columns }) => columns.length === 1 && columns[0] === 'version_num',
  detect,
  readFiles: async (folder, texts) => {
    const files = folder.files.flatMap((file) => (texts.has(file) ? [[file, texts.get(file) ?? ''] as const] : []));
    const modules = await readModules(files.map(([, text]) => text));
    const read = files.map(([file], index) => readRevision(file, modules[index]));
    return assembled(read.filter((each) => each !== undefined));
  },
  compare: (files, rows = []) =>
    compareGraph(
      files,
      rows.flatMap(({ version_num: id }) => id ?? []),
    ),
};

async function detect(workspace: Workspace): Promise<readonly MigrationFolder[]> {
  const found = new Map<string, MigrationFolder>();
  const configs = workspace.files.filter((file) => /(?:^|\/)(?:alembic[\w.-]*\.ini|pyproject\.toml)$/.test(file));
  for (const file of configs) {
    const text = (await workspace.read(file)) ?? '';
    const config = file.endsWith('.toml') ? readAlembicToml(text) : readAlembicIni(text);
    if (config === undefined) continue;
    const folder = locate(workspace, file, config);
    const known = found.get(folder.locations.join());
    found.set(folder.locations.join(), known === undefined ? folder : { ...known, config: [...new Set([...known.config, ...folder.config])] });
  }
  return [...found.values()];
}

function locate({ files }: Workspace, configFile: string, config: AlembicConfig): MigrationFolder {
  const root = folderOf(configFile);
  const existing = (location: string): string => {
    const places = placesOf(location, root, config.prependPath);
    return places.find((place) => files.some((file) => file.startsWith(`${place}/`))) ?? places[0] ?? '';
  };
  const scripts = existing(config.scriptLocation);
  const locations = config.versionLocations.length > 0 ? config.versionLocations.map(existing) : [joinPath(scripts, 'versions')];
  const isIn = (file: string): boolean =>
    locations.some((location) => (config.recursive ? file.startsWith(`${location}/`) : folderOf(file) === location)) && revisionFile.test(posix.basename(file));
  const settings = [configFile, joinPath(scripts, 'env.py'), joinPath(root, '.env')].filter((file) => files.includes(file));
  return { tool: 'alembic', root, locations, files: files.filter(isIn).toSorted(), config: settings };
}

/** A revision as its file has it; undefined for a Python file that is none, a problem for one that cannot be read. */
function readRevision(file: string, module: PythonModule | undefined): Revision | StatusProblem | undefined {
  const { docstring = '', assigned } = module ?? {};
  if (assigned?.has('revision') !== true) return undefined;
  const [id] = assigned.get('revision') ?? [];
  const fields = ['down_revision', 'depends_on', 'branch_labels'].map((name) => (assigned.has(name) ? assigned.get(name) : []));
  const [parents, dependsOn, labels] = fields;
  if (id === undefined || parents === undefined || dependsOn === undefined || labels === undefined) {
    return {
      code: 'unreadable-file',
      message: `${file} computes its revision identifiers.`,
      remedy: 'Write revision, down_revision, depends_on and branch_labels as plain texts, so that they can be read without running the file.',
    };
  }
  const [message = ''] = docstring.trim().split(/\r?\n/);
  const date = /^Create Date:\s*(.+)$/m.exec(docstring)?.[1]?.trim();
  return { id, name: message.trim(), file, parents, dependsOn, labels, ...(date === undefined ? {} : { date }) };
}

/** Puts revisions in order, and says what does not fit together. */
function assembled(read: readonly (Revision | StatusProblem)[]): { readonly revisions: readonly Revision[]; readonly problems: readonly StatusProblem[] } {
  const all = read.filter((each) => 'id' in each);
  const byId = new Map(all.toReversed().map((revision) => [revision.id, revision]));
  const twice = all.filter((revision) => byId.get(revision.id) !== revision);
  const labelled = new Map(all.flatMap(({ id, labels }) => labels.map((label) => [label, id] as const)));
  const revisions = [...byId.values()]
    .toReversed()
    .map((revision) => ({ ...revision, dependsOn: revision.dependsOn.map((name) => labelled.get(name) ?? name) }));
  const lost = revisions.flatMap(({ file, parents, dependsOn }) => [...parents, ...dependsOn].filter((id) => !byId.has(id)).map((id) => ({ file, id })));
  return {
    revisions: inOrder(revisions),
    problems: [
      ...read.filter((each) => 'code' in each),
      ...twice.map(({ id, file }): StatusProblem => ({
        code: 'duplicate-revision',
        message: `${file} has the revision ${id}, which another file has as well.`,
        remedy: 'Remove one of the two files, or give the newer one a revision of its own.',
      })),
      ...lost.map(({ file, id }): StatusProblem => ({
        code: 'missing-parent',
        message: `${file} follows ${id}, for which there is no file.`,
        remedy: 'Get the missing file, for instance from the branch on which it was made.',
      })),
    ],
  };
}
