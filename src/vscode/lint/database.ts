import path from 'node:path';
import type { App } from '../../app';
import type { Inventory } from '../../inventory/model';
import { databaseTargets, type DatabaseTarget } from '../../inventory/target';
import type { AskedDatabase } from '../../lint/live/keeper';
import { readRevisions, stateOf, versionRows, type RevisionState } from '../../lint/live/revisions';

/** The database that a folder of migrations is for, and what of it is known there. */
export interface FolderDatabase {
  readonly target: DatabaseTarget;
  readonly asked: AskedDatabase;
  readonly stateOf: (revision: string) => RevisionState;
}

/** Finds the database of a folder: of those of the workspace the one whose version table knows the files, or the only one. */
export async function databaseOfFolder(app: App, inventory: Inventory, folder: string, signal: AbortSignal): Promise<FolderDatabase | undefined> {
  const graph = await readRevisions(folder);
  const candidates = databaseTargets(inventory).filter(
    ({ project, service }) => project.inWorkspace && service.container !== undefined && service.problem === undefined,
  );
  const read: (FolderDatabase & { readonly knowsFiles: boolean })[] = [];
  for (const target of candidates) {
    const asked = askedDatabase(app, target);
    const rows = await versionRows(asked, signal).catch((error: unknown) => {
      if (signal.aborted) throw error;
      return undefined; // a database that cannot be entered is not the one
    });
    read.push({ target, asked, knowsFiles: rows?.some((row) => graph.has(row)) === true, stateOf: (id) => stateOf(graph, rows, id) });
  }
  const knowing = read.filter(({ knowsFiles }) => knowsFiles);
  if (knowing.length === 1) return knowing[0];
  return read.length === 1 ? read[0] : undefined;
}

function askedDatabase({ inventory }: App, { service, database }: DatabaseTarget): AskedDatabase {
  const key = `${service.id} ${service.container?.id ?? ''} ${service.container?.startedAt ?? ''} ${database.name}`;
  return { key, server: inventory.serverOf(service), database: database.name };
}

/** Databases of folders, read once until something changes. */
export class FolderDatabases {
  private readonly known = new Map<string, Promise<FolderDatabase | undefined>>();

  constructor(private readonly find: (folder: string) => Promise<FolderDatabase | undefined>) {}

  of(file: string): Promise<FolderDatabase | undefined> {
    const folder = path.dirname(file);
    const known = this.known.get(folder) ?? this.find(folder);
    this.known.set(folder, known);
    known.catch(() => this.known.delete(folder));
    return known;
  }

  forget(): void {
    this.known.clear();
  }
}
