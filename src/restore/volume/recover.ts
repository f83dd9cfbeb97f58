import { sweepThrowaways } from '../../backup/volume/throwaway';
import { removeVolume } from '../../engine/create';
import type { Engine } from '../../engine/engine';
import { listVolumes } from '../../engine/volumes';
import { readVolumeUndo } from '../../inventory/volumeUndo';
import type { Operation } from '../../operations/operation';
import { asFailure } from '../../protocol/failure';
import type { VolumeEntry } from './journal';
import { resumeExchange, rollBack, type VolumeRestoreTools } from './run';

/** Ends what a crash interrupted, in the one direction or the other. Gives a sentence about it. Never throws. */
export async function recoverEntry(entry: VolumeEntry, tools: VolumeRestoreTools, operation: Operation): Promise<string> {
  const name = `${entry.project}/${entry.service}`;
  try {
    // A program in a helping container outlives the host that started it; two must not move the same files.
    await sweepThrowaways(tools.engine);
    if (entry.phase === 'preparing' || entry.phase === 'stopping') {
      await rollBack(entry, tools, operation);
      return `An interrupted restore of the volume of ${name} was rolled back; its data are as they were.`;
    }
    await resumeExchange(entry, tools, operation);
    return entry.phase === 'returning'
      ? `An interrupted restore of the volume of ${name} was taken back; its data are as they were.`
      : `An interrupted restore of the volume of ${name} was finished; what it replaced is kept for a day.`;
  } catch (error) {
    return `An interrupted restore of the volume of ${name} could not be ended, and is tried again at the next start: ${asFailure(error).message}`;
  }
}

/** Removes undo volumes that have expired, but for those of open entries. Gives a sentence for each. */
export async function sweepUndos(engine: Engine, open: readonly VolumeEntry[], now: Date): Promise<readonly string[]> {
  const inUse = new Set(open.flatMap(({ undo, spent }) => [undo, spent]));
  const sentences: string[] = [];
  for (const { name, labels } of await listVolumes(engine)) {
    const record = readVolumeUndo(labels);
    if (record === undefined || inUse.has(name) || Date.parse(record.expiresAt) > now.getTime()) continue;
    await removeVolume(engine, name);
    sentences.push(`What a restore of the volume of ${record.project}/${record.service} had replaced was kept for a day, and was removed.`);
  }
  return sentences;
}
