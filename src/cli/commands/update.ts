import { standardThresholds } from '../../health/thresholds';
import { targetName } from '../../inventory/target';
import { placeKinds } from '../../migrations/actions/place';
import type { ToolPlan } from '../../migrations/migrations';
import { updateLines } from '../../migrations/update/reportText';
import { choiceOption, confirmationMissing, folderOption, type CliCommand } from '../command';
import { encryptionKeyOf, encryptionOptions } from '../encryptionKeys';
import { describePlan, distanceOf, only, positionOf, running } from '../migrationPlans';

/** An upgrade with a net: backed up, rehearsed on a copy, validated, and taken back if that is wished. */
export const updateCommand: CliCommand = {
  name: 'update',
  summary:
    'upgrade safely: back up, rehearse on a copy with the way back, migrate, validate, restart, look at the health; ends with 1 when the database was not updated',
  argument: ['<target>', 'project/service/database, or any shorter form'],
  options: [
    ['--to <revision>', 'no further than this revision'],
    ['--steps <count>', 'so many revisions only'],
    ...running,
    ['--yes', 'do it without asking'],
    ['--restore-on-failure', 'restore the backup at once when the migration fails or leaves something broken'],
    ['--restart', 'restart the services that use the database and run'],
    ...encryptionOptions,
  ],
  run: async (context) => {
    const { app, terminal, options, signal } = context;
    const { place, found } = await only(context);
    const operation = terminal.operation(signal);
    const upgrade = { kind: 'upgrade', to: distanceOf(context) ?? { kind: 'all' } } as const;
    const plan = await app.migrations.plan(place, found, upgrade, operation, choiceOption(options, 'where', placeKinds));
    const health = { thresholds: standardThresholds, urls: {} };
    const wishes = { health, restart: options['restart'] === true, restoreOnFailure: options['restoreOnFailure'] === true };
    const steps = describeUpdate(plan, wishes);
    if (found.status.pending.length === 0) return { value: { state: 'nothing to do' }, lines: ['Every migration is applied.'] };
    if (options['dryRun'] === true) return { value: { command: plan.text, place: plan.place.kind, steps }, lines: steps };
    if (options['yes'] !== true) {
      steps.forEach((step) => terminal.note(`- ${step}`));
      throw confirmationMissing(`This migrates ${targetName(place)}.`, 'Add --yes to do it, or --dry-run to see what would be done.');
    }
    const key = await encryptionKeyOf(options);
    const onOutput = (text: string): void => terminal.logger().info(text.trimEnd());
    const report = await app.updates.run(plan, { ...wishes, ...folderOption(options), ...(key === undefined ? {} : { key }), onOutput }, operation);
    const { failure, result, ...rest } = report;
    const told = failure === undefined ? {} : { failure: { code: failure.code, message: failure.message, remedy: failure.remedy } };
    return {
      value: { target: targetName(place), ...rest, ...told, ...(result === undefined ? {} : { log: result.log, after: positionOf(result.after) }) },
      lines: updateLines(targetName(place), report),
      incomplete: report.state !== 'updated',
    };
  },
};

function describeUpdate(plan: ToolPlan, { restart, restoreOnFailure }: { readonly restart: boolean; readonly restoreOnFailure: boolean }): readonly string[] {
  const [first = '', ...others] = describePlan(plan, true);
  return [
    first,
    'Restore the backup into a copy, and rehearse the migrations there, and their way back',
    ...others,
    'Validate the database, and compare it with what it was',
    ...(restart ? ['Restart what uses the database'] : []),
    'Compare the health of the service with what it was',
    ...(restoreOnFailure ? ['Restore the backup should any of this fail'] : []),
  ];
}
