import type { BackupFormat, Manifest } from '../../backup/manifest';
import type { Translate } from './translate';
import { joinParts, tablesText } from './words';

/** What of a service a backup is of. */
export function databaseText(t: Translate, { format, database }: Pick<Manifest, 'format' | 'database'>): string {
  return format === 'volume' ? t('all databases') : database;
}

/** A format in a word or two. */
export function formatText(t: Translate, format: BackupFormat): string {
  const texts: Readonly<Record<BackupFormat, string>> = {
    custom: t('custom archive'),
    directory: t('directory archive'),
    plain: t('plain SQL'),
    volume: t('copy of the data directory'),
  };
  return texts[format];
}

/** What of the database is in a backup: `everything`, `structure only`, `3 tables`. */
export function scopeText(t: Translate, { scope, tables }: Pick<Manifest, 'scope' | 'tables'>): string {
  switch (scope) {
    case 'full':
      return t('everything');
    case 'schema':
      return t('structure only');
    case 'data':
      return t('rows only');
    case 'tables':
      return tables?.length === 1 ? t('only {0}', tables[0] ?? '') : t('only {0}', tablesText(t, tables?.length ?? 0));
  }
}

/** Why a backup was made. */
export function reasonText(t: Translate, reason: Manifest['reason']): string {
  const texts: Readonly<Record<Manifest['reason'], string>> = {
    manual: t('Made by you'),
    safety: t('Safety backup, before a restore'),
    scheduled: t('Made by a schedule'),
  };
  return texts[reason];
}

/** What a backup is encrypted with; undefined when it is not. */
export function encryptionText(t: Translate, { encryption }: Pick<Manifest, 'encryption'>): string | undefined {
  if (encryption === 'none') return undefined;
  return encryption === 'age-passphrase' ? t('with a passphrase') : t('for recipients');
}

/** What is not as usual about a backup, for a row: `structure only · plain SQL · encrypted · off-site`. */
export function unusualText(t: Translate, manifest: Manifest): string {
  const { scope, format, encryption, offsite = [], rebuilt } = manifest;
  return joinParts(
    scope === 'full' ? undefined : scopeText(t, manifest),
    // The two archives differ in nothing that a user of them sees.
    format === 'plain' || format === 'volume' ? formatText(t, format) : undefined,
    encryption === 'none' ? undefined : t('encrypted'),
    offsite.length === 0 ? undefined : t('off-site'),
    rebuilt === true ? t('manifest rebuilt') : undefined,
  );
}
