import { FileDecoration, ThemeColor, type FileDecorationProvider, type Uri } from 'vscode';
import { severities, isAtLeast, type Severity } from '../../lint/severity';
import { translate as t } from '../translate';
import type { FolderWarnings } from './folderWarnings';

/** Marks migrations in the Explorer that would do grave things, and have not been applied yet. */
export function badgeProvider(folder: FolderWarnings): FileDecorationProvider {
  return {
    onDidChangeFileDecorations: folder.onDidChange,
    provideFileDecoration: async (uri: Uri): Promise<FileDecoration | undefined> => {
      const found = await folder.of(uri);
      const worst = severities.findLast((severity: Severity) => found.includes(severity));
      if (worst === undefined || !isAtLeast(worst, 'high')) return undefined;
      const grave = found.filter((severity) => isAtLeast(severity, 'high')).length;
      const text = grave === 1 ? t('One grave warning about what this migration does') : t('{0} grave warnings about what this migration does', grave);
      return new FileDecoration(grave > 9 ? '!!' : `${grave}!`, text, new ThemeColor('list.errorForeground'));
    },
  };
}
