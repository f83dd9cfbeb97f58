/** How a file as a whole is compressed. */
export type Packing = 'none' | 'gzip' | 'zstd' | 'xz';

/** What a dump says of itself; each part only where it does. */
export interface Origin {
  readonly database?: string;
  /** Such as `15.4`. */
  readonly serverVersion?: string;
  /** Of `pg_dump`. */
  readonly toolVersion?: string;
  readonly createdAt?: Date;
}

/** What an archive of `pg_dump` says of itself. */
export interface ArchiveHeader extends Origin {
  /** Of the rows inside it. */
  readonly compression?: 'none' | 'gzip' | 'lz4' | 'zstd';
}

/** An archive of `pg_dump`; `directory` is such a folder in a tar, `tar` is what `pg_dump --format=tar` writes. */
interface Archive<Kind extends 'custom' | 'directory' | 'tar'> extends ArchiveHeader {
  readonly kind: Kind;
}

/** SQL; `cluster` is what `pg_dumpall` writes. */
interface SqlText<Kind extends 'plain' | 'cluster'> extends Origin {
  readonly kind: Kind;
  /** A shell of Windows has turned the text into UTF-16, which psql cannot read. */
  readonly utf16?: true;
  /** The content cannot be looked at here; only its name says so. */
  readonly byName?: true;
}

interface Physical {
  /** A copy of a data directory in a tar; the version is the major one. */
  readonly kind: 'physical';
  readonly serverVersion?: string;
}

interface Rest {
  /** `unknown` may be a backup, perhaps a damaged one; `other` surely is none of Postgres. */
  readonly kind: 'encrypted' | 'empty' | 'unknown' | 'other';
}

/** What is inside a file, whatever it is packed in. */
export type Content = Archive<'custom'> | Archive<'directory'> | Archive<'tar'> | SqlText<'plain'> | SqlText<'cluster'> | Physical | Rest;

/** What a file is, by its first bytes. */
export type Recognised = Content & { readonly packed: Packing };
