/** How the server copies a database; `only` is the one way that it has. */
export type CopyStrategy = 'WAL_LOG' | 'FILE_COPY' | 'clone' | 'only';

// File systems on which a cloned file shares its blocks until one of both changes. Not ZFS, whose cloning lost data before 2.2.2.
const cloning = ['xfs', 'btrfs', 'apfs', 'bcachefs'];

/**
 * Bytes from which copying files is quicker than writing the copy to the log. It costs two checkpoints of the whole
 * cluster, which a small database is not worth. Measured with Postgres 17: 58 MB take 0.15 s by log and 0.20 s by files,
 * 1.3 GB take 4.8 s and 0.8 s.
 */
const largeBytes = 100_000_000;

/** Chooses how to copy a database of a size, on the file system that holds the cluster. */
export function chooseStrategy(major: number, sizeBytes: number, fileSystem: string | undefined): CopyStrategy {
  if (major < 15) return 'only';
  if (major >= 18 && fileSystem !== undefined && cloning.includes(fileSystem)) return 'clone';
  return sizeBytes < largeBytes ? 'WAL_LOG' : 'FILE_COPY';
}

/** Bytes that a copy takes on the disk, at the most. */
export function bytesNeeded(strategy: CopyStrategy, sizeBytes: number): number {
  const catalogues = 16_000_000;
  if (strategy === 'clone') return catalogues;
  return (strategy === 'WAL_LOG' ? 2 * sizeBytes : sizeBytes) + catalogues; // the log holds every page once more
}
