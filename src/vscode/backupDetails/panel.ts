import { commands, env, Uri, ViewColumn, window, type WebviewPanel } from 'vscode';
import path from 'node:path';
import { isBackupViewMessage, type BackupAction, type BackupDetailsMessage } from '../../protocol/backupDetails';
import type { BackupShelf } from '../backupShelf';
import type { CommandId } from '../contributions';
import { backupDetails } from '../present/backupDetails';
import { databaseText } from '../present/manifestText';
import type { Subject } from '../present/subject';
import { clock, translate as t } from '../translate';
import { pageHtml } from '../webviewPage';

type BackupSubject = Subject & { readonly kind: 'backup' };

/** Open panels by file, so that a second click brings the same one to the front. */
export type BackupPanels = Map<string, WebviewPanel>;

/** Shows what is known of a backup in an editor. It follows changes of the backup, and closes when that is gone. */
export function showBackupDetails(panels: BackupPanels, extension: Uri, subject: BackupSubject, shelf: BackupShelf): void {
  const { file, manifest } = subject.backup;
  const open = panels.get(file);
  if (open !== undefined) return open.reveal();
  const resources = Uri.joinPath(extension, 'dist', 'webview');
  const title = t('Backup of {0}', manifest === undefined ? path.basename(file) : databaseText(t, manifest));
  const panel = window.createWebviewPanel('containerDatabases.backup', title, ViewColumn.Active, { enableScripts: true, localResourceRoots: [resources] });
  panel.iconPath = { light: Uri.joinPath(extension, 'media', 'backupLight.svg'), dark: Uri.joinPath(extension, 'media', 'backupDark.svg') };
  panels.set(file, panel);
  let shown = subject;
  const send = (): void => {
    const message: BackupDetailsMessage = { kind: 'backup', details: backupDetails(t, shown.backup, clock()) };
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- not a window's: there is one receiver only
    void panel.webview.postMessage(message);
  };
  const listeners = [
    panel.webview.onDidReceiveMessage((message: unknown) => {
      if (!isBackupViewMessage(message)) return;
      if (message.kind === 'ready') send();
      else void run(message.action, shown);
    }),
    shelf.onDidChange(() => {
      const now = shelf.of(shown.project).find((backup) => backup.file === file);
      if (now === undefined && isOnShelf(shelf, shown)) return panel.dispose();
      if (now !== undefined) shown = { ...shown, backup: now };
      send();
    }),
  ];
  panel.onDidDispose(() => {
    panels.delete(file);
    for (const listener of listeners) listener.dispose();
  });
  panel.webview.html = pageHtml(panel.webview, resources, 'backup', title);
}

/** Whether the shelf would know the backup if it were there: its folder is among those listed. */
function isOnShelf(shelf: BackupShelf, { project, backup }: BackupSubject): boolean {
  const folder = path.dirname(backup.file);
  return shelf.all.has(project.id) && [...shelf.of(project)].every(({ file }) => path.dirname(file) === folder);
}

async function run(action: BackupAction, subject: BackupSubject): Promise<void> {
  const ids: Readonly<Record<'restore' | 'verify' | 'reveal', CommandId>> = {
    restore: 'containerDatabases.restore',
    verify: 'containerDatabases.verifyBackup',
    reveal: 'containerDatabases.revealBackup',
  };
  switch (action) {
    case 'copyPath':
      await env.clipboard.writeText(subject.backup.file);
      break;
    case 'copyChecksum':
      await env.clipboard.writeText(subject.backup.manifest?.sha256 ?? '');
      break;
    case 'restore':
    case 'verify':
    case 'reveal':
      await commands.executeCommand(ids[action], { subject });
  }
}
