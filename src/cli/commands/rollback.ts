import { formatDuration } from '../../protocol/format';
import { describeRollBack } from '../../snapshot/plan';
import { confirmationMissing, type CliCommand } from '../command';
import { snapshotAt } from './snapshot';

/** Goes back to a snapshot. */
export const rollbackCommand: CliCommand = {
  name: 'rollback',
  summary: 'go back to a snapshot, which stays; what is there now is kept for a day as undo',
  argument: ['<target>', 'project/service/database, or any shorter form that fits only one'],
  secondArgument: ['<snapshot>', 'its name, as "snapshot list" shows it'],
  options: [
    ['--yes', 'do it without asking'],
    ['--dry-run', 'print the steps and do nothing'],
  ],
  run: async (context) => {
    const { app, terminal, signal, options } = context;
    const start = performance.now();
    const { place, snapshot } = snapshotAt(context);
    const plan = await app.snapshots.planRollBack(place, snapshot, signal);
    const steps = describeRollBack(plan);
    if (options['dryRun'] === true) return { value: { steps }, lines: steps };
    if (options['yes'] !== true) {
      steps.forEach((step) => terminal.note(`- ${step}`));
      throw confirmationMissing(
        `"${place.databaseName}" of ${place.project.name}/${place.service.name} goes back to "${snapshot.label}" of ${snapshot.takenAt}.`,
      );
    }
    const result = await app.snapshots.rollBack(plan, place, terminal.operation(signal));
    const milliseconds = performance.now() - start;
    return {
      value: { ...result, undo: result.undo ?? null, seconds: Math.round(milliseconds) / 1000 },
      lines: [
        `${result.database} is again as in "${result.snapshot}", in ${formatDuration(milliseconds)}.`,
        ...(result.undo === undefined ? [] : [`What was there is kept until ${result.expiresAt}; "undo" brings it back.`]),
      ],
    };
  },
};
