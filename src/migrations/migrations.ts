import path from 'node:path';
import type { Backups } from '../backup/backups';
import type { EncryptionKey } from '../backup/encryption/keys';
import type { InventoryKeeper } from '../inventory/keeper';
import { targetName, type DatabaseTarget } from '../inventory/target';
import { throwIfCancelled, type Operation } from '../operations/operation';
import { readPassword, withSession } from '../postgres/session';
import { Failure } from '../protocol/failure';
import { claimDatabase } from '../restore/swap';
import { changesDatabase, type MigrationAction } from './actions/action';
import { addressOf, certaintyOf, connectionEnvironment, type HostConnection } from './actions/environment';
import { explainFailure } from './actions/explain';
import { listInitServices, runInitService, type InitService } from './actions/initServices';
import { keepOutput, withoutSecrets } from './actions/output';
import { findPlace, type Place, type PlaceKind } from './actions/place';
import { runTool, type ToolRun } from './actions/runTool';
import { applyFiles, filesText, planFiles, type FilesPlace } from './actions/sqlFiles';
import { databaseAddress, toolCommand, type ToolCommand } from './actions/toolCommands';
import type { MigrationStatus } from './model';
import {
  reachableTargets,
  readSources,
  surveyMigrations,
  type DatabaseMigrations,
  type FoundMigrations,
  type Source,
  type Survey,
  type SurveyRequest,
} from './survey';
import { statusOf } from './status';
import { tools } from './tools/all';

/** What would be run, and where. */
export interface ToolPlan {
  readonly target: DatabaseTarget;
  readonly source: Source;
  readonly status: MigrationStatus;
  readonly action: MigrationAction;
  readonly place: (Place & { readonly command: ToolCommand }) | FilesPlace;
  /** The command as a person would type it. */
  readonly text: string;
  /** Whether the tool's connection could not be read, so that only its result tells which database it worked on. */
  readonly isConnectionUnknown: boolean;
}

export interface ActionWishes {
  /** Whether a backup is made first; only where the database is changed. */
  readonly backup: boolean;
  /** Where backups go; as the settings say when left out. */
  readonly folder?: string;
  readonly key?: EncryptionKey | 'none';
  /** Gets what the tool prints as it comes. */
  readonly onOutput?: (text: string) => void;
}

export interface ActionResult {
  readonly output: string;
  /** Standard output alone: the SQL of a preview. */
  readonly stdout: string;
  /** Where the output is kept. */
  readonly log: string;
  readonly backup?: string;
  readonly before: MigrationStatus;
  readonly after: MigrationStatus;
}

/** Migrations of the databases in the inventory: their status by reading, everything else through their own tools. */
export class Migrations {
  constructor(
    private readonly keeper: InventoryKeeper,
    private readonly backups: Backups,
    /** Where outputs are kept. */
    private readonly outputs: string,
  ) {}

  /** The migrations of databases, all that can be reached when none are named. Runs nothing of the user's. */
  async survey(request: Omit<SurveyRequest, 'targets'> & { readonly targets?: readonly DatabaseTarget[] }): Promise<Survey> {
    return surveyMigrations(this.keeper, { ...request, targets: request.targets ?? reachableTargets(this.keeper) });
  }

  /** The status of the migrations in a folder, from their files alone. Throws `MIGRATIONS_MISSING` when there are none. */
  async readFolder(folder: string): Promise<readonly MigrationStatus[]> {
    const sources = await readSources([path.resolve(folder)]);
    if (sources.length === 0) throw noMigrations(`in ${path.resolve(folder)}`);
    return sources.map((source) => statusOf(source));
  }

  /** The migrations of one database. Throws `MIGRATIONS_MISSING`, and why the database cannot be asked. */
  async of(target: DatabaseTarget, request: Omit<SurveyRequest, 'targets'>): Promise<DatabaseMigrations> {
    // Others of the project may be a better home for what is found.
    const siblings = reachableTargets(this.keeper).filter(({ project }) => project.id === target.project.id);
    const { databases, unclear } = await this.survey({ ...request, targets: siblings });
    const own = databases.find((each) => targetName(each.target) === targetName(target));
    if (own?.problem !== undefined) throw own.problem;
    if (own !== undefined && own.migrations.length > 0) return own;
    const open = unclear.find(({ choices }) => choices.includes(targetName(target)));
    if (open === undefined) throw noMigrations(`for ${targetName(target)}`);
    throw new Failure(
      'MIGRATIONS_UNCLEAR',
      `${open.source.facts.root} may belong to ${open.choices.join(' or ')}.`,
      'Name the folder for the right one, or set the connection in the configuration of the tool.',
    );
  }

  /** Decides what is run and where, by looking. Throws `ACTION_UNSUPPORTED`, `FILES_MISSING`, `TOOL_MISSING`, `MIGRATION_ELSEWHERE`. */
  async plan(target: DatabaseTarget, found: FoundMigrations, action: MigrationAction, operation: Operation, wished?: PlaceKind): Promise<ToolPlan> {
    const { status } = found;
    const { label } = tools[status.tool];
    const source = filesOf(found);
    if (status.tool === 'plain-sql' && action.kind === 'upgrade') {
      const server = this.keeper.serverOf(target.service);
      const place = await planFiles({ server, database: target.database.name, base: source.base, status, to: action.to }, operation);
      return { target, source, status, action, place, text: filesText(place), isConnectionUnknown: false };
    }
    const command = toolCommand(status.tool, action, status, configOf(source));
    if (command === undefined) {
      throw new Failure('ACTION_UNSUPPORTED', `${label} cannot do that.`, 'Use the tool itself for it.');
    }
    const container = this.keeper.containerOf(target.service);
    const engine = this.keeper.engineOf(container.endpointId);
    // In a container nothing tells how it gets to the database.
    const isAddressed = command.args.includes(databaseAddress);
    const where = isAddressed ? 'host' : wished;
    const place = await findPlace(engine, { target, source, command, label, ...(where === undefined ? {} : { wished: where }) }, operation);
    const isConnectionUnknown = place.kind === 'host' && !isAddressed && (await this.checkConnection(target, source, label)) === 'unknown';
    return { target, source, status, action, place: { ...place, command }, text: commandText(command), isConnectionUnknown };
  }

  /**
   * Carries a plan out, after a backup if that is wished; where it changes the database, no restore and no other migration
   * of it can run meanwhile. Throws what `explainFailure` gives, `MIGRATION_ELSEWHERE`, `RESTORE_RUNNING` and `CANCELLED`.
   */
  async run(plan: ToolPlan, wishes: ActionWishes, operation: Operation): Promise<ActionResult> {
    return changesDatabase(plan.action) ? this.claimed(plan.target, () => this.carryOut(plan, wishes, operation)) : this.carryOut(plan, wishes, operation);
  }

  private async carryOut(plan: ToolPlan, wishes: ActionWishes, operation: Operation): Promise<ActionResult> {
    const { target, action, status: before } = plan;
    const { label } = tools[before.tool];
    const backup = wishes.backup && changesDatabase(action) ? await this.backUpFirst(target, wishes, operation) : undefined;
    throwIfCancelled(operation);
    operation.report({ message: `Running ${plan.text}` });
    const password = await readPassword(this.keeper.serverOf(target.service));
    const run = await this.runIn(plan, (text) => wishes.onOutput?.(withoutSecrets(text, [password])), operation);
    const output = withoutSecrets(run.output, [password]);
    const log = await keepOutput(this.outputs, `${targetName(target)}_${action.kind}`, `$ ${plan.text}\n${output}\nexit code ${run.exitCode}\n`, new Date());
    if (run.exitCode !== 0) throw withBackup(explainFailure(label, output, run.exitCode), backup, log);
    const after = await this.statusNow(plan);
    if (isUntouched(action, before, after)) throw withBackup(elsewhere(label, target), backup, log);
    return { output, stdout: withoutSecrets(run.stdout, [password]), log, before, after, ...(backup === undefined ? {} : { backup }) };
  }

  private async runIn({ target, source, place }: ToolPlan, onOutput: (text: string) => void, operation: Operation): Promise<ToolRun> {
    const server = this.keeper.serverOf(target.service);
    if (place.kind === 'server') return applyFiles(server, target.database.name, place, onOutput, operation);
    const call = { engine: server.engine, place, source, onOutput };
    if (place.kind !== 'host') return runTool({ ...call, command: place.command, env: {} }, operation);
    const connection = await this.hostConnection(target);
    const args = place.command.args.map((each) => (each === databaseAddress ? addressOf(connection) : each));
    return runTool({ ...call, command: { ...place.command, args }, env: connectionEnvironment(connection, source.configuration) }, operation);
  }

  /** The services of a project that prepare its databases once, and end. */
  async initServices({ project, service }: Pick<DatabaseTarget, 'project' | 'service'>): Promise<readonly InitService[]> {
    return listInitServices(this.keeper.engineOf(this.keeper.containerOf(service).endpointId), project);
  }

  /** Runs such a service again, after a backup of the database if that is wished. Gives what it printed. */
  async runInit(target: DatabaseTarget, init: InitService, wishes: ActionWishes, operation: Operation): Promise<string> {
    return this.claimed(target, async () => {
      if (wishes.backup) await this.backUpFirst(target, wishes, operation);
      const engine = this.keeper.engineOf(this.keeper.containerOf(target.service).endpointId);
      const password = await readPassword(this.keeper.serverOf(target.service));
      return withoutSecrets(await runInitService(engine, init, operation), [password]);
    });
  }

  /** The claim is held by a session that does nothing else, and ends with it. */
  private async claimed<T>({ service, database }: DatabaseTarget, work: () => Promise<T>): Promise<T> {
    const server = this.keeper.serverOf(service);
    return withSession(server, server.maintenanceDatabase, {}, async (session) => {
      await claimDatabase(session, database.name);
      return work();
    });
  }

  private async backUpFirst(target: DatabaseTarget, { folder, key }: ActionWishes, operation: Operation): Promise<string> {
    const made = await this.backups.backUp(
      target,
      { reason: 'safety', ...(folder === undefined ? {} : { folder }), ...(key === undefined ? {} : { key }) },
      operation,
    );
    return made.file;
  }

  private async statusNow({ target, source, status }: ToolPlan): Promise<MigrationStatus> {
    const location = source.facts.locations[0] ?? '';
    const remembered = (): readonly string[] => [targetName(target)];
    const { databases } = await surveyMigrations(this.keeper, { targets: [target], folders: [source.base], remembered });
    const found = databases[0]?.migrations.find((each) => each.source?.facts.locations[0] === location);
    return found?.status ?? status;
  }

  private async hostConnection({ service, database }: DatabaseTarget): Promise<HostConnection> {
    const server = this.keeper.serverOf(service);
    if (server.published === undefined) {
      throw new Failure(
        'PORT_NOT_PUBLISHED',
        `The port of ${service.projectName}/${service.name} is not published, so that nothing on this host can reach it.`,
        'Publish it in the Compose file, or run the service that has the tool.',
      );
    }
    return { ...server.published, user: server.user, password: await readPassword(server), database: database.name };
  }

  private async checkConnection(target: DatabaseTarget, { configuration, facts }: Source, label: string): Promise<ReturnType<typeof certaintyOf>> {
    const certainty = certaintyOf(configuration, facts.connections, await this.hostConnection(target));
    if (certainty === 'elsewhere') throw elsewhere(label, target);
    return certainty;
  }
}

/** Where the files of migrations are. Throws `FILES_MISSING`. */
export function filesOf({ source }: FoundMigrations): Source {
  if (source !== undefined) return source;
  throw new Failure('FILES_MISSING', 'The files of these migrations were not found.', 'Open the folder that holds them.');
}

function configOf({ folder }: Source): readonly string[] {
  return folder.config.map((file) => path.posix.relative(folder.root, file));
}

function noMigrations(where: string): Failure {
  return new Failure('MIGRATIONS_MISSING', `No migrations were found ${where}.`, 'Run this in the folder of the project, or name the folder.');
}

function elsewhere(label: string, target: DatabaseTarget): Failure {
  return new Failure(
    'MIGRATION_ELSEWHERE',
    `${label} is configured for another database than ${targetName(target)}.`,
    'Set the connection in its configuration to this database, or have it read DATABASE_URL.',
  );
}

/** A tool that says that all went well, while nothing has changed here, worked on another database. */
function isUntouched(action: MigrationAction, before: MigrationStatus, after: MigrationStatus): boolean {
  if (action.kind !== 'upgrade' && action.kind !== 'downgrade') return false;
  const { to, kind } = action;
  const left = kind === 'upgrade' ? before.pending : before.applied;
  const isThere = to.kind === 'revision' && (kind === 'upgrade' ? before.applied : before.current).includes(to.revision);
  return left.length > 0 && !isThere && after.applied.length === before.applied.length;
}

function withBackup({ code, message, remedy, cause }: Failure, backup: string | undefined, log: string): Failure {
  const kept = backup === undefined ? '' : ` The backup made before it: ${backup}.`;
  return new Failure(code, message, `${remedy}${kept} Its output: ${log}`, cause);
}

function commandText({ program, args }: ToolCommand): string {
  const name = program.kind === 'python script' ? `python ${program.file}` : program.name;
  return [name, ...args.map((each) => (/^[\w.,:/@=+-]+$/.test(each) ? each : JSON.stringify(each)))].join(' ');
}
