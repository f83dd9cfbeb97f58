import { Uri, window, workspace } from 'vscode';
import path from 'node:path';
import { Failure } from '../../protocol/failure';
import { pickOne } from '../picks';
import { sqlResultText } from '../present/sqlResult';
import { clock, translate as t } from '../translate';
import type { Command } from './command';
import { targetDatabase } from './targets';

interface Script {
  readonly name: string;
  readonly text: string;
}

/** Runs a file that is chosen in the explorer, the selection or the text of the editor, or a file that the user chooses. */
export const runSql: Command = {
  id: 'containerDatabases.runSql',
  enabled: (subject) => subject === undefined || subject.kind === 'database' || (subject.kind === 'service' && subject.service.databases.length > 0),
  async run(context, subject, argument) {
    const script = argument instanceof Uri ? await scriptOfFile(argument) : await chooseScript();
    if (script === undefined) return undefined;
    if (script.text.trim() === '') throw new Failure('SQL_EMPTY', t('There is no SQL in {0}.', script.name), t('Select some, or open a file that has some.'));
    const target = await targetDatabase(context, subject, t('Run {0} on which database?', script.name));
    if (target === undefined) return undefined;
    const { name } = target.database;
    const rollBack = await pickOne(
      [
        { label: t('Run'), description: t('in one transaction: all of it or nothing'), value: false },
        { label: t('Run and roll back'), description: t('to see what it would do'), value: true },
      ],
      t('Run {0} on {1}?', script.name, name),
    );
    if (rollBack === undefined) return undefined;
    const { inventory } = await context.app();
    const { runScript } = await import('../../postgres/runScript');
    const server = inventory.serverOf(target.service);
    const result = await context.operation(t('Running {0} on {1}', script.name, name), ({ signal }) => runScript(server, name, script.text, rollBack, signal));
    await context.sqlResults.show(t('Result of {0}', script.name), sqlResultText(t, name, result, clock().language));
    return name;
  },
};

async function chooseScript(): Promise<Script | undefined> {
  const editor = window.activeTextEditor;
  const isSql = editor !== undefined && (editor.document.languageId === 'sql' || /\.(?:sql|psql|pgsql)$/i.test(editor.document.fileName));
  if (editor !== undefined && !editor.selection.isEmpty) return { name: t('the selection'), text: editor.document.getText(editor.selection) };
  if (isSql) return { name: path.basename(editor.document.fileName), text: editor.document.getText() };
  const [file] = (await window.showOpenDialog({ title: t('Run which file?'), openLabel: t('Run'), filters: { SQL: ['sql', 'psql', 'pgsql'] } })) ?? [];
  return file === undefined ? undefined : scriptOfFile(file);
}

/** Through the editor, so that what is not saved yet is run too, and its encoding is known. */
async function scriptOfFile(file: Uri): Promise<Script> {
  return { name: path.basename(file.fsPath), text: (await workspace.openTextDocument(file)).getText() };
}
