import { ThemeIcon, window } from 'vscode';
import type { VolumeWishes } from '../../backup/backups';
import { formatBytes, formatDuration } from '../../protocol/format';
import { askFirst } from '../askFirst';
import { pickOne, pickService, type ServicePlace } from '../picks';
import type { Subject } from '../present/subject';
import { translate as t } from '../translate';
import type { Command, CommandContext } from './command';
import { reveal } from './revealBackup';

export const backUpVolume: Command = {
  id: 'containerDatabases.backUpVolume',
  enabled: (subject) => subject === undefined || subject.kind === 'volume',
  async run(context, subject) {
    const place = await placeOf(context, subject);
    if (place === undefined) return undefined;
    const mode = await pickMode(place);
    if (mode === undefined) return undefined;
    const { backups } = await context.app();
    const { service } = place;
    const plan = await context.operation(t('Looking at the volume of {0}', service.name), (operation) => backups.planVolume(place, mode, operation));
    if (plan.interrupts && !(await askFirst(stopQuestion(place)))) return undefined;
    const key = await context.encryption.forNew(place.project.name, 'manual');
    const started = Date.now();
    const { backup } = await context.operation(t('Backing up the volume of {0}', service.name), async (operation) =>
      backups.follow(await backups.backUpVolume(place, { mode, reason: 'manual', key: key ?? 'none' }, operation), operation),
    );
    await context.shelf.refresh();
    const size = formatBytes(backup.sizeBytes);
    const done = t('Backed up the volume of {0}: {1}, booted and counted, in {2}.', service.name, size, formatDuration(Date.now() - started));
    context.log.info(`${done} ${backup.file}`);
    void window.showInformationMessage(done, t('Reveal')).then((pressed) => (pressed === undefined ? undefined : reveal(context, backup.file)));
    return backup;
  },
};

async function placeOf(context: CommandContext, subject: Subject | undefined): Promise<ServicePlace | undefined> {
  if (subject?.kind === 'volume') return subject;
  return pickService(await context.inventory(), ({ volume }) => volume !== undefined, t('Back up the volume of which service?'));
}

async function pickMode({ service }: ServicePlace): Promise<VolumeWishes['mode'] | undefined> {
  if (service.state === 'stopped') return 'auto';
  return pickOne(
    [
      {
        label: t('While it runs'),
        description: t('recommended'),
        detail: t('By pg_basebackup, with all the log that it needs. Nobody is interrupted.'),
        iconPath: new ThemeIcon('play'),
        value: 'auto' as const,
      },
      {
        label: t('Stopped cleanly'),
        detail: t('The files as they are. The service and what uses it are stopped for the copy, and started again.'),
        iconPath: new ThemeIcon('debug-stop'),
        value: 'stopped' as const,
      },
    ],
    t('How is the volume to be copied?'),
  );
}

function stopQuestion({ service }: ServicePlace): { readonly message: string; readonly detail: string; readonly button: string } {
  const names = [service.name, ...service.dependents].join(', ');
  return {
    message: t('Stop {0} while its volume is copied?', service.name),
    detail: t('These are stopped as far as they run, and started again afterwards, also after a crash: {0}.', names),
    button: t('Stop and back up'),
  };
}
