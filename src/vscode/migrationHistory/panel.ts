import path from 'node:path';
import { commands, Uri, ViewColumn, window } from 'vscode';
import { targetName } from '../../inventory/target';
import { isMigrationViewMessage, type MigrationHistoryMessage, type MigrationViewAction } from '../../protocol/migrationGraph';
import type { CommandId } from '../contributions';
import type { MigrationShelf } from '../migrationShelf';
import type { Severity } from '../../lint/severity';
import type { RevisionRisk } from '../../protocol/migrationGraph';
import { migrationHistory, riskText } from '../present/migrationHistory';
import type { Subject } from '../present/subject';
import { translate as t } from '../translate';
import { pageHtml } from '../webviewPage';

type MigrationsSubject = Subject & { readonly kind: 'migrations' };

/** Open panels by what they show, so that a second click brings the same one to the front. */
type MigrationPanels = Map<string, { reveal: () => void; dispose: () => void }>;

type SeveritiesOf = (file: string) => Promise<readonly Severity[]>;

/** Shows the history of migrations in an editor. It follows changes of files and database. */
export function showMigrationHistory(
  panels: MigrationPanels,
  extension: Uri,
  subject: MigrationsSubject,
  shelf: MigrationShelf,
  severitiesOf: SeveritiesOf,
): void {
  const key = keyOf(subject);
  const open = panels.get(key);
  if (open !== undefined) return open.reveal();
  const resources = Uri.joinPath(extension, 'dist', 'webview');
  const title = t('Migrations of {0}', subject.database.name);
  const panel = window.createWebviewPanel('containerDatabases.migrations', title, ViewColumn.Active, { enableScripts: true, localResourceRoots: [resources] });
  panel.iconPath = { light: Uri.joinPath(extension, 'media', 'migrationsLight.svg'), dark: Uri.joinPath(extension, 'media', 'migrationsDark.svg') };
  panels.set(key, panel);
  let shown = subject;
  let risks: ReadonlyMap<string, RevisionRisk> = new Map();
  const send = (): void => {
    const history = migrationHistory(t, targetName(shown), shown.found.status, (revision) => risks.get(revision.id));
    const message: MigrationHistoryMessage = { kind: 'migrations', history };
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- not a window's: there is one receiver only
    void panel.webview.postMessage(message);
  };
  // The history comes at once; what the files of pending revisions are warned of, when they have been looked at.
  const show = async (): Promise<void> => {
    send();
    const found = await risksOf(shown, severitiesOf);
    if ((found.size === 0 && risks.size === 0) || panels.get(key) !== panel) return;
    risks = found;
    send();
  };
  const listeners = [
    panel.webview.onDidReceiveMessage((message: unknown) => {
      if (!isMigrationViewMessage(message)) return;
      if (message.kind === 'ready') void show();
      else void run(message.action, message.revision, shown);
    }),
    shelf.onDidChange(() => {
      shown = latest(shelf, shown) ?? shown;
      void show();
    }),
  ];
  panel.onDidDispose(() => {
    panels.delete(key);
    for (const listener of listeners) listener.dispose();
  });
  panel.webview.html = pageHtml(panel.webview, resources, 'migrations', title);
}

/** What the pending revisions may do to the data. */
async function risksOf({ found: { source, status } }: MigrationsSubject, severitiesOf: SeveritiesOf): Promise<ReadonlyMap<string, RevisionRisk>> {
  const pending = new Set(status.pending);
  const risks = new Map<string, RevisionRisk>();
  for (const { id, file } of status.revisions) {
    if (source === undefined || file === '' || !pending.has(id)) continue;
    const risk = riskText(t, await severitiesOf(path.join(source.base, file)).catch(() => [])); // a file that cannot be looked at gets no badge
    if (risk !== undefined) risks.set(id, risk);
  }
  return risks;
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
