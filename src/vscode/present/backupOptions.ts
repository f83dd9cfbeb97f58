import type { BackupWishes } from '../../backup/backups';
import type { TableSummary } from '../../backup/tables';
import { formatBytes } from '../../protocol/format';
import type { Translate } from './translate';
import { joinParts, rowsText } from './words';

/** A choice of a list, before the editor gets it. */
export interface Option<T> {
  readonly label: string;
  readonly description?: string;
  /** One line that says what it means. */
  readonly detail?: string;
  /** A codicon's name. */
  readonly icon?: string;
  readonly value: T;
}

export type ScopeWish = NonNullable<BackupWishes['scope']>;
export type FormatWish = Pick<Required<BackupWishes>, 'format' | 'compression'>;

/** With what a backup is to be encrypted, before there is a key. */
export type EncryptionWish = 'none' | 'passphrase' | 'recipients' | 'other recipients';

/** What of a database can be backed up; single tables only where it is one database. */
export function scopeOptions(t: Translate, several: boolean): readonly Option<ScopeWish>[] {
  const all: readonly Option<ScopeWish>[] = [
    { label: t('Whole database'), detail: t('Structure and rows, and the roles of the server beside it'), icon: 'database', value: 'full' },
    { label: t('Structure only'), detail: t('Tables, views, functions and the like, without a single row'), icon: 'symbol-structure', value: 'schema' },
    { label: t('Rows only'), detail: t('For a database that has the structure already'), icon: 'list-flat', value: 'data' },
    { label: t('Chosen tables…'), detail: t('Structure and rows of the tables that you tick'), icon: 'table', value: 'tables' },
  ];
  return several ? all.filter(({ value }) => value !== 'tables') : all;
}

/** The tables of a database, as they come: largest first. */
export function tableOptions(t: Translate, tables: readonly TableSummary[], language: string): readonly Option<string>[] {
  return tables.map(({ name, schema, table, sizeBytes, estimatedRows }) => ({
    label: schema === 'public' ? table : `${schema}.${table}`,
    description: joinParts(formatBytes(sizeBytes), estimatedRows === undefined ? undefined : t('about {0}', rowsText(t, estimatedRows, language))),
    value: name,
  }));
}

/** The formats, each with a line about it. */
export function formatOptions(t: Translate, scope: ScopeWish): readonly Option<FormatWish>[] {
  const auto = scope === 'schema' ? t('Custom, as a file of its own') : t('Custom; directory where the database is large and the container has room');
  const alone = scope === 'tables' ? ` ${t('No test restore.')}` : '';
  return [
    { label: t('Auto'), description: t('recommended'), detail: auto, icon: 'sparkle', value: { format: 'auto', compression: 'auto' } },
    { label: t('Custom'), description: '.dump', detail: t('One compressed file that pg_restore reads'), icon: 'file-binary', value: wish('custom', 'auto') },
    {
      label: t('Directory'),
      description: '.tar',
      detail: t('By several connections at once; needs room in the container for a moment'),
      icon: 'files',
      value: wish('directory', 'auto'),
    },
    {
      label: t('Plain SQL'),
      description: '.sql',
      detail: `${t('Text that people and psql read; large.')}${alone}`,
      icon: 'file-code',
      value: wish('plain', 'none'),
    },
    {
      label: t('Plain SQL, gzip'),
      description: '.sql.gz',
      detail: `${t('The same, packed; every system can unpack it.')}${alone}`,
      icon: 'file-zip',
      value: wish('plain', 'gzip'),
    },
    {
      label: t('Plain SQL, zstd'),
      description: '.sql.zst',
      detail: `${t('The same, packed smaller; needs zstd in the container.')}${alone}`,
      icon: 'file-zip',
      value: wish('plain', 'zstd'),
    },
  ];
}

/** What a backup can be encrypted with; what the settings choose comes first. */
export function encryptionOptions(t: Translate, project: string, usual: EncryptionWish, recipients: number): readonly Option<EncryptionWish>[] {
  const known = recipients === 1 ? t('Only for whoever holds the secret key of the recipient') : t('Only for whoever holds the secret key of one of them');
  const all: readonly Option<EncryptionWish>[] = [
    { label: t('Not encrypted'), detail: t('Whoever can read the file can read the data'), icon: 'unlock', value: 'none' },
    { label: t('Passphrase'), detail: t('One for all backups of {0}; the editor keeps it', project), icon: 'lock', value: 'passphrase' },
    ...(recipients === 0 ? [] : [{ label: t('Recipients of the settings ({0})', recipients), detail: known, icon: 'key', value: 'recipients' as const }]),
    { label: t('Recipients…'), detail: t('Enter the public keys of age of those who may read it'), icon: 'key', value: 'other recipients' },
  ];
  const first = all.filter(({ value }) => value === usual).map((option) => ({ ...option, description: t('as in the settings') }));
  return [...first, ...all.filter(({ value }) => value !== usual)];
}

function wish(format: FormatWish['format'], compression: FormatWish['compression']): FormatWish {
  return { format, compression };
}
