import { Uri, window } from 'vscode';
import path from 'node:path';
import type { MigrationStatus } from '../../migrations/model';
import { pickOne } from '../picks';
import { runMigration } from '../runMigration';
import { translate as t } from '../translate';
import type { Command } from './command';
import { isAboutMigrations, targetMigrations } from './migrationTarget';

export const newRevision: Command = {
  id: 'containerDatabases.newRevision',
  enabled: isAboutMigrations,
  async run(context, subject) {
    const chosen = await targetMigrations(context, subject, t('A new revision for which database?'));
    if (chosen === undefined) return undefined;
    const autogenerate = await pickOne(
      [
        { label: t('Blank'), description: t('to be written by hand'), value: false },
        { label: t('From the models'), description: t('what they have and the database lacks'), value: true },
      ],
      t('What kind of revision?'),
    );
    const message = autogenerate === undefined ? undefined : await askMessage(t('add phone number to users'));
    if (autogenerate === undefined || message === undefined) return undefined;
    const result = await runMigration(context, chosen, chosen.found, { kind: 'revision', message, autogenerate });
    return result === undefined ? undefined : openNew(result.before, result.after);
  },
};

export const mergeHeads: Command = {
  id: 'containerDatabases.mergeHeads',
  enabled: isAboutMigrations,
  async run(context, subject) {
    const chosen = await targetMigrations(context, subject, t('Merge the heads of which migrations?'));
    if (chosen === undefined) return undefined;
    if (chosen.found.status.heads.length < 2) {
      void window.showInformationMessage(t('There is only one head: nothing is to be merged.'));
      return undefined;
    }
    const message = await askMessage(t('merge heads'), t('merge heads'));
    const result = message === undefined ? undefined : await runMigration(context, chosen, chosen.found, { kind: 'merge', message });
    return result === undefined ? undefined : openNew(result.before, result.after);
  },
};

export const askMigrationTool: Command = {
  id: 'containerDatabases.askMigrationTool',
  enabled: isAboutMigrations,
  async run(context, subject) {
    const chosen = await targetMigrations(context, subject, t('Ask the tool of which migrations?'));
    if (chosen === undefined) return undefined;
    const kind = await pickOne(
      [
        { label: t('Where the database is'), value: 'current' as const },
        { label: t('The history'), value: 'history' as const },
      ],
      t('What should the tool show?'),
    );
    return kind === undefined ? undefined : (await runMigration(context, chosen, chosen.found, { kind }))?.output;
  },
};

async function askMessage(placeHolder: string, value = ''): Promise<string | undefined> {
  const text = await window.showInputBox({
    title: t('What does the revision do?'),
    placeHolder,
    value,
    validateInput: (input) => (input.trim() === '' || input.startsWith('-') ? t('Write a few words.') : undefined),
  });
  return text?.trim();
}

/** Opens the file that was made, and gives its path. */
async function openNew(before: MigrationStatus, after: MigrationStatus): Promise<string | undefined> {
  const known = new Set(before.revisions.map(({ id }) => id));
  const made = after.revisions.find(({ id }) => !known.has(id));
  if (made === undefined || after.folder === undefined) return undefined;
  const file = path.join(after.folder, path.basename(made.file));
  await window.showTextDocument(Uri.file(file));
  return file;
}
