import { window } from 'vscode';
import type { Backup } from '../../backup/catalogue';
import { formatBytes, formatDuration } from '../../protocol/format';
import { removedText } from '../present/retentionText';
import { contentText } from '../present/words';
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
    const { backups } = await context.app();
    const before = (await backups.list(target.project)).find(
      ({ manifest }) => manifest?.service === target.service.name && manifest.database === target.database.name,
    );
    const started = Date.now();
    const { backup, pruned } = await context.operation(t('Backing up "{0}"', target.database.name), async (operation) => {
      const made = await backups.backUp(target, { reason: 'manual' }, operation);
      return backups.follow(made, operation);
    });
    context.log.info(`Backed up to ${backup.file} (${formatBytes(backup.sizeBytes)}, ${formatDuration(Date.now() - started)})`);
    await context.shelf.refresh();
    void tell(context, { backup, before, removed: pruned === undefined ? undefined : removedText(t, pruned) }, target.database.name, Date.now() - started);
    return backup;
  },
};

interface Outcome {
  readonly backup: Backup;
  /** The one before it of the same database. */
  readonly before: Backup | undefined;
  /** What went by the rules for old backups. */
  readonly removed: string | undefined;
}

async function tell(context: CommandContext, { backup, before, removed }: Outcome, name: string, milliseconds: number): Promise<void> {
  const show = t('Reveal');
  const made = t('Backed up "{0}": {1}, verified, in {2}.', name, contentText(t, backup, clock().language), formatDuration(milliseconds));
  const done = removed === undefined ? made : `${made} ${removed}`;
  const odd = before !== undefined && differsMuch(backup.sizeBytes, before.sizeBytes);
  const pressed = odd
    ? await window.showWarningMessage(t('{0} The one before has {1}: is that as it should be?', done, formatBytes(before.sizeBytes)), show)
    : await window.showInformationMessage(done, show);
  if (pressed === show) await reveal(context, backup.file);
}

/** Whether two sizes differ by more than half, which seldom has a good reason. */
function differsMuch(now: number, before: number): boolean {
  return Math.abs(now - before) > before / 2;
}
