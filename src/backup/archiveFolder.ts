import { extract } from 'tar-stream';
import { Failure } from '../protocol/failure';

/** What `pg_dump -Fd` puts into its folder (pg_backup_directory.c): the table of contents, tables and large objects. */
const memberName = /^(?:\.\/)?(?:|toc\.dat|blobs(?:_\d+)?\.toc|(?:blob_)?\d+\.dat(?:\.(?:gz|lz4|zst))?|blobs_\d+\.toc(?:\.(?:gz|lz4|zst))?)$/;

/**
 * Watches a tar pass by and says at the end whether it is a directory archive and nothing else. A link, an absolute path or a
 * way upwards in it would write elsewhere in the container when it is unpacked.
 */
export class ArchiveFolderCheck {
  private readonly reader = extract();
  private hasContents = false;
  private problem: string | undefined;
  private readonly ended: Promise<void>;

  constructor() {
    this.reader.on('entry', (header, stream, next) => {
      const isPlain = header.type === 'file' || (header.type === 'directory' && /^(?:\.\/)?$/.test(header.name));
      if (!isPlain || !memberName.test(header.name)) this.problem ??= `it has a member "${header.name}"`;
      this.hasContents ||= /^(?:\.\/)?toc\.dat$/.test(header.name);
      stream.on('end', next);
      stream.resume();
    });
    this.ended = new Promise((resolve) => {
      this.reader.on('finish', () => resolve());
      this.reader.on('error', (error: Error) => {
        this.problem ??= error.message;
        resolve();
      });
    });
  }

  /** Takes the next bytes, and waits while the reader is behind. */
  async add(bytes: Buffer): Promise<void> {
    if (this.problem !== undefined || this.reader.write(bytes)) return;
    await Promise.race([new Promise<void>((resolve) => void this.reader.once('drain', () => resolve())), this.ended]);
  }

  /** Throws `BACKUP_FOREIGN` unless everything was as it should be. */
  async finish(file: string): Promise<void> {
    this.reader.end(Buffer.alloc(0));
    await this.ended;
    if (this.problem === undefined && this.hasContents) return;
    throw new Failure(
      'BACKUP_FOREIGN',
      `${file} is no directory archive of pg_dump: ${this.problem ?? 'it has no table of contents'}.`,
      'Choose a backup that was made by "Back up database".',
    );
  }
}
