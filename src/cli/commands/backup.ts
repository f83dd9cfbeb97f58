import { homedir } from 'node:os';
import type { BackupWishes } from '../../backup/backups';
import type { Backup } from '../../backup/catalogue';
import { parseLocation } from '../../backup/offsite/location';
import type { RetentionPolicy } from '../../backup/retention';
import { databasesAt, findService, targetName, type DatabaseTarget } from '../../inventory/target';
import { asFailure, cancelledCode, Failure } from '../../protocol/failure';
import { formatBytes, formatDuration } from '../../protocol/format';
import { encryptionKeyOf, encryptionOptions } from '../encryptionKeys';
import { choiceOption, confirmationMissing, folderOption, listOption, textOption, type CliCommand, type CommandContext, type CommandResult } from '../command';
import { policyOf, policyOptions } from './prune';

interface Made {
  readonly target: DatabaseTarget;
  readonly backup: Backup;
  readonly milliseconds: number;
}

/** Backs a database up, or all databases of a service. */
export const backupCommand: CliCommand = {
  name: 'backup',
  summary: 'back a database up, verified by reading it whole',
  argument: ['<target>', 'project/service/database, or any shorter form that fits only one'],
  options: [
    ['--format <format>', 'auto, custom, directory, plain or volume (all databases of a service as files); auto when left out'],
    ['--stop', 'of a volume: stop the service and what uses it for the copy, cleanly, and start them again (needs --yes)'],
    ['--yes', 'stop without asking'],
    ['--compression <program>', 'of a plain dump: auto, none, gzip or zstd'],
    ['--scope <scope>', 'full, schema or data; full when left out'],
    ['--table <name>', 'only this table, such as public.users; may be given several times', 'repeated'],
    ['--no-roles', 'without the roles of the server beside it'],
    ['--all', 'all databases of the service'],
    ...encryptionOptions,
    ['--to <location>', 'copy it to another place as well: a folder, sftp://…, or s3://…'],
    ...policyOptions,
  ],
  run: async (context) => {
    const { app, terminal, signal, argument, options } = context;
    refuseContradictions(options);
    const following = followingOf(options);
    if (options['format'] === 'volume') return backUpVolume(context, following);
    const plain = readWishes(options);
    const targets = databasesAt(app.inventory.current, argument, options['all'] === true);
    const key = await encryptionKeyOf(options);
    const wishes = { ...plain, ...(key === undefined ? {} : { key }) };
    const backUpOne = async (target: DatabaseTarget): Promise<Made> => {
      const start = performance.now();
      const operation = terminal.operation(signal);
      const { backup } = await app.backups.follow(await app.backups.backUp(target, wishes, operation), operation, following);
      return { target, backup, milliseconds: performance.now() - start };
    };
    const [first] = targets;
    if (options['all'] === true || first === undefined) return resultOfAll(await eachForItself(targets, backUpOne));
    const made = await backUpOne(first);
    return { value: listing(made), lines: linesOf(made) };
  },
};

interface NotMade {
  readonly target: DatabaseTarget;
  readonly failure: Failure;
}

/** Backs them all up: what one fails with is no reason to leave the others without a backup. Throws `CANCELLED`. */
async function eachForItself(targets: readonly DatabaseTarget[], backUpOne: (target: DatabaseTarget) => Promise<Made>): Promise<readonly (Made | NotMade)[]> {
  const outcomes: (Made | NotMade)[] = [];
  for (const target of targets) {
    const outcome = await backUpOne(target).catch((error: unknown): NotMade => ({ target, failure: asFailure(error) }));
    if ('failure' in outcome && outcome.failure.code === cancelledCode) throw outcome.failure;
    outcomes.push(outcome);
  }
  return outcomes;
}

function resultOfAll(outcomes: readonly (Made | NotMade)[]): CommandResult {
  const made = outcomes.filter((each) => 'backup' in each);
  const failed = outcomes.filter((each) => 'failure' in each);
  const failures = failed.map(({ target, failure: { code, message, remedy } }) => ({ database: targetName(target), error: { code, message, remedy } }));
  return {
    value: { backups: made.map(listing), ...(failures.length === 0 ? {} : { failed: failures }) },
    lines: [...made.flatMap(linesOf), ...failures.map(({ database, error }) => `${database}: ${error.code}: ${error.message} ${error.remedy}`)],
    incomplete: failures.length > 0,
  };
}

function linesOf({ backup, milliseconds }: Made): readonly string[] {
  return [backup.file, `${formatBytes(backup.sizeBytes)}, read whole, in ${formatDuration(milliseconds)}`, ...(backup.manifest?.remarks ?? [])];
}

/** What comes after the backup; refused before it rather than after. Throws `POLICY_INVALID`, `LOCATION_INVALID`. */
function followingOf(options: CommandContext['options']): { readonly to: string; readonly keep: RetentionPolicy } {
  const to = textOption(options, 'to') ?? '';
  if (to !== '') parseLocation(to, homedir());
  return { to, keep: policyOf(options) };
}

/** Throws `USAGE` where one option would silently be passed over for another. */
function refuseContradictions(options: CommandContext['options']): void {
  const given = (name: string): boolean => (Array.isArray(options[name]) ? listOption(options, name).length > 0 : options[name] !== undefined);
  const refuse = (what: string, remedy: string): never => {
    throw new Failure('USAGE', what, remedy);
  };
  const isVolume = options['format'] === 'volume';
  if (isVolume) {
    const idle = ['all', 'table', 'scope', 'compression'].find(given) ?? (options['roles'] === false ? 'no-roles' : undefined);
    if (idle !== undefined) refuse(`--${idle} means nothing for a volume, which is copied whole.`, `Leave out --${idle}, or choose another format.`);
    return;
  }
  if (options['stop'] === true) refuse('--stop is for the copy of a volume only.', 'Add --format volume, or leave out --stop.');
  if (given('table') && given('scope')) refuse('Chosen tables are a scope of their own.', 'Leave out --table or --scope.');
  if (given('compression') && options['format'] !== 'plain') {
    refuse('--compression is for plain dumps; the other formats compress by themselves.', 'Add --format plain, or leave out --compression.');
  }
}

async function backUpVolume({ app, terminal, signal, argument, options }: CommandContext, following: ReturnType<typeof followingOf>): Promise<CommandResult> {
  const start = performance.now();
  const place = findService(app.inventory.current, argument);
  const operation = terminal.operation(signal);
  const mode = options['stop'] === true ? 'stopped' : 'auto';
  const { interrupts } = await app.backups.planVolume(place, mode, operation);
  if (interrupts && options['yes'] !== true) {
    throw confirmationMissing(`${place.project.name}/${place.service.name} and what uses it are stopped while the volume is copied.`, 'Add --yes to do it.');
  }
  const key = await encryptionKeyOf(options);
  const made = await app.backups.backUpVolume(place, { mode, reason: 'manual', ...folderOption(options), ...(key === undefined ? {} : { key }) }, operation);
  const { backup } = await app.backups.follow(made, operation, following);
  const milliseconds = performance.now() - start;
  const { file, sizeBytes, manifest } = backup;
  return {
    value: {
      file,
      sizeBytes,
      sha256: manifest?.sha256,
      verified: manifest?.verified,
      seconds: Math.round(milliseconds) / 1000,
      format: 'volume',
      remarks: manifest?.remarks ?? [],
    },
    lines: [
      file,
      `${formatBytes(sizeBytes)}, ${manifest?.verified === 'restored' ? 'booted and counted' : 'hashed'}, in ${formatDuration(milliseconds)}`,
      ...(manifest?.remarks ?? []),
    ],
  };
}

function readWishes(options: Readonly<Record<string, unknown>>): BackupWishes {
  const tables = listOption(options, 'table');
  return {
    reason: 'manual',
    format: choiceOption(options, 'format', ['auto', 'custom', 'directory', 'plain']) ?? 'auto',
    compression: choiceOption(options, 'compression', ['auto', 'none', 'gzip', 'zstd']) ?? 'auto',
    scope: tables.length > 0 ? 'tables' : (choiceOption(options, 'scope', ['full', 'schema', 'data']) ?? 'full'),
    tables,
    roles: options['roles'] !== false,
    ...folderOption(options),
  };
}

/** The shape that scripts rely on. */
function listing({ target, backup, milliseconds }: Made): unknown {
  const { manifest, file, sizeBytes } = backup;
  return {
    file,
    sizeBytes,
    sha256: manifest?.sha256,
    verified: manifest?.verified,
    seconds: Math.round(milliseconds) / 1000,
    database: targetName(target),
    format: manifest?.format,
    scope: manifest?.scope,
    encryption: manifest?.encryption,
    offsite: manifest?.offsite ?? [],
    remarks: manifest?.remarks ?? [],
  };
}
