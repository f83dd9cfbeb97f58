import { homedir } from 'node:os';
import type { Backup } from '../../backup/catalogue';
import { parseLocation } from '../../backup/offsite/location';
import { planPruneOffsite, pruneOffsite } from '../../backup/offsite/pruneOffsite';
import { openStore } from '../../backup/offsite/store';
import type { BackupsWanted } from '../../backup/backups';
import { countFailed, pruneResult, type PruneResult } from '../../backup/prune';
import { readPolicy, type RetentionDecision, type RetentionPolicy } from '../../backup/retention';
import { retentionReason, retentionSentence } from '../../backup/retentionText';
import type { Inventory } from '../../inventory/model';
import { findPlace, findService } from '../../inventory/target';
import { formatBytes } from '../../protocol/format';
import { confirmationMissing, folderOption, textOption, type CliCommand, type CommandContext, type CommandOption, type CommandResult } from '../command';
import { columns } from '../terminal';

/** The options that say which backups stay. */
export const policyOptions: readonly CommandOption[] = [
  ['--keep-last <n>', 'keep the newest n'],
  ['--keep-daily <n>', 'keep the newest of each of the last n days that have backups'],
  ['--keep-weekly <n>', 'the same for weeks, which begin on Monday'],
  ['--keep-monthly <n>', 'the same for months'],
  ['--max-age <days>', 'keep none that is older, whatever the other rules say'],
];

/** Removes the backups that no rule keeps. */
export const pruneCommand: CliCommand = {
  name: 'prune',
  summary: 'remove old backups by rules; only verified ones count, and the last good one of each database stays',
  argument: ['[target]', 'a project, service or database; all of them when left out'],
  options: [
    ...policyOptions,
    ['--at <location>', 'among the copies in another place instead'],
    ['--yes', 'do it without asking'],
    ['--dry-run', 'print what would be removed, and remove nothing'],
  ],
  run: async (context) => {
    const { app, terminal, signal, argument, options } = context;
    const policy = policyOf(options);
    const wanted = wantedBackups(app.inventory.current, argument).map((each) => ({ ...each, ...folderOption(options) }));
    const place = textOption(options, 'at');
    if (place !== undefined) return pruneCopies(context, wanted, policy, place);
    if (options['dryRun'] === true || options['yes'] !== true) return preview(context, wanted, policy);
    const results: PruneResult[] = [];
    for (const each of wanted) results.push(await app.backups.prune(each, policy, terminal.operation(signal)));
    return resultOf(
      results.flatMap(({ kept, removed }) => [...kept, ...removed]),
      false,
    );
  },
};

async function pruneCopies(context: CommandContext, wanted: readonly BackupsWanted[], policy: RetentionPolicy, place: string): Promise<CommandResult> {
  const { terminal, signal, options } = context;
  const store = await openStore(parseLocation(place, homedir()));
  const belongs = ({ manifest }: Backup): boolean =>
    wanted.some(
      ({ project, service, database }) =>
        manifest?.project === project.name && manifest.service === (service ?? manifest.service) && manifest.database === (database ?? manifest.database),
    );
  if (options['dryRun'] === true || options['yes'] !== true) {
    return refuseOrShow(context, await planPruneOffsite(store, policy, belongs, signal));
  }
  const { kept, removed } = await pruneOffsite(store, policy, belongs, terminal.operation(signal));
  return resultOf([...kept, ...removed], false);
}

/** What would be done: the result of `--dry-run`, else the reason for not doing it. */
async function preview(context: CommandContext, wanted: readonly BackupsWanted[], policy: RetentionPolicy): Promise<CommandResult> {
  return refuseOrShow(context, (await Promise.all(wanted.map((each) => context.app.backups.planPrune(each, policy)))).flat());
}

function refuseOrShow({ terminal, options }: CommandContext, decisions: readonly RetentionDecision[]): CommandResult {
  if (options['dryRun'] === true) return resultOf(decisions, true);
  const { removed, freedBytes } = pruneResult(onePerFile(decisions));
  for (const decision of removed) terminal.note(`- ${decision.backup.file}: ${retentionSentence(decision, new Date())}`);
  throw confirmationMissing(`This removes ${backupsText(removed.length)} (${formatBytes(freedBytes)}) for good.`);
}

/** Projects of two engines may share a folder, and files that nobody knows are listed with each. */
function onePerFile(decisions: readonly RetentionDecision[]): readonly RetentionDecision[] {
  return [...new Map(decisions.map((decision) => [decision.backup.file, decision])).values()];
}

function resultOf(decisions: readonly RetentionDecision[], dryRun: boolean): CommandResult {
  const now = new Date();
  const result = pruneResult(onePerFile(decisions));
  const { kept, removed, freedBytes } = result;
  const listing = (decision: RetentionDecision): unknown => ({ file: decision.backup.file, reason: retentionReason(decision, now) });
  const failed = countFailed(result);
  return {
    value: { kept: kept.map(listing), removed: removed.map(listing), freedBytes, dryRun },
    lines: [
      ...columns([...removed, ...kept].map((each) => [each.backup.file, formatBytes(each.backup.sizeBytes), retentionSentence(each, now)])),
      `${backupsText(removed.length)} ${dryRun ? 'would be removed' : 'removed'}, ${formatBytes(freedBytes)}; ${kept.length} kept.`,
      ...(failed === 0 ? [] : [`${backupsText(failed)} could not be removed, or not with all that lies beside.`]),
    ],
    incomplete: failed > 0,
  };
}

function backupsText(count: number): string {
  return count === 1 ? '1 backup' : `${count} backups`;
}

/** The rules that the options say; empty when they say none. Throws `POLICY_INVALID`. */
export function policyOf(options: CommandContext['options']): RetentionPolicy {
  const names = { last: 'keepLast', daily: 'keepDaily', weekly: 'keepWeekly', monthly: 'keepMonthly', maxAgeDays: 'maxAge' };
  const given = Object.entries(names).flatMap(([rule, name]) => {
    const text = options[name];
    // What is no number in digits stays text, and is refused as such.
    return typeof text !== 'string' ? [] : [[rule, /^\d+$/.test(text) ? Number(text) : text] as const];
  });
  return readPolicy(Object.fromEntries(given));
}

/** Whose backups a text means: of a project, of one of its services, or of a database, which need no longer be there. */
export function wantedBackups(inventory: Inventory, text: string): readonly BackupsWanted[] {
  if (text === '') return inventory.projects.map((project) => ({ project }));
  const projects = inventory.projects.filter(({ name }) => name === text);
  if (projects.length > 0) return projects.length === 1 ? projects.map((project) => ({ project })) : [{ project: findService(inventory, text).project }];
  const services = inventory.projects.flatMap((project) => project.services.map((service) => ({ project, service })));
  const named = services.filter(({ project, service }) => [service.name, `${project.name}/${service.name}`, service.container?.name].includes(text));
  if (named.length === 0) {
    const { project, service, databaseName } = findPlace(inventory, text);
    return [{ project, service: service.name, database: databaseName }];
  }
  const { project, service } = findService(inventory, text);
  return [{ project, service: service.name }];
}
