import { QuickPickItemKind } from 'vscode';
import { Failure } from '../../protocol/failure';
import { backupChoice, pickOne } from '../picks';
import type { Subject } from '../present/subject';
import { translate as t } from '../translate';
import type { CommandContext } from './command';

type BackupSubject = Subject & { readonly kind: 'backup' };

/** The backup that a command is about: the row's, or the one that the user picks. Throws `BACKUP_MISSING`. */
export async function targetBackup(context: CommandContext, subject: Subject | undefined, title: string): Promise<BackupSubject | undefined> {
  const { backups } = await context.app();
  if (subject?.kind === 'backup') return { ...subject, backup: await backups.read(subject.backup.file) };
  const { projects } = await context.inventory();
  await context.shelf.refresh();
  const choices = projects.flatMap((project) => {
    const own = context.shelf.of(project).map((backup) => ({ ...backupChoice(backup), value: { kind: 'backup', project, backup } as const }));
    return own.length === 0 ? [] : [{ label: project.name, kind: QuickPickItemKind.Separator }, ...own];
  });
  if (choices.length === 0) throw new Failure('BACKUP_MISSING', t('There is no backup yet.'), t('Make one with "Back up database".'));
  return pickOne<BackupSubject>(choices, title);
}
