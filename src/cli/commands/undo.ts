import { findPlace } from '../../inventory/target';
import { formatDuration } from '../../protocol/format';
import { findUndo } from '../../restore/undo';
import { undoWholeVolume } from './restoreVolume';
import { confirmationMissing, type CliCommand } from '../command';

/** Takes the last restore of a database back. */
export const undoCommand: CliCommand = {
  name: 'undo',
  summary: 'bring back what the last restore of a database replaced; what is there now becomes the undo',
  argument: ['<target>', 'project/service/database, or any shorter form that fits only one'],
  options: [
    ['--volume', 'of the whole volume of a service, not of one database'],
    ['--yes', 'do it without asking'],
    ['--dry-run', 'print the steps and do nothing'],
  ],
  run: async (context) => {
    const { app, terminal, signal, argument, options } = context;
    if (options['volume'] === true) return undoWholeVolume(context);
    const start = performance.now();
    const target = findPlace(app.inventory.current, argument);
    const { replacedAt } = findUndo(target);
    const what = `"${target.databaseName}" goes back to what it was before the restore of ${replacedAt}; what is there now is kept for a day`;
    if (options['dryRun'] === true) return { value: { steps: [{ kind: 'swap', database: target.databaseName, replacedAt }] }, lines: [what] };
    if (options['yes'] !== true) throw confirmationMissing(`${what}.`);
    const result = await app.restores.undo(target, terminal.operation(signal));
    const milliseconds = performance.now() - start;
    return {
      value: { ...result, undo: result.undo ?? null, seconds: Math.round(milliseconds) / 1000 },
      lines: [`${result.database} is as it was before ${result.replacedAt}. It took ${formatDuration(milliseconds)}; "undo" again takes that back.`],
    };
  },
};
