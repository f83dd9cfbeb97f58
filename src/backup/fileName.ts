/** Names that Windows keeps for devices, with any extension. */
const reserved = /^(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i;
/** Leaves room for the other part, the time and what is put behind it: names have at most 255 bytes. Databases have 63. */
const longestPart = 70;

/**
 * A name as part of a file name on every host: what a file system or a shell may stumble over becomes `-`.
 * Different names may become the same; what a file holds is told by its manifest.
 */
export function fileNamePart(name: string): string {
  const safe = name
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}._-]+/gu, '-')
    .slice(0, longestPart)
    .replace(/^[.-]+|[.-]+$/g, '');
  if (safe === '') return 'database';
  return safe.replace(reserved, '$&-');
}

/** `20261107_030000`, in local time, as people read it in a folder. */
export function fileTimestamp(time: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const date = `${time.getFullYear()}${two(time.getMonth() + 1)}${two(time.getDate())}`;
  return `${date}_${two(time.getHours())}${two(time.getMinutes())}${two(time.getSeconds())}`;
}

/** What a file name says of a backup. */
export interface BackupName {
  readonly project: string;
  readonly database: string;
  readonly time: Date;
  /** `schema`, `data` or the name of a table; absent for a full backup. */
  readonly part?: string;
  /** With its dot, such as `.sql.gz`. */
  readonly extension: string;
}

/**
 * `<project>_<database>_<YYYYMMDD>_<HHMMSS>[_<part>]<extension>`. `taken` says whether a name is in use; then a number is
 * added, so that no backup ever takes another's place.
 */
export function backupFileName({ project, database, time, part, extension }: BackupName, taken: (name: string) => boolean): string {
  const suffix = part === undefined ? '' : `_${fileNamePart(part.slice(0, 20))}`;
  const stem = `${fileNamePart(project)}_${fileNamePart(database)}_${fileTimestamp(time)}${suffix}`;
  for (let number = 1; ; number += 1) {
    const name = `${number === 1 ? stem : `${stem}-${number}`}${extension}`;
    if (!taken(name)) return name;
  }
}
