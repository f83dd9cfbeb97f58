import { isArchive, readArchiveHeader } from './archiveHeader';
import type { Content, Recognised } from './recognised';
import { isText, readSql } from './sqlHead';
import { isTar, readTar } from './tarHead';
import { unpack } from './unpack';

/** Bytes at the beginning of a file that are enough to recognise it. */
export const headSize = 64 * 1024;

/** Binary files of other programs that end in the same extensions: SQLite, Redis, mongodump. */
const others: readonly Buffer[] = [Buffer.from('SQLite format 3\0', 'latin1'), Buffer.from('REDIS', 'latin1'), Buffer.from('6de29981', 'hex')];
const encrypted: readonly Buffer[] = [Buffer.from('age-encryption.org/v', 'latin1'), Buffer.from('-----BEGIN AGE ENCRYPTED FILE-----', 'latin1')];

/**
 * Tells what a file is by its first bytes (`headSize` of them, or all that there are). The name is asked only where the
 * content cannot be looked at. Damage costs what cannot be read any more. Never throws.
 */
export function recognise(head: Buffer, name: string): Recognised {
  if (head.length === 0) return { kind: 'empty', packed: 'none' };
  if (encrypted.some((start) => begins(head, start))) return { kind: 'encrypted', packed: 'none' };
  const { packed, bytes } = unpack(head);
  // Nothing that Node has undoes xz, and zstd not before 22.15.
  if (bytes === undefined && packed !== 'gzip' && /\.sql\.\w+$/i.test(name)) return { kind: 'plain', packed, byName: true };
  if (bytes === undefined) return { kind: 'unknown', packed };
  if (bytes.length === 0) return { kind: packed === 'gzip' && isGzipOfNothing(head) ? 'empty' : 'unknown', packed };
  return { packed, ...recogniseInside(bytes) };
}

/** What is inside, without its packing. */
function recogniseInside(bytes: Buffer): Content {
  if (isArchive(bytes)) return { kind: 'custom', ...readArchiveHeader(bytes) };
  if (isTar(bytes)) {
    const content = readTar(bytes);
    return 'toc' in content ? { kind: content.kind, ...readArchiveHeader(content.toc) } : content;
  }
  if (others.some((start) => begins(bytes, start))) return { kind: 'other' };
  return isText(bytes) ? readSql(bytes) : { kind: 'unknown' };
}

/** It ends with a checksum and a length that are zero; one that was cut before its first byte does not. */
function isGzipOfNothing(head: Buffer): boolean {
  return head.length >= 20 && head.subarray(-8).equals(Buffer.alloc(8));
}

function begins(bytes: Buffer, start: Buffer): boolean {
  return bytes.subarray(0, start.length).equals(start);
}
