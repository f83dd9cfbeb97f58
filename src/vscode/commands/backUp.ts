import { window } from 'vscode';
import type { BackupWishes } from '../../backup/backups';
import type { DatabaseTarget } from '../../inventory/target';
import { formatBytes, formatDuration } from '../../protocol/format';
import { madeText, remarksText, type MadeBackup } from '../present/backUpText';
import { removedText } from '../present/retentionText';
import { clock, translate as t } from '../translate';
import type { Command, CommandContext } from './command';
import { reveal } from './revealBackup';
import { targetDatabase } from './targets';

export const backUp: Command = {
  id: 'containerDatabases.backUp',
  enabled: (subject) => subject === undefined || subject.kind === 'database' || (subject.kind === 'service' && subject.service.databases.length > 0),
  async run(context, subject) {
    const target = await targetDatabase(context, subject, t('Back up which database?'));
    if (target === undefined) return undefined;
    const key = await context.encryption.forNew(target.project.name, 'manual');
    const [made] = await makeBackups(context, [target], { reason: 'manual', key: key ?? 'none' });
    return made?.backup;
  },
};

/** Backs databases up, one after the other, and tells about it. */
export async function makeBackups(context: CommandContext, targets: readonly DatabaseTarget[], wishes: BackupWishes): Promise<readonly MadeBackup[]> {
  const { backups } = await context.app();
  const [first, ...others] = targets;
  const title = others.length === 0 ? t('Backing up "{0}"', first?.database.name ?? '') : t('Backing up {0} databases', targets.length);
  const started = Date.now();
  const made: MadeBackup[] = [];
  const removed: string[] = [];
  try {
    await context.operation(title, async (operation) => {
      for (const target of targets) {
        const { backup, pruned } = await backups.follow(await backups.backUp(target, wishes, operation), operation);
        made.push({ database: target.database.name, backup });
        if (pruned !== undefined) removed.push(removedText(t, pruned) ?? '');
      }
    });
  } finally {
    await context.shelf.refresh();
  }
  for (const { backup } of made) context.log.info(`Backed up to ${backup.file} (${formatBytes(backup.sizeBytes)}, ${formatDuration(Date.now() - started)})`);
  void tell(context, made, [madeText(t, made, Date.now() - started, clock().language), ...new Set(removed)].filter((part) => part !== '').join(' '));
  return made;
}

async function tell(context: CommandContext, made: readonly MadeBackup[], done: string): Promise<void> {
  const show = t('Reveal');
  const remarks = remarksText(t, made);
  const pressed = remarks === undefined ? await window.showInformationMessage(done, show) : await window.showWarningMessage(`${done} ${remarks}`, show);
  const [first] = made;
  if (pressed === show && first !== undefined) await reveal(context, first.backup.file);
}
