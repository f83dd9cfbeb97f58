import type { FixKind } from '../../persistence/doctor/fixes/fix';
import type { Translate } from './translate';

/** What a quick fix is called, with what one should know before. */
export function composeFixTitle(t: Translate, kind: FixKind): string {
  const titles: Readonly<Record<FixKind, string>> = {
    healthcheck: t('Add a healthcheck'),
    restart: t('Restart it unless it was stopped'),
    grace: t('Give it a minute to stop'),
    sharedMemory: t('Give it 256 MB of shared memory'),
    condition: t('Wait until the database is healthy'),
    port: t('Open the port to this computer only'),
    namedVolume: t('Keep the data in a named volume (back up first: the service starts empty)'),
    moveMount: t('Mount it where the data directory is (back up first: the service starts empty)'),
    secret: t('Move the password to a secret file that git ignores'),
  };
  return titles[kind];
}
