import { posix } from 'node:path';
import type { MigrationFolder, ToolId, Workspace } from '../model';
import { ancestorsOf, folderOf, joinPath } from '../paths';
import { environmentFiles, foldersOf } from './byName';

const script = /\.(?:js|cjs|mjs|ts|cts|mts|sql)$/;

/** Tools whose migrations are programs in a folder of any name, told apart by what the project says that it uses. */
export interface JavaScriptTool {
  readonly id: ToolId;
  /** Names of its own configuration files. */
  readonly configs: readonly string[];
  /** Packages that a project depends on if it uses the tool. */
  readonly packages: readonly string[];
  readonly isMigration: (name: string) => boolean;
  /** What every file has in it, where the names do not tell. */
  readonly mark?: RegExp;
}

/** The folders of a tool's migrations: those that its configuration names, else any that is called so. */
export async function detectScripts(workspace: Workspace, tool: JavaScriptTool): Promise<readonly MigrationFolder[]> {
  const { files } = workspace;
  const all = new Set(files);
  const found: MigrationFolder[] = [];
  for (const [folder, own] of foldersOf(workspace, (file) => script.test(file) && !file.endsWith('.d.ts') && tool.isMigration(posix.basename(file)))) {
    if (!/migration/i.test(folder)) continue;
    const root = await rootOf(workspace, all, folder, tool);
    if (root === undefined) continue;
    if (tool.mark !== undefined && !tool.mark.test((await workspace.read(own[0] ?? '')) ?? '')) continue;
    const settings = [
      ...tool.configs,
      'config/config.json',
      'config/config.js',
      'config/database.js',
      'src/data-source.ts',
      'src/data-source.js',
      'data-source.ts',
      'data-source.js',
    ];
    const config = settings.map((name) => joinPath(root, name)).filter((file) => all.has(file));
    found.push({ tool: tool.id, root, locations: [folder], files: own, config: [...config, ...environmentFiles(root, workspace)] });
  }
  return found;
}

/** The project that a folder belongs to, if it uses the tool. */
async function rootOf(workspace: Workspace, files: ReadonlySet<string>, folder: string, { configs, packages }: JavaScriptTool): Promise<string | undefined> {
  for (const place of ancestorsOf(folderOf(folder))) {
    if (configs.some((name) => files.has(joinPath(place, name)))) return place;
    const text = await workspace.read(joinPath(place, 'package.json'));
    if (text === undefined) continue;
    return packages.some((name) => new RegExp(`"${name}"\\s*:`).test(text)) ? place : undefined;
  }
  return undefined;
}
