/** What backups end in, ours and those that scripts make: a format, perhaps compressed, perhaps encrypted. */
const extension = String.raw`\.(?:dump|sql|tar|backup|pgdump)(?:\.(?:gz|zst|xz))?(?:\.age)?`;
/** `<project>_<database>_<YYYYMMDD>_<HHMMSS>`, then perhaps a number, a scope or a table. */
const ownStem = String.raw`.+_.+_\d{8}_\d{6}(?:[-_].+)?`;

const backupName = new RegExp(`${extension}$`, 'i');
/** The roles of a server, which lie beside a full backup and are none. */
const rolesName = /\.roles\.sql(?:\.\w+)*$/i;
const ownName = new RegExp(`^${ownStem}${extension}$`);
const ownPartial = new RegExp(String.raw`^${ownStem}${extension}(?:\.roles\.sql(?:\.age)?)?\.partial$`);
/** What a checksum, a manifest or a file of roles is called until it is whole, whatever the backup is called. */
const siblingPartial = new RegExp(String.raw`${extension}\.(?:json|sha256|roles\.sql(?:\.age)?)\.\d+\.partial$`, 'i');

/** Whether a file may be a backup, by its name; what it is, its content tells. */
export function isBackupName(name: string): boolean {
  return backupName.test(name) && !rolesName.test(name);
}

/** Whether a file has the name that we give to backups, and not one of those that scripts like to give (`shop_backup_…`). */
export function isOwnName(name: string): boolean {
  return ownName.test(name) && !/(?:^|_)backup_/i.test(name);
}

/** Whether a file is what an interrupted backup of ours leaves. Other programs leave partial files too. */
export function isOwnPartial(name: string): boolean {
  return ownPartial.test(name) || siblingPartial.test(name);
}
