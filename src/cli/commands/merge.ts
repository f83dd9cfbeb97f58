import { findDatabase } from '../../inventory/target';
import { Failure } from '../../protocol/failure';
import { formatCount, formatDuration } from '../../protocol/format';
import { describePlan } from '../../restore/describePlan';
import { mergeChoices } from '../../restore/facts';
import { changedRows } from '../../restore/merge/report';
import { reportLines } from '../../restore/merge/reportText';
import { choiceOption, confirmationMissing, folderOption, listOption, type CliCommand } from '../command';
import { encryptionKeyOf, encryptionOptions } from '../encryptionKeys';

/** Adds rows of one database to those of another. */
export const mergeCommand: CliCommand = {
  name: 'merge',
  summary: 'add rows of chosen tables of one database to another, in one transaction, after a safety backup',
  argument: ['<source>', 'project/service/database, or any shorter form: where the rows are'],
  secondArgument: ['<target>', 'the database that gets them, in the same form'],
  options: [
    ['--table <name>', 'a table whose rows are merged; may be given several times, in any order', 'repeated'],
    ['--on-conflict <what>', `what becomes of rows whose primary key is taken: ${mergeChoices.join(', ')} (default skip)`],
    ['--preview', 'load the rows aside, count what would become of them, show some, and change nothing'],
    ['--yes', 'do it without asking'],
    ['--dry-run', 'print the steps and do nothing'],
    ...encryptionOptions,
  ],
  run: async ({ app, terminal, signal, options, arguments: [first = '', second = ''] = [] }) => {
    const start = performance.now();
    const [from, to] = [findDatabase(app.inventory.current, first), findDatabase(app.inventory.current, second)];
    const tables = listOption(options, 'table');
    if (tables.length === 0) throw new Failure('USAGE', 'It is not said which tables to merge.', 'Add --table NAME, once for each.');
    const merging = choiceOption(options, 'onConflict', mergeChoices) ?? 'skip';
    const safetyKey = await encryptionKeyOf(options);
    const wishes = { tables, merging, ...folderOption(options), ...(safetyKey === undefined ? {} : { safetyKey }) };
    const target = { project: to.project, service: to.service, databaseName: to.database.name };
    const plan = await app.restores.planCopy(target, { ...from, databaseName: from.database.name }, wishes, signal);
    const steps = describePlan(plan);
    if (options['dryRun'] === true) return { value: { steps: plan.steps, remarks: plan.remarks }, lines: steps };
    if (options['preview'] === true) {
      const report = await app.restores.previewMerge(plan, target, terminal.operation(signal));
      return { value: report, lines: reportLines(report, { withSamples: true }) };
    }
    if (options['yes'] !== true) {
      steps.forEach((step) => terminal.note(`- ${step}`));
      const what = `This changes rows of "${to.database.name}" in ${to.project.name}/${to.service.name}.`;
      throw confirmationMissing(what, 'Add --preview to see what would become of each row, or --yes to do it.');
    }
    const { merged, safetyBackup } = await app.restores.run(plan, target, wishes, terminal.operation(signal));
    if (merged === undefined) throw new Failure('MERGE_UNKNOWN', 'The merge gave no report.', 'Look at the tables.');
    const changed = changedRows(merged);
    return {
      value: { ...merged, safetyBackup: safetyBackup ?? null, seconds: Math.round(performance.now() - start) / 1000 },
      lines: [
        `${to.database.name}: ${changed === 1 ? '1 row' : `${formatCount(changed)} rows`} merged in ${formatDuration(performance.now() - start)}.`,
        ...reportLines(merged, { withSamples: false }),
        ...(safetyBackup === undefined ? [] : [`Safety backup: ${safetyBackup}`]),
      ],
    };
  },
};
