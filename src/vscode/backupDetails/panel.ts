import { window, type Uri } from 'vscode';
import type { BackupShelf } from '../backupShelf';
import type { Subject } from '../present/subject';

/** Shows what is known of a backup. */
export function showBackupDetails(_extension: Uri, subject: Subject & { readonly kind: 'backup' }, _shelf: BackupShelf): void {
  void window.showInformationMessage(subject.backup.file);
}
