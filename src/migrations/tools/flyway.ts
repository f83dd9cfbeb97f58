import { posix } from 'node:path';
import { checksumProblem, compareSets, failedProblem, refusesLate } from '../compare';
import { inLine } from '../graph';
import type { FilesRead, MigrationFolder, MigrationTool, Revision, VersionRow } from '../model';
import { folderOf, joinPath } from '../paths';
import { environmentFiles, foldersOf, hasColumns } from './byName';

const versioned = /^V([\d._]+)__(.+)\.(?:sql|java)$/;
const repeatable = /^R__(.+)\.sql$/;

export const flyway: MigrationTool = {
  id: 'flyway',
  label: 'Flyway',
  readsTexts: true,
  columns: ['installed_rank', 'version', 'description', 'script', 'checksum', 'success', 'type'],
  isTable: (table) => hasColumns(table, ['installed_rank', 'script', 'success']),
  detect: async (workspace) =>
    foldersOf(workspace, (file) => versioned.test(posix.basename(file)) || repeatable.test(posix.basename(file)))
      .filter(([, files]) => files.some((file) => versioned.test(posix.basename(file))))
      .map(([folder, files]) => {
        const root = folder.replace(/(?:^|\/)src\/main\/resources\/.*$/, '');
        const place = root === folder ? folderOf(folder) : root;
        const settings = ['flyway.conf', 'flyway.toml', 'conf/flyway.conf', 'src/main/resources/application.properties', 'src/main/resources/application.yml'];
        const config = settings.map((name) => joinPath(place, name)).filter((file) => workspace.files.includes(file));
        return { tool: 'flyway', root: place, locations: [folder], files, config: [...config, ...environmentFiles(place, workspace)] };
      }),
  readFiles: async (folder, texts) => readFiles(folder, texts),
  compare,
};

function readFiles({ files }: MigrationFolder, texts: ReadonlyMap<string, string>): FilesRead {
  const named = files.flatMap((file) => {
    const [, version, name = ''] = versioned.exec(posix.basename(file)) ?? [];
    return version === undefined ? [] : [{ id: version.replaceAll('_', '.'), name: name.replaceAll('_', ' '), file }];
  });
  const again: readonly Revision[] = files.flatMap((file) => {
    const name = repeatable.exec(posix.basename(file))?.[1];
    return name === undefined ? [] : [{ id: `R ${name.replaceAll('_', ' ')}`, name: name.replaceAll('_', ' '), file, parents: [], dependsOn: [], labels: [] }];
  });
  const line = inLine(named.toSorted((a, b) => byVersion(a.id, b.id)));
  const last = line.at(-1)?.id;
  // What is repeated is done after all that has a version.
  const revisions = [...line, ...again.map((each) => ({ ...each, parents: last === undefined ? [] : [last] }))];
  const checksums = new Map(
    revisions.flatMap(({ id, file }) => (file.endsWith('.sql') && texts.has(file) ? [[id, checksumOf(texts.get(file) ?? '')] as const] : [])),
  );
  return { revisions, problems: [], checksums };
}

/** Parts of a version are numbers: 1.10 comes after 1.9. */
function byVersion(a: string, b: string): number {
  const [first, second] = [a, b].map((version) => version.split('.').map(Number)) as [number[], number[]];
  for (let index = 0; index < Math.max(first.length, second.length); index += 1) {
    const difference = (first[index] ?? 0) - (second[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Flyway's checksum: CRC-32 over the lines without their ends, the first without a byte order mark; as a signed number. */
function checksumOf(text: string): string {
  let crc = -1;
  for (const line of text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/)) {
    for (const byte of Buffer.from(line)) {
      crc ^= byte;
      for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xed_b8_83_20 : crc >>> 1;
    }
  }
  return String(~crc | 0);
}

function compare(files: FilesRead, rows: readonly VersionRow[] | undefined): ReturnType<MigrationTool['compare']> {
  const entries = (rows ?? []).toSorted((a, b) => Number(a['installed_rank']) - Number(b['installed_rank'])).filter(({ type }) => type !== 'SCHEMA');
  const newest = new Map(entries.map((row) => [row['version'] ?? `R ${row['description'] ?? ''}`, row]));
  const failed = [...newest].filter(([, { success }]) => success === 'false').map(([id]) => id);
  const baseline = entries.find(({ type }) => type === 'BASELINE')?.['version'];
  const before =
    baseline === undefined || baseline === null ? [] : files.revisions.map(({ id }) => id).filter((id) => !id.startsWith('R ') && byVersion(id, baseline) <= 0);
  const changed = [...newest]
    .filter(([id, row]) => row['checksum'] !== null && files.checksums?.has(id) === true && files.checksums.get(id) !== row['checksum'])
    .map(([id]) => id);
  const again = changed.filter((id) => id.startsWith('R '));
  const done = [...newest.keys()].filter((id) => !failed.includes(id) && !again.includes(id) && id !== baseline);
  // What is repeated lies beside the line of versions: it is never late, and never the head.
  const line = { ...files, revisions: files.revisions.filter(({ id }) => !id.startsWith('R ')) };
  const late = compareSets(line, [...done, ...before], { order: refusesLate });
  const all = compareSets({ ...files, problems: [] }, [...done, ...before, ...failed.filter((id) => files.revisions.some((revision) => revision.id === id))]);
  return {
    ...all,
    heads: late.heads,
    current: [...late.current.filter((id) => !id.startsWith('R '))],
    applied: all.applied.filter((id) => !failed.includes(id)),
    dirty: failed,
    problems: [
      ...failedProblem(failed, 'run "flyway repair"'),
      ...late.problems.filter(({ code }) => code !== 'unknown-revision'),
      ...all.problems,
      ...checksumProblem(changed.filter((id) => !again.includes(id))),
    ],
  };
}
