import path from 'node:path';
import type { Backup } from '../../backup/catalogue';
import type { Verification } from '../../backup/manifest';
import { isOwnName } from '../../backup/recognise/names';
import type { Recognised } from '../../backup/recognise/recognised';
import type { Service, ServiceState, Volume } from '../../inventory/model';
import { formatBytes } from '../../protocol/format';
import type { Translate } from './translate';

/** Parts that are there, with a dot between them. */
export function joinParts(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(' · ');
}

export function tablesText(t: Translate, tables: number): string {
  return tables === 1 ? t('1 table') : t('{0} tables', tables);
}

export function rowsText(t: Translate, rows: number, language: string): string {
  return rows === 1 ? t('1 row') : t('{0} rows', rows.toLocaleString(language));
}

export function stateText(t: Translate, state: ServiceState): string {
  const texts: Readonly<Record<ServiceState, string>> = {
    running: t('running'),
    starting: t('starting'),
    paused: t('paused'),
    restarting: t('restarting'),
    stopped: t('stopped'),
    'not created': t('not created'),
  };
  return texts[state];
}

/** How a service is, in a word or two: its health where it runs and has one, what keeps it from being read, else its state. */
export function conditionText(t: Translate, service: Service): string {
  if (service.problem !== undefined) return t('cannot be read');
  if (service.state !== 'running' || service.health === undefined) return stateText(t, service.state);
  if (service.health === 'healthy') return t('healthy');
  return service.health === 'unhealthy' ? t('unhealthy') : stateText(t, service.state);
}

/** A verification level in a word, for rows. */
export function verificationWord(t: Translate, level: Verification | undefined): string {
  switch (level) {
    case 'restored':
      return t('proven by restore');
    case 'read':
      return t('verified');
    case 'hash':
      return t('checksum only');
    case 'none':
    case undefined:
      return t('not verified');
  }
}

/** A verification level in a sentence. */
export function verificationSentence(t: Translate, level: Verification | undefined): string {
  switch (level) {
    case 'restored':
      return t('It was restored into a scratch database, and its rows were compared.');
    case 'read':
      return t('The file is what was written, and it was read whole.');
    case 'hash':
      return t('The file is what was written. Whether it reads whole was not checked.');
    case 'none':
    case undefined:
      return t('Whether the file is whole was not checked yet; "Verify backup" does that.');
  }
}

export function volumeText(t: Translate, { kind }: Volume): string {
  const texts: Readonly<Record<Volume['kind'], string>> = {
    named: t('named volume'),
    anonymous: t('anonymous volume'),
    bind: t('bind mount'),
    tmpfs: t('in memory'),
    'container layer': t('in the container'),
  };
  return texts[kind];
}

/** Whether removing the container takes the data with it, or leaves it where nobody will look for it. */
export function isShortLived({ kind }: Volume): boolean {
  return kind === 'anonymous' || kind === 'tmpfs' || kind === 'container layer';
}

/** What a backup holds: `96 kB · 20 tables · 5,221 rows`. */
export function contentText(t: Translate, { sizeBytes, manifest }: Backup, language: string): string {
  const counts = manifest === undefined ? [] : Object.values(manifest.rows);
  const rows = counts.reduce((sum, count) => sum + count, 0);
  return joinParts(formatBytes(sizeBytes), ...(manifest === undefined ? [] : [tablesText(t, counts.length), rowsText(t, rows, language)]));
}

/** What the content of a file says that it is: `plain SQL, gzip`. */
export function recognisedText(t: Translate, recognised: Recognised): string {
  const kinds: Readonly<Record<Recognised['kind'], string>> = {
    custom: t('custom archive'),
    directory: t('directory archive'),
    tar: t('tar archive'),
    plain: t('plain SQL'),
    cluster: t('SQL of all databases'),
    physical: t('copy of the data directory'),
    encrypted: t('encrypted with age'),
    empty: t('empty'),
    unknown: t('unreadable content'),
    other: t('no backup of Postgres'),
  };
  const methods = new Set([recognised.packed, 'compression' in recognised ? (recognised.compression ?? 'none') : 'none']);
  return [kinds[recognised.kind], ...[...methods].filter((method) => method !== 'none')].join(', ');
}

/** Where a file without a manifest comes from, by its name. */
export function originText(t: Translate, file: string): string {
  return isOwnName(path.basename(file)) ? t('manifest lost') : t('made by a script');
}
