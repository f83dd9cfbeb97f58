import type { ArchiveHeader } from './recognised';

/** How an archive in the custom format and the table of contents of the others begin (pg_backup_archiver.c, WriteHead). */
const magic = Buffer.from('PGDMP', 'latin1');
/** More than any name or version has; a longer text is damage. */
const longestText = 4096;
/** Format version, as major and minor, that began to name the compression instead of its level (Postgres 16). */
const namesCompression = 1 * 256 + 15;
const methods: readonly NonNullable<ArchiveHeader['compression']>[] = ['none', 'gzip', 'lz4', 'zstd'];

export function isArchive(bytes: Buffer): boolean {
  return bytes.subarray(0, magic.length).equals(magic);
}

/** Reads a header as ReadHead of pg_backup_archiver.c does, for format versions from 1.10 on. What is cut off or damaged is left out. */
export function readArchiveHeader(bytes: Buffer): ArchiveHeader {
  const reader = new Reader(bytes, magic.length);
  const version = (reader.byte() ?? 0) * 256 + (reader.byte() ?? 0);
  reader.byte(); // the revision
  reader.integerSize = reader.byte() ?? 0;
  reader.byte(); // the size of an offset
  reader.byte(); // the format
  const method = version >= namesCompression ? reader.byte() : reader.integer();
  const compression = version >= namesCompression ? methods[method ?? -1] : levelName(method);
  const createdAt = readTime(reader);
  const database = reader.text();
  const serverVersion = firstWord(reader.text());
  const toolVersion = firstWord(reader.text());
  return {
    ...(compression === undefined ? {} : { compression }),
    ...(createdAt === undefined ? {} : { createdAt }),
    ...(database === undefined || database === '' ? {} : { database }),
    ...(serverVersion === undefined ? {} : { serverVersion }),
    ...(toolVersion === undefined ? {} : { toolVersion }),
  };
}

/** A level of -1 is the one that zlib takes by itself. */
function levelName(level: number | undefined): ArchiveHeader['compression'] {
  return level === 0 ? 'none' : level === undefined ? undefined : 'gzip';
}

/** The time is that of the container's clock, without its zone; containers keep UTC unless they are told otherwise. */
function readTime(reader: Reader): Date | undefined {
  const [second, minute, hour, day, month, year] = Array.from({ length: 7 }, () => reader.integer());
  if (second === undefined || minute === undefined || hour === undefined || day === undefined || month === undefined || year === undefined) return undefined;
  const isTime = second <= 60 && minute < 60 && hour < 24 && day >= 1 && day <= 31 && month < 12 && year >= 70 && year < 1000;
  return isTime ? new Date(Date.UTC(year + 1900, month, day, hour, minute, second)) : undefined;
}

/** `17.2 (Debian 17.2-1)` is version 17.2. */
function firstWord(text: string | undefined): string | undefined {
  return /^\d[\w.]*/.exec(text ?? '')?.[0];
}

/** Reads on from where it is; once something is missing or senseless, everything after it is. */
class Reader {
  integerSize = 0;

  constructor(
    private readonly bytes: Buffer,
    private at: number,
  ) {}

  byte(): number | undefined {
    const value = this.bytes[this.at];
    this.at += 1;
    return value;
  }

  /** A sign, then the value, lowest byte first (ReadInt). */
  integer(): number | undefined {
    const sign = this.byte();
    const end = this.at + this.integerSize;
    if (sign === undefined || sign > 1 || this.integerSize < 1 || this.integerSize > 6 || end > this.bytes.length) return this.giveUp();
    const value = this.bytes.readUIntLE(this.at, this.integerSize);
    this.at = end;
    return sign === 0 ? value : -value;
  }

  /** A length, then that many bytes; a negative length stands for no text (ReadStr). */
  text(): string | undefined {
    const length = this.integer();
    if (length === undefined || length < 0) return undefined;
    if (length > longestText || this.at + length > this.bytes.length) return this.giveUp();
    const text = this.bytes.toString('utf8', this.at, this.at + length);
    this.at += length;
    return text;
  }

  private giveUp(): undefined {
    this.at = this.bytes.length;
    return undefined;
  }
}
