import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { errorCode, fileFailure, removeIfThere } from '../../operations/files';
import { throwIfCancelled, type Operation } from '../../operations/operation';
import { readPieces } from '../../operations/readPieces';
import { renameToNew } from '../../operations/renameToNew';
import { Failure } from '../../protocol/failure';
import { FileSink } from '../fileSink';
import { assertPlainName, isPlainName, partialName } from './fileName';
import { appendTo, describeFile, sizeOf } from './localFiles';
import type { FolderLocation } from './location';
import { denied, differs, failed, full, missing, taken, unreachable } from './problems';
import type { LocalFile, OffsiteFile, OffsiteStore } from './store';

/** Copies in a folder: another disk, or what is mounted from elsewhere. */
export class FolderStore implements OffsiteStore {
  constructor(
    private readonly location: FolderLocation,
    private readonly name: string,
  ) {}

  describe(): string {
    return this.name;
  }

  async list(): Promise<readonly OffsiteFile[]> {
    try {
      const names = (await readdir(this.location.folder, { withFileTypes: true })).flatMap((entry) => (entry.isFile() ? [entry.name] : []));
      const plain = names.filter((name) => isPlainName(name) && !name.endsWith(partialName('')));
      const sizes = await Promise.all(plain.map((name) => sizeOf(this.at(name))));
      return plain.flatMap((name, index) => (sizes[index] === undefined ? [] : [{ name, sizeBytes: sizes[index] }]));
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return [];
      throw this.failure(error);
    }
  }

  async put(file: LocalFile, name: string, operation: Operation): Promise<void> {
    assertPlainName(name);
    const target = this.at(name);
    const partial = this.at(partialName(name));
    try {
      await this.createFolder();
      if ((await sizeOf(target)) !== undefined) return await this.confirm(file, name, operation);
      await removeIfThere(partial);
      await copy(file.file, partial, target, operation);
      if (!(await this.holds(partial, file, operation))) throw differs(this.name, name);
      throwIfCancelled(operation);
      await renameToNew(partial, target);
    } catch (error) {
      await removeIfThere(partial).catch(() => undefined); // the first error is the one to tell
      throw this.failure(error);
    }
  }

  async get(name: string, target: string, operation: Operation): Promise<void> {
    assertPlainName(name);
    const start = (await sizeOf(target)) ?? 0;
    const source = createReadStream(this.at(name), { start, highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>;
    await appendTo(target, this.reading(source), operation, `Fetching ${name}`);
  }

  async read(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const texts = await Promise.all(names.map((name) => this.text(name)));
    return new Map(names.flatMap((name, index) => (texts[index] === undefined ? [] : [[name, texts[index]] as const])));
  }

  async remove(name: string): Promise<void> {
    assertPlainName(name);
    try {
      await removeIfThere(this.at(name));
      await removeIfThere(this.at(partialName(name)));
    } catch (error) {
      throw this.failure(error);
    }
  }

  private at(name: string): string {
    return path.join(this.location.folder, name);
  }

  /** Creates the folder, but not what it lies in: a disk that is not mounted must not be mistaken for an empty one. */
  private async createFolder(): Promise<void> {
    try {
      await mkdir(this.location.folder, { mode: 0o700 });
    } catch (error) {
      if (errorCode(error) === 'ENOENT') throw unreachable(this.name, 'the folder that it lies in is not there; its disk may not be mounted.', error);
      if (errorCode(error) !== 'EEXIST') throw error;
    }
  }

  private async confirm(file: LocalFile, name: string, operation: Operation): Promise<void> {
    const [own, other] = await Promise.all([stat(file.file), stat(this.at(name))]);
    if (own.ino === other.ino && own.dev === other.dev) {
      throw new Failure('LOCATION_INVALID', `${this.name} is where the backup itself lies.`, 'Choose a folder on another disk for the copy.');
    }
    if (!(await this.holds(this.at(name), file, operation))) throw taken(this.name, name);
  }

  private async holds(place: string, { sizeBytes, sha256 }: LocalFile, operation: Operation): Promise<boolean> {
    const there = await describeFile(place, operation, 'Comparing the copy');
    return there.sizeBytes === sizeBytes && there.sha256 === sha256;
  }

  private async text(name: string): Promise<string | undefined> {
    assertPlainName(name);
    try {
      return await readFile(this.at(name), 'utf8');
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw this.failure(error);
    }
  }

  private async *reading(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    try {
      yield* source;
    } catch (error) {
      throw this.failure(error);
    }
  }

  private failure(error: unknown): Failure {
    const failure = fileFailure(error, this.name);
    switch (failure.code) {
      case 'DISK_FULL':
        return full(this.name, error);
      case 'FILE_DENIED':
        return denied(this.name, failure.message, 'Check the permissions of the folder, or choose another one.', error);
      case 'FILE_MISSING':
        return missing(this.name, 'The file', error);
      case 'FILE_FAILED':
        return failed(this.name, failure.message, error);
      default:
        return failure;
    }
  }
}

/** Copies a file under another name until it lies on the disk; errors speak of it as `name`. */
async function copy(from: string, to: string, name: string, operation: Operation): Promise<void> {
  const sink = await FileSink.create(to, name);
  try {
    for await (const piece of readPieces(from, operation, 'Copying')) {
      throwIfCancelled(operation);
      await sink.add(piece);
    }
    await sink.finish();
  } catch (error) {
    await sink.abandon();
    throw error;
  }
}
