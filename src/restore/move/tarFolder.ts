import { createReadStream, createWriteStream } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { extract, pack } from 'tar-stream';
import { fileFailure } from '../../operations/files';
import { throwIfCancelled, type Operation } from '../../operations/operation';
import { Failure, messageOf } from '../../protocol/failure';

/** Packs the files of a folder, and flushes what it wrote. Throws what writing fails with; then there may be a part of it. */
export async function packFolder(folder: string, file: string, operation: Operation): Promise<void> {
  const names = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isFile()).map(({ name }) => name);
  const tar = pack();
  const fill = async (): Promise<void> => {
    for (const name of names) {
      throwIfCancelled(operation);
      operation.report({ message: `Packing ${name}` });
      const { size } = await stat(path.join(folder, name));
      await pipeline(createReadStream(path.join(folder, name)), tar.entry({ name, size, mode: 0o600 }));
    }
    tar.finalize();
  };
  try {
    await Promise.all([pipeline(tar, createWriteStream(file, { flags: 'wx', mode: 0o600 })), fill().catch((error: Error) => tar.destroy(error))]);
    await flush(file);
  } catch (error) {
    throw fileFailure(error, file);
  }
}

async function flush(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Unpacks plain files into an empty folder, and nothing else: a link, or a name that leads elsewhere, is refused.
 * Throws `ARCHIVE_UNREADABLE`.
 */
export async function unpackFolder(file: string, folder: string, operation: Operation): Promise<void> {
  const reader = extract();
  const feeding = pipeline(createReadStream(file), reader, { signal: operation.signal });
  feeding.catch(() => undefined); // what goes wrong is thrown below
  try {
    for await (const entry of reader) {
      const { name, type } = entry.header;
      operation.report({ message: `Unpacking ${name}` });
      if (type !== 'file' || !/^[^/\\]+$/.test(name) || name === '.' || name === '..') throw new Error(`it has a member "${name}"`);
      await pipeline(entry, createWriteStream(path.join(folder, name), { flags: 'wx', mode: 0o600 }));
    }
    await feeding;
  } catch (error) {
    throwIfCancelled(operation);
    throw new Failure('ARCHIVE_UNREADABLE', `${file} cannot be unpacked: ${messageOf(error)}`, 'Export it again.', error);
  }
}
