import type { Origin } from './recognised';

/** What the beginning of a text says that it is: a dump of one database, of all, or none of `pg_dump` at all. */
export type SqlContent = (Origin & { readonly kind: 'plain' | 'cluster'; readonly utf16?: true }) | { readonly kind: 'other' };

/** Whether bytes are text: not a zero among them, and few that are no letters. A dump may be in any encoding. */
export function isText(bytes: Buffer): boolean {
  const start = bytes.subarray(0, 4096);
  if (isUtf16(bytes)) return true;
  return start.every((byte) => byte >= 0x20 || (byte >= 0x07 && byte <= 0x0d) || byte === 0x1b);
}

/**
 * Looks for the comments that `pg_dump` and `pg_dumpall` begin with. Warnings may stand before them (a script's `2>&1`),
 * and lines may end as on Windows (a terminal between).
 */
export function readSql(bytes: Buffer): SqlContent {
  const utf16 = isUtf16(bytes);
  const text = bytes.toString(utf16 ? 'utf16le' : 'utf8');
  const title = /^-- PostgreSQL database (cluster )?dump\r?$/m.exec(text);
  if (title === null) return { kind: 'other' };
  const kind = title[1] === undefined ? 'plain' : 'cluster';
  const find = (pattern: RegExp): string | undefined => pattern.exec(text)?.[1];
  const database = kind === 'plain' ? find(/^-- Name: (.+); Type: DATABASE; Schema: -; Owner: /m) : undefined;
  const serverVersion = find(/^-- Dumped from database version (\d[\w.]*)/m);
  const toolVersion = find(/^-- Dumped by pg_dump(?:all)? version (\d[\w.]*)/m);
  const createdAt = readMoment(find(/^-- Started on (.+?)\r?$/m));
  return {
    kind,
    ...(utf16 ? { utf16: true } : {}),
    ...(database === undefined ? {} : { database }),
    ...(serverVersion === undefined ? {} : { serverVersion }),
    ...(toolVersion === undefined ? {} : { toolVersion }),
    ...(createdAt === undefined ? {} : { createdAt }),
  };
}

/** `2026-11-07 03:00:00 UTC`, which `pg_dump --verbose` writes; other zones have names that are not clear. */
function readMoment(text: string | undefined): Date | undefined {
  const parts = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) (?:UTC|GMT)$/.exec(text ?? '');
  const moment = new Date(`${parts?.[1]}T${parts?.[2]}Z`);
  return Number.isNaN(moment.getTime()) ? undefined : moment;
}

function isUtf16(bytes: Buffer): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xfe;
}
