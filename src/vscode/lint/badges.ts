import { FileDecoration, ThemeColor, type Event, type FileDecorationProvider, type Uri } from 'vscode';
import { severities, isAtLeast, type Severity } from '../../lint/severity';
import { lintWanted } from '../settings';
import { translate as t } from '../translate';
import type { FolderWarnings } from './folderWarnings';

/** Marks migrations in the Explorer that would do grave things, and have not been applied yet. `folderFor` gives what looks at a file, if anything does. */
export function badgeProvider(onDidChange: Event<Uri[] | undefined>, folderFor: (file: string) => Promise<FolderWarnings> | undefined): FileDecorationProvider {
  return {
    onDidChangeFileDecorations: onDidChange,
    provideFileDecoration: async (uri: Uri): Promise<FileDecoration | undefined> => {
      if (uri.scheme !== 'file' || !lintWanted()) return undefined;
      const found = (await (await folderFor(uri.fsPath))?.of(uri)) ?? [];
      const worst = severities.findLast((severity: Severity) => found.includes(severity));
      if (worst === undefined || !isAtLeast(worst, 'high')) return undefined;
      const grave = found.filter((severity) => isAtLeast(severity, 'high')).length;
      const text = grave === 1 ? t('One grave warning about what this migration does') : t('{0} grave warnings about what this migration does', grave);
      return new FileDecoration(grave > 9 ? '!!' : `${grave}!`, text, new ThemeColor('list.errorForeground'));
    },
  };
}
