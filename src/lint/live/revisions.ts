import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { withSession } from '../../postgres/session';
import type { AskedDatabase } from './keeper';

/** Whether a database has a revision; unknown where its version table does not say. */
export type RevisionState = 'applied' | 'pending' | 'unknown';

/** The revisions of a folder, each with those that come before it. */
export type RevisionGraph = ReadonlyMap<string, readonly string[]>;

/** Reads the revisions of a folder by their few lines that say who they are. */
export async function readRevisions(folder: string): Promise<RevisionGraph> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.py') && !/^(\.#|__init__)/.test(name));
  const graph = new Map<string, readonly string[]>();
  for (const name of names) {
    const text = await readFile(path.join(folder, name), 'utf8').catch(() => ''); // removed since
    const id = assigned(text, 'revision')[0];
    if (id !== undefined) graph.set(id, [...assigned(text, 'down_revision'), ...assigned(text, 'depends_on')]);
  }
  return graph;
}

function assigned(text: string, name: string): readonly string[] {
  const value = new RegExp(`^${name}\\b[^=\\n]*=\\s*(\\([^)]*\\)|\\[[^\\]]*\\]|[^\\n]*)`, 'm').exec(text)?.[1] ?? '';
  return [...value.replaceAll(/#.*/g, '').matchAll(/(['"])(.*?)\1/g)].map(([, , id = '']) => id);
}

/** The ids in the version table; undefined where there is no such table. Throws what connecting throws. */
export async function versionRows({ server, database }: AskedDatabase, signal: AbortSignal): Promise<readonly string[] | undefined> {
  return withSession(server, database, { statementTimeout: 2000, applicationName: 'container-databases lint', signal }, async (session) => {
    const [found] = await session.query<{ there: boolean }>("SELECT to_regclass('alembic_version') IS NOT NULL AS there");
    if (found?.there !== true) return undefined;
    return (await session.query<{ version_num: string }>('SELECT version_num FROM alembic_version')).map(({ version_num: version }) => version);
  });
}

/** What is applied when the version table holds `rows`: these, and all that come before them. */
export function appliedRevisions(graph: RevisionGraph, rows: readonly string[]): ReadonlySet<string> {
  const applied = new Set<string>();
  const open = [...rows];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (applied.has(id)) continue;
    applied.add(id);
    open.push(...(graph.get(id) ?? []));
  }
  return applied;
}

/** The state of one revision. Rows that no file knows belong to another branch: then nothing is certain. */
export function stateOf(graph: RevisionGraph, rows: readonly string[] | undefined, id: string): RevisionState {
  if (rows === undefined || !rows.every((row) => graph.has(row))) return 'unknown';
  return appliedRevisions(graph, rows).has(id) ? 'applied' : 'pending';
}
