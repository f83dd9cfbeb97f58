import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { errorCode, fileFailure, removeIfThere, writeFileDurably } from '../operations/files';

const entrySchema = z.object({
  schemaVersion: z.literal(1),
  id: z.string(),
  /**
   * `restore` made its replacement itself and may drop it; `undo` exchanges two databases that are both the user's; `rows` puts
   * rows of its replacement into the live database, which stays.
   */
  kind: z.enum(['restore', 'undo', 'rows']),
  startedAt: z.iso.datetime(),
  endpointId: z.string(),
  project: z.string(),
  service: z.string(),
  database: z.string(),
  /** The database that is to take the name. */
  replacement: z.string(),
  /** The name under which the present one is kept. */
  undo: z.string(),
  /** `preparing`: the live database is untouched. `swapping`: it may be closed or renamed. `swapped`: all but the tidying is done. */
  phase: z.enum(['preparing', 'swapping', 'swapped']),
  /** Dependents that ran and were stopped for this, in the order in which they start. */
  stopped: z.array(z.string()),
  /** A file put into the container. */
  upload: z.string().optional(),
});

/** What must be known of a restore to finish it or to roll it back after a crash. */
export type JournalEntry = Readonly<z.infer<typeof entrySchema>>;

/** Entries on disk, each written whole and flushed before the step that it announces. */
export class Journal {
  constructor(private readonly folder: string) {}

  /** Where dumps lie for a moment that are made to copy a database. */
  get copies(): string {
    return path.join(path.dirname(this.folder), 'copies');
  }

  async write(entry: JournalEntry): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    await writeFileDurably(this.fileOf(entry.id), `${JSON.stringify(entry, undefined, 2)}\n`);
  }

  async remove(id: string): Promise<void> {
    await removeIfThere(this.fileOf(id));
  }

  /** What was begun and not ended. An entry that cannot be read is left for a newer version to read. */
  async entries(): Promise<readonly JournalEntry[]> {
    const entries = await Promise.all((await this.names()).map((name) => this.read(name)));
    return entries.filter((entry) => entry !== undefined);
  }

  /** Whether anything was begun and not ended, readable or not. */
  async isOpen(): Promise<boolean> {
    return (await this.names()).length > 0;
  }

  private async names(): Promise<readonly string[]> {
    try {
      return (await readdir(this.folder)).filter((name) => name.endsWith('.json'));
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return [];
      throw fileFailure(error, this.folder);
    }
  }

  private async read(name: string): Promise<JournalEntry | undefined> {
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
