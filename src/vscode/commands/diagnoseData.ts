import type { Diagnosis, WayBack } from '../../persistence/diagnose/diagnosis';
import type { ServicePlace } from '../picks';
import { diagnosisView } from '../present/diagnosisText';
import { showingFailures } from '../showFailure';
import { clock, translate as t } from '../translate';
import type { Command, CommandContext } from './command';
import { restore } from './restore';
import { replaceVolume } from './restoreVolume';
import { targetService } from './targets';

/** For "my data disappeared": looks where they may be, and offers the ways back. */
export const diagnoseData: Command = {
  id: 'containerDatabases.diagnoseData',
  enabled: (subject) => subject === undefined || ['service', 'volume', 'missing database'].includes(subject.kind),
  async run(context, subject) {
    const place = await targetService(context, subject, ({ container }) => container !== undefined, t('Look for the data of which service?'));
    if (place === undefined) return undefined;
    const { diagnoses } = await context.app();
    const title = t('Looking for the data of {0}', place.service.name);
    const diagnosis = await context.operation(title, (operation) => diagnoses.run(place, operation));
    show(context, place, diagnosis);
    return diagnosis;
  },
};

function show(context: CommandContext, place: ServicePlace, diagnosis: Diagnosis): void {
  const act = async (action: string): Promise<void> => {
    const way = diagnosis.waysBack[Number(action)];
    if (way !== undefined) await showingFailures(context.log, () => goBack(context, place, way));
  };
  context.reports.show(`diagnosis ${place.service.id}`, { view: diagnosisView(t, diagnosis, clock()), act });
}

/** Restores the backup, or makes one of the volume that was found and restores that: asked, undoable, and the volume stays as it is. */
async function goBack(context: CommandContext, place: ServicePlace, way: WayBack): Promise<void> {
  const { backups, volumes } = await context.app();
  if (way.kind === 'restoreBackup') {
    await restore.run(context, { kind: 'backup', project: place.project, backup: await backups.read(way.file) });
    return;
  }
  const view = await volumes.find(way.volume);
  const backup = await context.operation(t('Backing up {0}', view.name), (operation) => volumes.export(view, {}, operation));
  await replaceVolume(context, place, backup);
}
