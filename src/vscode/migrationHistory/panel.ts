import { commands, Uri, ViewColumn, window } from 'vscode';
import { targetName } from '../../inventory/target';
import { isMigrationViewMessage, type MigrationHistoryMessage, type MigrationViewAction } from '../../protocol/migrationGraph';
import type { CommandId } from '../contributions';
import type { MigrationShelf } from '../migrationShelf';
import { migrationHistory, type RiskOf } from '../present/migrationHistory';
import type { Subject } from '../present/subject';
import { translate as t } from '../translate';
import { pageHtml } from '../webviewPage';

type MigrationsSubject = Subject & { readonly kind: 'migrations' };

/** Open panels by what they show, so that a second click brings the same one to the front. */
type MigrationPanels = Map<string, { reveal: () => void; dispose: () => void }>;

/** Shows the history of migrations in an editor. It follows changes of files and database. */
export function showMigrationHistory(panels: MigrationPanels, extension: Uri, subject: MigrationsSubject, shelf: MigrationShelf, riskOf: RiskOf): void {
  const key = keyOf(subject);
  const open = panels.get(key);
  if (open !== undefined) return open.reveal();
  const resources = Uri.joinPath(extension, 'dist', 'webview');
  const title = t('Migrations of {0}', subject.database.name);
  const panel = window.createWebviewPanel('containerDatabases.migrations', title, ViewColumn.Active, { enableScripts: true, localResourceRoots: [resources] });
  panel.iconPath = { light: Uri.joinPath(extension, 'media', 'migrationsLight.svg'), dark: Uri.joinPath(extension, 'media', 'migrationsDark.svg') };
  panels.set(key, panel);
  let shown = subject;
  const send = (): void => {
    const message: MigrationHistoryMessage = { kind: 'migrations', history: migrationHistory(t, targetName(shown), shown.found.status, riskOf) };
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- not a window's: there is one receiver only
    void panel.webview.postMessage(message);
  };
  const listeners = [
    panel.webview.onDidReceiveMessage((message: unknown) => {
      if (!isMigrationViewMessage(message)) return;
      if (message.kind === 'ready') send();
      else void run(message.action, message.revision, shown);
    }),
    shelf.onDidChange(() => {
      shown = latest(shelf, shown) ?? shown;
      send();
    }),
  ];
  panel.onDidDispose(() => {
    panels.delete(key);
    for (const listener of listeners) listener.dispose();
  });
  panel.webview.html = pageHtml(panel.webview, resources, 'migrations', title);
}

function keyOf(subject: MigrationsSubject): string {
  const { tool, folder, table } = subject.found.status;
  return [subject.service.id, subject.database.name, tool, folder ?? table].join('|');
}

/** The same migrations as they are known now. */
function latest(shelf: MigrationShelf, subject: MigrationsSubject): MigrationsSubject | undefined {
  const key = keyOf(subject);
  for (const { target, migrations } of shelf.current?.databases ?? []) {
    for (const found of migrations) {
      const each: MigrationsSubject = { kind: 'migrations', ...target, found };
      if (keyOf(each) === key) return each;
    }
  }
  return undefined;
}

async function run(action: MigrationViewAction, id: string | undefined, subject: MigrationsSubject): Promise<void> {
  const ids: Readonly<Record<MigrationViewAction, CommandId>> = {
    open: 'containerDatabases.openMigration',
    upgrade: 'containerDatabases.upgradeMigrations',
    downgrade: 'containerDatabases.downgradeMigrations',
    preview: 'containerDatabases.previewMigrations',
    upgradeAll: 'containerDatabases.upgradeMigrations',
    newRevision: 'containerDatabases.newRevision',
    mergeHeads: 'containerDatabases.mergeHeads',
  };
  const revision = subject.found.status.revisions.find((each) => each.id === id);
  // What the view names must be there; otherwise the whole would be meant.
  if (id !== undefined && revision === undefined) return;
  await commands.executeCommand(ids[action], { subject: revision === undefined ? subject : { ...subject, kind: 'migration', revision } });
}
