import { open, type FileHandle } from 'node:fs/promises';
import { fileFailure } from '../operations/files';

/** Bytes that are gathered before they are written: small pieces would each cost a trip to a thread and back. */
const batchSize = 1024 * 1024;

/** Milliseconds after which a file that nothing was written to is touched, so that nobody takes it for abandoned. */
const touchEvery = 10 * 60 * 1000;

/** A new file that grows while the next bytes arrive. Errors of the disk appear at one of the next calls. */
export class FileSink {
  private batch: Buffer[] = [];
  private batched = 0;
  private writing: Promise<void> = Promise.resolve();
  private readonly touching: NodeJS.Timeout;

  private constructor(
    private readonly handle: FileHandle,
    private readonly name: string,
    every: number,
  ) {
    const touch = (): void => void handle.utimes(new Date(), new Date()).catch(() => undefined);
    this.touching = setInterval(touch, every).unref();
  }

  /**
   * Creates the file, for its owner alone; errors speak of it as `name`. Throws when there is one already, and what the
   * file system says.
   */
  static async create(file: string, name: string, every = touchEvery): Promise<FileSink> {
    try {
      return new FileSink(await open(file, 'wx', 0o600), name, every);
    } catch (error) {
      throw fileFailure(error, name);
    }
  }

  /** Takes bytes; gives a promise when no more should come before it is fulfilled. */
  add(bytes: Buffer): Promise<void> | undefined {
    this.batch.push(bytes);
    this.batched += bytes.length;
    return this.batched < batchSize ? undefined : this.flush();
  }

  /** Writes the rest, and waits until everything lies on the disk. */
  async finish(): Promise<void> {
    await this.flush();
    await this.writing;
    clearInterval(this.touching);
    try {
      await this.handle.sync();
      await this.handle.close();
    } catch (error) {
      throw fileFailure(error, this.name);
    }
  }

  /** Lets the file go as it is. Never throws. */
  async abandon(): Promise<void> {
    clearInterval(this.touching);
    await this.writing.catch(() => undefined);
    await this.handle.close().catch(() => undefined);
  }

  /** At most one batch is on its way to the disk while the next one is gathered. */
  private async flush(): Promise<void> {
    await this.writing;
    const pieces = this.batch;
    this.batch = [];
    this.batched = 0;
    this.writing = this.write(pieces);
    this.writing.catch(() => undefined); // seen by the next call
  }

  private async write(pieces: readonly Buffer[]): Promise<void> {
    try {
      for (let rest = pieces; rest.length > 0;) rest = behind(rest, (await this.handle.writev(rest)).bytesWritten);
    } catch (error) {
      throw fileFailure(error, this.name);
    }
  }
}

/** What remains of pieces after so many bytes. */
function behind(pieces: readonly Buffer[], bytes: number): readonly Buffer[] {
  let start = bytes;
  return pieces.flatMap((piece) => {
    const rest = piece.subarray(Math.min(start, piece.length));
    start = Math.max(0, start - piece.length);
    return rest.length === 0 ? [] : [rest];
  });
}
