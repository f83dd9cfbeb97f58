import { ThemeIcon, window, workspace, type QuickPickItem } from 'vscode';
import type { Distance } from '../../migrations/actions/action';
import type { MigrationStatus, Revision } from '../../migrations/model';
import { pickOne } from '../picks';
import { migrationStatusText } from '../present/migrationText';
import { runMigration } from '../runMigration';
import { translate as t } from '../translate';
import type { Command } from './command';
import { isAboutMigrations, targetMigrations } from './migrationTarget';

export const upgradeMigrations: Command = {
  id: 'containerDatabases.upgradeMigrations',
  enabled: isAboutMigrations,
  async run(context, subject) {
    const chosen = await targetMigrations(context, subject, t('Upgrade which database?'));
    if (chosen === undefined) return undefined;
    const to = toRevision(chosen.revision) ?? (await pickUpgrade(chosen.found.status));
    const result = to && (await runMigration(context, chosen, chosen.found, { kind: 'upgrade', to }));
    if (result !== undefined) void window.showInformationMessage(t('"{0}": {1}.', chosen.database.name, migrationStatusText(t, result.after)));
    return result?.after.current;
  },
};

export const downgradeMigrations: Command = {
  id: 'containerDatabases.downgradeMigrations',
  enabled: isAboutMigrations,
  async run(context, subject) {
    const chosen = await targetMigrations(context, subject, t('Downgrade which database?'));
    if (chosen === undefined) return undefined;
    const to = toRevision(chosen.revision) ?? (await pickDowngrade(chosen.found.status));
    const result = to && (await runMigration(context, chosen, chosen.found, { kind: 'downgrade', to }));
    if (result !== undefined) void window.showInformationMessage(t('"{0}": {1}.', chosen.database.name, migrationStatusText(t, result.after)));
    return result?.after.current;
  },
};

export const previewMigrations: Command = {
  id: 'containerDatabases.previewMigrations',
  enabled: isAboutMigrations,
  async run(context, subject) {
    const chosen = await targetMigrations(context, subject, t('Show the SQL of which migrations?'));
    if (chosen === undefined) return undefined;
    const { status } = chosen.found;
    const isDone = chosen.revision !== undefined && status.applied.includes(chosen.revision.id);
    const direction = isDone ? 'downgrade' : 'upgrade';
    const to = toRevision(chosen.revision) ?? { kind: 'all' };
    const result = await runMigration(context, chosen, chosen.found, { kind: 'preview', direction, to });
    if (result === undefined) return undefined;
    await window.showTextDocument(await workspace.openTextDocument({ language: 'sql', content: result.stdout }), { preview: true });
    return result.stdout;
  },
};

export const stampRevision: Command = {
  id: 'containerDatabases.stampRevision',
  enabled: isAboutMigrations,
  async run(context, subject) {
    const chosen = await targetMigrations(context, subject, t('Stamp which database?'));
    if (chosen === undefined) return undefined;
    const revision = chosen.revision ?? (await pickRevision(chosen.found.status.revisions.toReversed(), t('Which revision is the database really at?')));
    const result = revision && (await runMigration(context, chosen, chosen.found, { kind: 'stamp', revision: revision.id }));
    return result?.after.current;
  },
};

function toRevision(revision: Revision | undefined): Distance | undefined {
  return revision === undefined ? undefined : { kind: 'revision', revision: revision.id };
}

type DistanceChoice = QuickPickItem & { readonly value: Distance | 'revision' };

async function pickUpgrade({ pending, revisions }: MigrationStatus): Promise<Distance | undefined> {
  const choices: readonly DistanceChoice[] = [
    { label: t('Everything pending'), description: String(pending.length), iconPath: new ThemeIcon('arrow-up'), value: { kind: 'all' } },
    { label: t('The next one'), description: pending[0] ?? '', iconPath: new ThemeIcon('chevron-up'), value: { kind: 'steps', steps: 1 } },
    { label: t('Up to a revision…'), iconPath: new ThemeIcon('list-tree'), value: 'revision' },
  ];
  const chosen = await pickOne(choices, t('Upgrade how far?'));
  const left = new Set(pending);
  return chosen === 'revision'
    ? toRevision(
        await pickRevision(
          revisions.filter(({ id }) => left.has(id)),
          t('Upgrade to which revision?'),
        ),
      )
    : chosen;
}

async function pickDowngrade({ applied, revisions }: MigrationStatus): Promise<Distance | undefined> {
  const choices: readonly DistanceChoice[] = [
    { label: t('Undo the last one'), description: applied.at(-1) ?? '', iconPath: new ThemeIcon('chevron-down'), value: { kind: 'steps', steps: 1 } },
    { label: t('Back to a revision…'), iconPath: new ThemeIcon('list-tree'), value: 'revision' },
    { label: t('Undo all of them'), description: String(applied.length), iconPath: new ThemeIcon('arrow-down'), value: { kind: 'all' } },
  ];
  const chosen = await pickOne(choices, t('Downgrade how far?'));
  const done = new Set(applied.slice(0, -1));
  return chosen === 'revision'
    ? toRevision(await pickRevision(revisions.filter(({ id }) => done.has(id)).toReversed(), t('Downgrade to which revision?')))
    : chosen;
}

async function pickRevision(revisions: readonly Revision[], title: string): Promise<Revision | undefined> {
  const choices = revisions.map((value) => ({ label: value.name === '' ? value.id : value.name, description: value.id, detail: value.date ?? '', value }));
  const chosen = await window.showQuickPick(choices, { title, placeHolder: title, matchOnDescription: true });
  return chosen?.value;
}
