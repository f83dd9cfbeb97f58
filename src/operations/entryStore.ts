import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type * as z from 'zod';
import { errorCode, fileFailure, removeIfThere, writeFileDurably } from './files';

/** Small records on disk, each in a file of its own that is written whole and flushed: what must outlive a crash. */
export class EntryStore<Entry extends { readonly id: string }> {
  constructor(
    private readonly folder: string,
    private readonly schema: z.ZodType<Entry>,
  ) {}

  async write(entry: Entry): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    await writeFileDurably(this.fileOf(entry.id), `${JSON.stringify(entry, undefined, 2)}\n`);
  }

  async remove(id: string): Promise<void> {
    await removeIfThere(this.fileOf(id));
  }

  /** All that can be read; what a newer version wrote is left for that. */
  async entries(): Promise<readonly Entry[]> {
    const entries = await Promise.all((await this.names()).map((name) => this.read(name)));
    return entries.filter((entry) => entry !== undefined);
  }

  /** Whether there is any, readable or not. */
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

  private async read(name: string): Promise<Entry | undefined> {
    try {
      return this.schema.parse(JSON.parse(await readFile(path.join(this.folder, name), 'utf8')));
    } catch {
      return undefined;
    }
  }

  private fileOf(id: string): string {
    return path.join(this.folder, `${id}.json`);
  }
}
