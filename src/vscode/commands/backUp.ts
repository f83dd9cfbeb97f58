import { window } from 'vscode';
import type { Backup } from '../../backup/catalogue';
import { formatBytes, formatDuration } from '../../protocol/format';
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
    const backup = await context.operation(t('Backing up "{0}"', target.database.name), (operation) => backups.backUp(target, { reason: 'manual' }, operation));
    context.log.info(`Backed up to ${backup.file} (${formatBytes(backup.sizeBytes)}, ${formatDuration(Date.now() - started)})`);
    await context.shelf.refresh();
    void tell(context, backup, target.database.name, Date.now() - started, before);
    return backup;
  },
};

async function tell(context: CommandContext, backup: Backup, name: string, milliseconds: number, before: Backup | undefined): Promise<void> {
  const show = t('Reveal');
  const done = t('Backed up "{0}": {1}, verified, in {2}.', name, contentText(t, backup, clock().language), formatDuration(milliseconds));
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
