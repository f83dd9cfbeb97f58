import type { Operation } from '../../operations/operation';
import { displayLocation, type OffsiteLocation } from './location';

/** A file in the place for copies. */
export interface OffsiteFile {
  readonly name: string;
  readonly sizeBytes: number;
}

/** A file on this host, with what it is known to be. */
export interface LocalFile {
  readonly file: string;
  readonly sizeBytes: number;
  /** As hexadecimal digits. */
  readonly sha256: string;
}

/** Keys for S3 that the user gave to the editor; elsewhere they come from the environment or the profile file. */
export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/**
 * A place for copies: a flat set of files. What every store throws: `OFFSITE_DENIED`, `OFFSITE_UNREACHABLE`,
 * `OFFSITE_INTERRUPTED` (the connection broke; calling again goes on from there), `OFFSITE_FULL`, `OFFSITE_MISSING`,
 * `OFFSITE_FAILED`, `CANCELLED`.
 */
export interface OffsiteStore {
  /** All files that have their final name. */
  list(signal: AbortSignal): Promise<readonly OffsiteFile[]>;
  /**
   * Puts a file there. It gets its name only after what lies there was compared by size and checksum. One that is there
   * already stays when it is the same; another one is never replaced. Also throws `OFFSITE_DIFFERS`.
   */
  put(file: LocalFile, name: string, operation: Operation): Promise<void>;
  /** Copies a file from there to the end of `target`, which may hold its beginning already. Compares nothing. */
  get(name: string, target: string, operation: Operation): Promise<void>;
  /** The contents of small files; those that are not there are left out. */
  read(names: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, string>>;
  /** Removes a file and what was put of it so far; one that is not there is as good. */
  remove(name: string): Promise<void>;
  /** The location as settings write it, without credentials. */
  describe(): string;
}

/** Opens a place for copies; nothing is asked of it yet. What a kind of place needs is loaded when it is used. */
export async function openStore(location: OffsiteLocation, credentials?: S3Credentials): Promise<OffsiteStore> {
  const name = displayLocation(location);
  switch (location.kind) {
    case 'folder': {
      const { FolderStore } = await import('./folderStore');
      return new FolderStore(location, name);
    }
    case 'sftp': {
      const { SftpStore } = await import('./sftpStore');
      return new SftpStore(location, name);
    }
    case 's3': {
      const { S3Store } = await import('./s3Store');
      return new S3Store(location, name, credentials);
    }
  }
}
