import type { BackupFormat, BackupScope } from './manifest';

/** What the user may choose about a backup. What is left out is decided from the database and its container. */
export interface BackupOptions {
  /** `auto` takes the fastest that the scope and the container allow. */
  readonly format: BackupFormat | 'auto';
  /** Of a plain dump; `auto` takes the best program that the container has. */
  readonly compression: 'auto' | 'none' | 'gzip' | 'zstd';
  readonly scope: BackupScope;
  /** Of the scope `tables`: qualified names, quoted as SQL wants them. */
  readonly tables: readonly string[];
  /** Whether the roles of the server are written beside a full backup. */
  readonly roles: boolean;
}

/** What "Back up database" does. */
export const defaultOptions: BackupOptions = { format: 'auto', compression: 'auto', scope: 'full', tables: [], roles: true };
