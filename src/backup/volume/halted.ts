import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { errorCode, fileFailure, removeIfThere, writeFileDurably } from '../../operations/files';
import type { HaltedContainer } from './halt';

const entrySchema = z.object({
  schemaVersion: z.literal(1),
  id: z.string(),
  endpointId: z.string(),
  project: z.string(),
  service: z.string(),
  /** In the order in which they start. */
  containers: z.array(z.object({ id: z.string(), name: z.string() })),
  /** The process that stopped them, and starts them again unless it dies. */
  process: z.object({ host: z.string(), pid: z.number() }),
  /** When they were stopped: a process number from before the host started means nothing. */
  since: z.iso.datetime(),
});

/** Containers that were stopped for a copy of their volume, and have to run again. */
export type HaltedEntry = Readonly<z.infer<typeof entrySchema>>;

/** What is stopped at the moment, on disk, so that it is started again after a crash. */
export class HaltedStore {
  constructor(private readonly folder: string) {}

  /** Keeps the containers of an entry, or forgets it when there are none any more. */
  async remember(entry: Omit<HaltedEntry, 'schemaVersion' | 'containers'>, containers: readonly HaltedContainer[]): Promise<void> {
    const file = path.join(this.folder, `${entry.id}.json`);
    if (containers.length === 0) return removeIfThere(file);
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    await writeFileDurably(file, `${JSON.stringify({ schemaVersion: 1, ...entry, containers }, undefined, 2)}\n`);
  }

  /** What was stopped and not started again. An entry that cannot be read is left for a newer version to read. */
  async entries(): Promise<readonly HaltedEntry[]> {
    let names: readonly string[];
    try {
      names = await readdir(this.folder);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return [];
      throw fileFailure(error, this.folder);
    }
    const entries = await Promise.all(names.filter((name) => name.endsWith('.json')).map((name) => this.read(name)));
    return entries.filter((entry) => entry !== undefined);
  }

  private async read(name: string): Promise<HaltedEntry | undefined> {
    try {
      return entrySchema.parse(JSON.parse(await readFile(path.join(this.folder, name), 'utf8')));
    } catch {
      return undefined;
    }
  }
}
