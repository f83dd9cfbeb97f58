import { QuickPickItemKind } from 'vscode';
import type { Backup } from '../../backup/catalogue';
import { Failure } from '../../protocol/failure';
import { backupChoice, pickOne } from '../picks';
import type { Subject } from '../present/subject';
import { translate as t } from '../translate';
import type { CommandContext } from './command';

type BackupSubject = Subject & { readonly kind: 'backup' };

/** The backup that a command is about: the row's, or the one that the user picks among those that fit. Throws `BACKUP_MISSING`. */
export async function targetBackup(
  context: CommandContext,
  subject: Subject | undefined,
  title: string,
  fits: (backup: Backup) => boolean = () => true,
): Promise<BackupSubject | undefined> {
  const { backups } = await context.app();
  if (subject?.kind === 'backup') return { ...subject, backup: await backups.read(subject.backup.file) };
  const { projects } = await context.inventory();
  await context.shelf.refresh();
  const choices = projects.flatMap((project) => {
    const fitting = context.shelf.of(project).filter(fits);
    const own = fitting.map((backup) => ({ ...backupChoice(backup), value: { kind: 'backup', project, backup } as const }));
    return own.length === 0 ? [] : [{ label: project.name, kind: QuickPickItemKind.Separator }, ...own];
  });
  if (choices.length === 0) throw new Failure('BACKUP_MISSING', t('There is no backup for which that makes sense.'), t('Make one with "Back up database".'));
  return pickOne<BackupSubject>(choices, title);
}
