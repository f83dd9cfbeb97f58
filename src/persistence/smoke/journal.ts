import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { readConfiguration } from '../../engine/recreate';
import { errorCode, fileFailure, removeIfThere, writeFileDurably } from '../../operations/files';

const container = z.object({ id: z.string(), name: z.string() });

const entrySchema = z.object({
  schemaVersion: z.literal(1),
  id: z.string(),
  endpointId: z.string(),
  project: z.string(),
  service: z.string(),
  /** All that is needed to make the container again. */
  configuration: z.unknown().transform(readConfiguration),
  /** What ran, in the order in which it starts. */
  halted: z.array(container),
  /** The database of our own that is to go again. */
  sentinel: z.string(),
  process: z.object({ host: z.string(), pid: z.number() }),
  since: z.iso.datetime(),
});

/** What must be known of a test on the real service to leave that as it was after a crash. */
export type SmokeEntry = Readonly<z.infer<typeof entrySchema>>;

/**
 * Entries on disk, written and flushed before anything is stopped. Readable by the user alone: a configuration holds what the
 * environment of the container holds.
 */
export class SmokeJournal {
  constructor(private readonly folder: string) {}

  async write(entry: SmokeEntry): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    await writeFileDurably(this.fileOf(entry.id), `${JSON.stringify(entry)}\n`);
  }

  async remove(id: string): Promise<void> {
    await removeIfThere(this.fileOf(id));
  }

  /** What was begun and not ended. An entry that cannot be read is left for a newer version to read. */
  async entries(): Promise<readonly SmokeEntry[]> {
    const names = await readdir(this.folder).catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') return [];
      throw fileFailure(error, this.folder);
    });
    const entries = await Promise.all(names.filter((name) => name.endsWith('.json')).map((name) => this.read(name)));
    return entries.filter((entry) => entry !== undefined);
  }

  private async read(name: string): Promise<SmokeEntry | undefined> {
    try {
      return entrySchema.parse(JSON.parse(await readFile(path.join(this.folder, name), 'utf8')));
    } catch {
      return undefined;
    }
  }

  private fileOf(id: string): string {
    return path.join(this.folder, `${id}.json`);
  }
}
