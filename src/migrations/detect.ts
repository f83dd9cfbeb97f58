import type { MigrationFolder, ToolId, VersionTable, Workspace } from './model';
import { tools } from './tools/all';

/** All migrations in a workspace. What one tool has claimed is not taken for plain SQL files as well. */
export async function detectMigrations(workspace: Workspace): Promise<readonly MigrationFolder[]> {
  const all = (await Promise.all(Object.values(tools).map((tool) => tool.detect(workspace)))).flat();
  const claimed = new Set(all.filter(({ tool }) => tool !== 'plain-sql').flatMap(({ locations }) => locations));
  return all.filter(({ tool, locations }) => tool !== 'plain-sql' || !locations.some((location) => claimed.has(location)));
}

/** The version table of a tool among those of a database. */
export function tableFor(tool: ToolId, tables: readonly VersionTable[]): VersionTable | undefined {
  return tables.find((table) => tools[tool].isTable(table));
}

/** The tools that a table may belong to, for when there are no files to ask. */
export function toolsOf(table: VersionTable): readonly ToolId[] {
  return Object.values(tools)
    .filter((tool) => tool.isTable(table))
    .map(({ id }) => id);
}
