import type { MergeConflict } from '../../restore/facts';
import { changedRows, type MergeReport, type TableMerge } from '../../restore/merge/report';
import { remarks } from '../../restore/merge/reportText';
import type { RestorePlan } from '../../restore/plan';
import type { Option } from './backupOptions';
import type { Question } from './restoreText';
import type { Translate } from './translate';

/** What may become of rows whose key is taken. */
export function mergeConflictOptions(t: Translate): readonly Option<MergeConflict>[] {
  return [
    { label: t('Skip'), detail: t('The row that is there stays as it is'), icon: 'debug-step-over', value: 'skip' },
    { label: t('Update'), detail: t('The row that is there gets the values of the other database'), icon: 'edit', value: 'update' },
    { label: t('Renumber'), detail: t('Both stay: the row that comes gets a new key, and what refers to it follows'), icon: 'list-ordered', value: 'renumber' },
  ];
}

/** Asks for a merge, from what it would do to each table. */
export function mergeQuestion(t: Translate, { database, project, service, source }: RestorePlan, report: MergeReport, language: string): Question {
  const from = source.kind === 'database' ? source.database : '';
  const lines = [
    ...report.tables.map((table) => tableMergeText(t, table, language)),
    ...remarks(report),
    t('"{0}" is backed up as it is now.', database),
    t('It is one transaction: all of it happens, or nothing.'),
  ];
  return {
    message: t('Merge rows of "{0}" into "{1}" in {2}?', from, database, `${project}/${service}`),
    detail: lines.map((line) => `• ${line}`).join('\n'),
    button: t('Merge'),
  };
}

/** What stands above the rows in an editor; its first three lines can be missed: the box of choices covers them. */
export function mergeLegend(t: Translate, message: string): readonly string[] {
  const few = t('Of each table a few rows are shown.');
  return [message, few, '', t('+ new'), t('~ in place of what is there'), t('= skipped, its key is taken'), ''];
}

/** What becomes of the rows of one table. */
export function tableMergeText(t: Translate, { table, insert, update, skip, same, renumber }: TableMerge, language: string): string {
  const count = (rows: number): string => rows.toLocaleString(language);
  const parts = [
    ...(insert === 0 ? [] : [t('{0} new', count(insert))]),
    ...(renumber === 0 ? [] : [t('{0} new under another key', count(renumber))]),
    ...(update === 0 ? [] : [t('{0} in place of what is there', count(update))]),
    ...(skip === 0 ? [] : [t('{0} skipped', count(skip))]),
    ...(same === 0 ? [] : [t('{0} the same', count(same))]),
  ];
  return `${table}: ${parts.length === 0 ? t('no rows') : parts.join(', ')}`;
}

/** What a merge has done. */
export function mergedText(t: Translate, database: string, report: MergeReport, language: string): string {
  const rows = changedRows(report);
  return rows === 1 ? t('Merged one row into "{0}".', database) : t('Merged {0} rows into "{1}".', rows.toLocaleString(language), database);
}
