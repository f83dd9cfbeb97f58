/** How `pg_dump` begins a plain dump. */
export function plainDump(version: string): string {
  return `--
-- PostgreSQL database dump
--

\\restrict x2

-- Dumped from database version ${version} (Debian ${version}-1.pgdg120+1)
-- Dumped by pg_dump version ${version} (Debian ${version}-1.pgdg120+1)

SET statement_timeout = 0;
CREATE TABLE public.users (id integer);
`;
}

export interface ArchiveParts {
  readonly minor?: number;
  /** The level before format 1.15, the method since. */
  readonly compression?: number;
  readonly database?: string;
  readonly version?: string;
}

/** How `pg_dump` begins an archive: made on 4 January 2026, 10:30:15. */
export function archive({ minor = 16, compression = 1, database = 'shop', version = '17.2 (Debian 17.2-1)' }: ArchiveParts = {}): Buffer {
  const time = [15, 30, 10, 4, 0, 126, 0].map(integer);
  const method = minor >= 15 ? Buffer.from([compression]) : integer(compression);
  const texts = [database, version, version].map(text);
  return Buffer.concat([Buffer.from('PGDMP'), Buffer.from([1, minor, 0, 4, 8, 1]), method, ...time, ...texts, integer(20), Buffer.alloc(40, 7)]);
}

function integer(value: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes[0] = value < 0 ? 1 : 0;
  bytes.writeUInt32LE(Math.abs(value), 1);
  return bytes;
}

function text(value: string): Buffer {
  return Buffer.concat([integer(Buffer.byteLength(value)), Buffer.from(value)]);
}

/** A tar with these files. */
export function tar(files: Readonly<Record<string, Buffer>>): Buffer {
  const members = Object.entries(files).flatMap(([name, content]) => [tarHeader(name, content.length), content, Buffer.alloc(-content.length & 511)]);
  return Buffer.concat([...members, Buffer.alloc(1024)]);
}

function tarHeader(name: string, size: number): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write('0000600\0', 100);
  header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  header.write('        ', 148);
  header.write(name.endsWith('/') ? '5' : '0', 156);
  header.write('ustar\u000000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}
