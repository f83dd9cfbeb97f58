import type { Packing } from '../../backup/recognise/recognised';

/** The programs that undo each packing, as words of a shell script that reads standard input. */
export const unpackers: Readonly<Record<Packing, string>> = { none: 'cat', gzip: 'gzip -dc', zstd: 'zstd -q -dc', xz: 'xz -dc' };

/** Ends a script with 127 where the program for a packing is not there. */
export function needsUnpacker(packing: Packing): string {
  const program = unpackers[packing].split(' ')[0] ?? 'cat';
  return `command -v ${program} >/dev/null || { echo "no ${program}" >&2; exit 127; }`;
}
