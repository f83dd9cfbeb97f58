import path from 'node:path';
import type { Backup } from '../../backup/catalogue';
import type { Manifest } from '../../backup/manifest';
import { formatBytes, formatDuration } from '../../protocol/format';
import { encryptionText, formatText, reasonText, scopeText } from './manifestText';
import { fullMomentText } from './time';
import type { Clock, Translate } from './translate';
import { joinParts, rowsText, tablesText, verificationWord } from './words';

/** A backup of which something is known. */
export type KnownBackup = Backup & { readonly manifest: Manifest };

/** Narrows to backups that can be compared. */
export function isKnown(backup: Backup): backup is KnownBackup {
  return backup.manifest !== undefined;
}

/** Two backups side by side, as plain text with columns: what is known of each, then the rows, the largest changes first. */
export function comparisonText(t: Translate, older: KnownBackup, newer: KnownBackup, clock: Clock): string {
  const { project, service, database } = newer.manifest;
  const tables = compareRows(older.manifest.rows, newer.manifest.rows);
  const changed = tables.filter(({ before, after }) => before !== after);
  const heading = t('Two backups of {0}', plain(`${project}/${service}/${database}`));
  const head = [t('Table'), t('Older'), t('Newer'), t('Difference')];
  const lines = tables.map((change) => rowLine(t, change, clock.language));
  return [
    heading,
    '',
    ...columns([[t('What'), t('Older'), t('Newer'), t('Difference')], ...factLines(t, older, newer, clock)]),
    '',
    summaryText(t, changed.length, tables.length),
    '',
    ...(lines.length === 0 ? [] : columns([head, ...lines], new Set([1, 2, 3]))),
    '',
  ].join('\n');
}

type Line = readonly string[];

const letters = new Intl.Segmenter();

function factLines(t: Translate, older: KnownBackup, newer: KnownBackup, clock: Clock): readonly Line[] {
  const [before, after] = [older, newer];
  const fact = (name: string, tell: (backup: KnownBackup) => string | undefined, difference = ''): Line => {
    const [first, second] = [tell(before) ?? '', tell(after) ?? ''];
    return [name, plain(first), plain(second), difference !== '' || first === second ? difference : t('differs')];
  };
  const same = (name: string, tell: (backup: KnownBackup) => string | undefined): readonly Line[] => {
    const line = fact(name, tell);
    return line[1] === '' && line[2] === '' ? [] : [line];
  };
  const took = ({ manifest }: KnownBackup): number => new Date(manifest.finishedAt).getTime() - new Date(manifest.startedAt).getTime();
  const total = ({ manifest }: KnownBackup): number => Object.values(manifest.rows).reduce((sum, count) => sum + count, 0);
  const delta = (tell: (backup: KnownBackup) => number, show: (value: number) => string): string => signed(tell(after) - tell(before), show);
  const count = (value: number): string => value.toLocaleString(clock.language);
  return [
    [t('Made'), fullMomentText(before.finishedAt, clock), fullMomentText(after.finishedAt, clock), t('{0} apart', apart(before, after))],
    fact(
      t('Size'),
      ({ sizeBytes }) => formatBytes(sizeBytes),
      delta(({ sizeBytes }) => sizeBytes, formatBytes),
    ),
    fact(
      t('Size of the database'),
      ({ manifest }) => formatBytes(manifest.databaseSizeBytes),
      delta(({ manifest }) => manifest.databaseSizeBytes, formatBytes),
    ),
    fact(
      t('Rows'),
      (backup) => `${tablesText(t, Object.keys(backup.manifest.rows).length)}, ${rowsText(t, total(backup), clock.language)}`,
      delta(total, count),
    ),
    [t('Took'), formatDuration(took(before)), formatDuration(took(after)), delta(took, formatDuration)],
    ...same(t('Why'), ({ manifest }) => reasonText(t, manifest.reason)),
    ...same(t('Holds'), ({ manifest }) => scopeText(t, manifest)),
    ...same(t('Format'), ({ manifest }) => `${formatText(t, manifest.format)} (${manifest.compression})`),
    ...same(t('Encrypted'), ({ manifest }) => encryptionText(t, manifest) ?? t('no')),
    ...same(t('Proof'), ({ manifest }) => verificationWord(t, manifest.verified)),
    ...same(t('Postgres'), ({ manifest }) => manifest.serverVersion),
    ...same(t('Image'), ({ manifest }) => manifest.image),
    ...same(t('Migration'), ({ manifest }) => manifest.migrationRevision),
    ...same(t('Git'), ({ manifest }) => (manifest.git === undefined ? undefined : joinParts(manifest.git.branch, manifest.git.commit.slice(0, 10)))),
    [t('File'), plain(path.basename(before.file)), plain(path.basename(after.file)), ''],
  ];
}

interface RowChange {
  readonly table: string;
  /** Undefined where the table is not in that backup. */
  readonly before: number | undefined;
  readonly after: number | undefined;
}

/** The tables of both: first those that are in one only, then by how much their rows differ, then by name. */
function compareRows(before: Manifest['rows'], after: Manifest['rows']): readonly RowChange[] {
  const tables = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const weight = (change: RowChange): number => (change.before === undefined || change.after === undefined ? Infinity : Math.abs(change.after - change.before));
  return tables
    .map((table) => ({ table, before: before[table], after: after[table] }))
    .toSorted((a, b) => (weight(a) === weight(b) ? a.table.localeCompare(b.table, 'en') : weight(b) - weight(a)));
}

function rowLine(t: Translate, { table, before, after }: RowChange, language: string): Line {
  const count = (value: number | undefined): string => value?.toLocaleString(language) ?? '–';
  const difference =
    before === undefined
      ? t('only in the newer')
      : after === undefined
        ? t('only in the older')
        : signed(after - before, (value) => value.toLocaleString(language));
  return [plain(table), count(before), count(after), difference];
}

function summaryText(t: Translate, changed: number, all: number): string {
  if (all === 0) return t('Neither says how many rows its tables have.');
  if (changed === 0) return t('All {0} tables have as many rows in both.', all);
  return t('{0} of {1} tables differ in their rows:', changed, all);
}

function signed(difference: number, show: (value: number) => string): string {
  if (difference === 0) return '';
  return `${difference > 0 ? '+' : '−'}${show(Math.abs(difference))}`;
}

function apart(before: KnownBackup, after: KnownBackup): string {
  return formatDuration(Math.abs(after.finishedAt.getTime() - before.finishedAt.getTime()));
}

/** Lines with their cells one beneath the other; numbers stand at the right. */
function columns(lines: readonly Line[], right: ReadonlySet<number> = new Set()): readonly string[] {
  const width = (index: number): number => Math.max(...lines.map((line) => length(line[index] ?? '')));
  const widths = (lines[0] ?? []).map((_, index) => width(index));
  const cell = (text: string, index: number): string => {
    const blank = ' '.repeat(Math.max(0, (widths[index] ?? 0) - length(text)));
    return right.has(index) ? `${blank}${text}` : `${text}${blank}`;
  };
  const [head = [], ...rest] = lines.map((line) => line.map(cell).join('   ').trimEnd());
  return [head, widths.map((count) => '─'.repeat(count)).join('───'), ...rest].map(String);
}

/** In what a reader takes for letters. */
function length(text: string): number {
  return Array.from(letters.segment(text)).length;
}

/** Names come from databases: nothing in them may end a line, or turn the direction of the text. */
function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '�');
}
