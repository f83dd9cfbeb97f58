import { commands, window, workspace, type Disposable } from 'vscode';
import { duplicatesQuery } from '../../lint/live/groups';
import type { TableName } from '../../lint/model';

/** Called by the quick fix only. */
export const showDuplicatesCommand = 'containerDatabases.lint.showDuplicates';

/** Opens the query that finds what would break a unique constraint. */
export function registerDuplicates(): Disposable {
  return commands.registerCommand(showDuplicatesCommand, async (table: TableName, columns: readonly string[]) => {
    await window.showTextDocument(await workspace.openTextDocument({ language: 'sql', content: duplicatesQuery(table, columns) }));
  });
}
