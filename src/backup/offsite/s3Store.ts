import { createHash } from 'node:crypto';
import { throwIfCancelled, type Operation } from '../../operations/operation';
import { assertPlainName, isPlainName } from './fileName';
import { appendTo, sizeOf } from './localFiles';
import type { S3Location } from './location';
import { differs, taken } from './problems';
import { S3Requests } from './s3Client';
import { s3Failure } from './s3Problem';
import { S3Upload } from './s3Upload';
import type { LocalFile, OffsiteFile, OffsiteStore, S3Credentials } from './store';

/** How many small objects are read at a time. */
const readAtOnce = 8;

/** Copies in a bucket of S3, or of a server that speaks its protocol. Objects appear there whole or not at all. */
export class S3Store implements OffsiteStore {
  private readonly requests: S3Requests;

  constructor(
    private readonly location: S3Location,
    private readonly name: string,
    credentials: S3Credentials | undefined,
  ) {
    this.requests = new S3Requests(location, credentials);
  }

  describe(): string {
    return this.name;
  }

  async list(signal: AbortSignal): Promise<readonly OffsiteFile[]> {
    const { prefix } = this.location;
    const objects = await this.told('The list', () => this.requests.objects(prefix, signal));
    return objects.map(({ key, sizeBytes }) => ({ name: key.slice(prefix.length), sizeBytes })).filter(({ name }) => isPlainName(name));
  }

  async put(file: LocalFile, name: string, operation: Operation): Promise<void> {
    assertPlainName(name);
    const key = this.key(name);
    await this.told(name, async () => {
      const upload = new S3Upload(this.requests, this.location.prefix, key, file, operation);
      if (await this.isThere(key, operation)) {
        if (!(await this.holds(key, file, await upload.checksum(), operation))) throw taken(this.name, name);
        return;
      }
      const checksum = await upload.send();
      if (await this.holds(key, file, checksum, operation)) return;
      await this.requests.remove(key, operation.signal); // no manifest is there yet, so nobody took it for a backup
      throw differs(this.name, name);
    });
  }

  async get(name: string, target: string, operation: Operation): Promise<void> {
    assertPlainName(name);
    const offset = (await sizeOf(target)) ?? 0;
    const bytes = await this.told(name, () => this.requests.bytes(this.key(name), offset, operation.signal));
    await appendTo(target, this.telling(name, bytes), operation, `Fetching ${name}`);
  }

  async read(names: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    names.forEach(assertPlainName);
    const texts = new Map<string, string>();
    const queue = [...names];
    const work = async (): Promise<void> => {
      for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
        const text = await this.text(name, signal);
        if (text !== undefined) texts.set(name, text);
      }
    };
    await Promise.all(Array.from({ length: readAtOnce }, work));
    return texts;
  }

  async remove(name: string): Promise<void> {
    assertPlainName(name);
    const { signal } = new AbortController();
    await this.told(name, async () => {
      await this.requests.remove(this.key(name), signal);
      const uploads = await this.requests.unfinishedUploads(this.key(name), signal);
      for (const upload of uploads.filter(({ key }) => key === this.key(name))) await this.requests.dropUpload(upload, signal);
    });
  }

  private key(name: string): string {
    return `${this.location.prefix}${name}`;
  }

  private async isThere(key: string, operation: Operation): Promise<boolean> {
    return (await this.requests.objects(key, operation.signal)).some((each) => each.key === key);
  }

  /** Whether an object is this file: by what the server computed, or where it does not, by reading it back. */
  private async holds(key: string, file: LocalFile, checksum: string, operation: Operation): Promise<boolean> {
    operation.report({ message: 'Comparing the copy' });
    const facts = await this.requests.facts(key, operation.signal);
    if (facts.sizeBytes !== file.sizeBytes) return false;
    if (facts.checksum === checksum && facts.notedSha256 === file.sha256) return true;
    const hash = createHash('sha256');
    for await (const piece of await this.requests.bytes(key, 0, operation.signal)) {
      throwIfCancelled(operation);
      hash.update(piece);
    }
    return hash.digest('hex') === file.sha256;
  }

  private async text(name: string, signal: AbortSignal): Promise<string | undefined> {
    try {
      const pieces: Uint8Array[] = [];
      for await (const piece of await this.requests.bytes(this.key(name), 0, signal)) pieces.push(piece);
      return Buffer.concat(pieces).toString('utf8');
    } catch (error) {
      if (error instanceof Error && error.name === 'NoSuchKey') return undefined;
      throw s3Failure(error, this.name, name);
    }
  }

  private async *telling(name: string, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* bytes;
    } catch (error) {
      throw s3Failure(error, this.name, name);
    }
  }

  /** Does work and tells its errors as Failures. */
  private async told<T>(name: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw s3Failure(error, this.name, name);
    }
  }
}
