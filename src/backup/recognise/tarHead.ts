/** A file in a tar, as far as the beginning of the tar shows it. */
interface Member {
  readonly name: string;
  readonly content: Buffer;
  /** Whether it has the owner that pg_dump gives to each file of its tar format, 04000 and 02000 (pg_backup_tar.c). */
  readonly byPgDump: boolean;
}

/** What the beginning of a tar says that it holds. */
export type TarContent =
  { readonly kind: 'directory' | 'tar'; readonly toc: Buffer } | { readonly kind: 'physical'; readonly serverVersion?: string } | { readonly kind: 'other' };

const block = 512;
/** Folders and files that only a data directory of Postgres has, at its top. */
const dataDirectoryParts =
  /(?:^|\/)(?:pg_wal|pg_xact|pg_commit_ts|pg_dynshmem|pg_logical|pg_multixact|pg_notify|pg_replslot|pg_serial|pg_snapshots|pg_subtrans|pg_tblspc|pg_twophase|base\/\d+|postgresql\.auto\.conf|postmaster\.opts)(?:\/|$)/;

/** Whether bytes begin like a tar: the checksum of the first header fits. */
export function isTar(bytes: Buffer): boolean {
  return hasChecksum(bytes.subarray(0, block));
}

/** Looks through the members that the beginning of a tar shows, and says what they are of. */
export function readTar(bytes: Buffer): TarContent {
  let isPhysical = false;
  let serverVersion: string | undefined;
  for (const { name, content, byPgDump } of members(bytes)) {
    const toc = /(?:^|\/)toc\.dat$/.test(name);
    if (toc && content.subarray(0, 5).toString('latin1') === 'PGDMP') return { kind: byPgDump && name === 'toc.dat' ? 'tar' : 'directory', toc: content };
    if (/(?:^|\/)PG_VERSION$/.test(name)) serverVersion ??= /^\d+(?:\.\d+)?/.exec(content.toString('latin1'))?.[0];
    isPhysical ||= serverVersion !== undefined || dataDirectoryParts.test(name);
  }
  if (isPhysical) return { kind: 'physical', ...(serverVersion === undefined ? {} : { serverVersion }) };
  return { kind: 'other' };
}

function* members(bytes: Buffer): Generator<Member> {
  let longName: string | undefined;
  for (let at = 0; at + block <= bytes.length;) {
    const header = bytes.subarray(at, at + block);
    if (!hasChecksum(header)) return;
    const size = sizeOf(header);
    const content = bytes.subarray(at + block, at + block + size);
    const type = String.fromCharCode(header[156] ?? 0);
    if (type === 'L') longName = field(content, 0, content.length);
    else if (type !== 'x' && type !== 'g') {
      yield { name: longName ?? nameOf(header), content, byPgDump: octal(header, 108, 8) === 0o4000 && octal(header, 116, 8) === 0o2000 };
      longName = undefined;
    }
    at += block + Math.ceil(size / block) * block;
  }
}

function nameOf(header: Buffer): string {
  const prefix = field(header, 257, 5) === 'ustar' ? field(header, 345, 155) : '';
  const name = field(header, 0, 100);
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** In octal digits, or as a large number with the top bit set. */
function sizeOf(header: Buffer): number {
  if (((header[124] ?? 0) & 0x80) !== 0) return header.readUIntBE(130, 6);
  return octal(header, 124, 12) || 0;
}

function field(bytes: Buffer, at: number, length: number): string {
  const end = bytes.indexOf(0, at);
  return bytes.toString('utf8', at, Math.min(end < 0 ? bytes.length : end, at + length));
}

function octal(bytes: Buffer, at: number, length: number): number {
  return Number.parseInt(field(bytes, at, length).trim(), 8);
}

/** The checksum is that of the header with spaces in the checksum's place. */
function hasChecksum(header: Buffer): boolean {
  if (header.length < block) return false;
  const expected = octal(header, 148, 8);
  let sum = 8 * 32;
  header.forEach((byte, index) => (sum += index >= 148 && index < 156 ? 0 : byte));
  return sum === expected;
}
