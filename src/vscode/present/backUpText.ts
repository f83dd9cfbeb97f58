import type { Backup } from '../../backup/catalogue';
import { formatBytes, formatDuration } from '../../protocol/format';
import type { Translate } from './translate';
import { contentText } from './words';

/** A backup that was just made, and of what. */
export interface MadeBackup {
  readonly database: string;
  readonly backup: Backup;
}

/** What was made, in a sentence. */
export function madeText(t: Translate, made: readonly MadeBackup[], milliseconds: number, language: string): string {
  const [only, ...others] = made;
  if (only !== undefined && others.length === 0) {
    return t('Backed up "{0}": {1}, verified, in {2}.', only.database, contentText(t, only.backup, language), formatDuration(milliseconds));
  }
  const size = formatBytes(made.reduce((sum, { backup }) => sum + backup.sizeBytes, 0));
  return t('Backed up {0} databases: {1}, verified, in {2}.', made.length, size, formatDuration(milliseconds));
}

/** What was worth a remark, as a question; undefined when nothing was. */
export function remarksText(t: Translate, made: readonly MadeBackup[]): string | undefined {
  const remarks = made.flatMap(({ database, backup }) =>
    (backup.manifest?.remarks ?? []).map((remark) => (made.length > 1 ? t('"{0}": {1}', database, remark) : remark)),
  );
  return remarks.length === 0 ? undefined : t('{0} Is that as it should be?', remarks.join(' '));
}
