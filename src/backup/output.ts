import { createHash, type Hash } from 'node:crypto';
import { removeIfThere } from '../operations/files';
import type { Cipher } from './encryption/streams';
import type { EncryptionKey } from './encryption/keys';
import { FileSink } from './fileSink';

/** What lies in the file, when it is another than was added. */
export interface FileReceipt {
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** The file of a backup that is being made, encrypted on its way where there is a key. */
export class BackupOutput {
  private readonly hash: Hash = createHash('sha256');
  private sizeBytes = 0;
  private cipher: Cipher | undefined;

  private constructor(private readonly sink: FileSink) {}

  /** Creates the file; errors speak of it as `name`. Throws what `FileSink.create` and `encryptTo` throw, and leaves nothing then. */
  static async create(file: string, name: string, key: EncryptionKey | undefined): Promise<BackupOutput> {
    const output = new BackupOutput(await FileSink.create(file, name));
    if (key === undefined) return output;
    try {
      const { encryptTo } = await import('./encryption/streams');
      output.cipher = await encryptTo(key, (bytes) => output.write(bytes));
      return output;
    } catch (error) {
      await output.abandon();
      await removeIfThere(file);
      throw error;
    }
  }

  /** Takes bytes; gives a promise when no more should come before it is fulfilled. */
  add(bytes: Buffer): Promise<void> | undefined {
    return this.cipher === undefined ? this.sink.add(bytes) : this.cipher.add(bytes);
  }

  /** Waits until everything lies on the disk. Gives what lies there when it was encrypted; else it is what was added. */
  async finish(): Promise<FileReceipt | undefined> {
    await this.cipher?.finish();
    await this.sink.finish();
    return this.cipher === undefined ? undefined : { sizeBytes: this.sizeBytes, sha256: this.hash.digest('hex') };
  }

  /** Lets the file go as it is. Never throws. */
  async abandon(): Promise<void> {
    this.cipher?.abandon();
    await this.sink.abandon();
  }

  private write(bytes: Buffer): Promise<void> | undefined {
    this.hash.update(bytes);
    this.sizeBytes += bytes.length;
    return this.sink.add(bytes);
  }
}
