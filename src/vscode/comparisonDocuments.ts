import { Uri, window, workspace, type Disposable } from 'vscode';
import type { App } from '../app';
import { comparisonScheme } from './contributions';
import { comparisonText, isKnown, type KnownBackup } from './present/comparisonText';
import { clock, translate as t } from './translate';

/** Gives the documents that compare two backups; they are read anew whenever one is opened. */
export function registerComparisons(app: () => Promise<App>): Disposable {
  return workspace.registerTextDocumentContentProvider(comparisonScheme, {
    provideTextDocumentContent: async ({ query }) => {
      const { backups } = await app();
      const files: unknown = JSON.parse(query);
      const read = Array.isArray(files) ? await Promise.all(files.map(async (file) => backups.read(String(file)))) : [];
      const [older, newer] = read.filter(isKnown);
      return older === undefined || newer === undefined ? t('A backup without a manifest cannot be compared.') : comparisonText(t, older, newer, clock());
    },
  });
}

/** Opens the comparison of two backups as a document that cannot be changed. */
export async function showComparison(one: KnownBackup, other: KnownBackup): Promise<void> {
  const [older, newer] = [one, other].toSorted((a, b) => a.finishedAt.getTime() - b.finishedAt.getTime());
  const name = one.manifest.database.replace(/[\p{Cc}/\\]/gu, '-');
  const path = `/${t('Backups of {0} compared', name)}.txt`;
  const uri = Uri.from({ scheme: comparisonScheme, path, query: JSON.stringify([older?.file, newer?.file]) });
  await window.showTextDocument(await workspace.openTextDocument(uri), { preview: true });
}
