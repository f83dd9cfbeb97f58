import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Backup } from '../../backup/catalogue';
import type { Backups } from '../../backup/backups';
import type { EncryptionKey } from '../../backup/encryption/keys';
import type { HealthOptions, Healths } from '../../health/healths';
import { look } from '../../health/look';
import type { Health } from '../../health/model';
import type { InventoryKeeper } from '../../inventory/keeper';
import { findDependents, restartServices } from '../../operations/dependents';
import { throwIfCancelled, type Operation } from '../../operations/operation';
import { withSession } from '../../postgres/session';
import { Failure } from '../../protocol/failure';
import type { Restores } from '../../restore/restores';
import type { ActionResult, Migrations, ToolPlan } from '../migrations';
import { Course, type UpdateProgress, type UpdateStep } from './course';
import { compareHealth } from './healthChange';
import { downgradeStep } from './downgradeStep';
import { brokenBy, changesBetween, failureOfRehearsal, readState, type Changes, type DatabaseState, type Rehearsal } from './rehearse';
import type { Rehearsals } from './rehearsals';
import type { Scripts } from './scripts';

export interface UpdateWishes {
  /** Whether the services that use the database and run are restarted afterwards. */
  readonly restart: boolean;
  /** Whether the backup is restored at once when the migration fails, or leaves something broken. */
  readonly restoreOnFailure: boolean;
  readonly folder?: string;
  readonly key?: EncryptionKey;
  /** By which limits the service is judged before and after. */
  readonly health?: Pick<HealthOptions, 'thresholds' | 'urls'>;
  readonly onOutput?: (text: string) => void;
  /** Is told of every step that begins or ends. */
  readonly onSteps?: (progress: UpdateProgress) => void;
}

export interface UpdateReport {
  /** `not begun`: the database was not touched. `restored`: it is again what it was before. */
  readonly state: 'updated' | 'not begun' | 'failed' | 'restored';
  readonly steps: readonly UpdateStep[];
  /** The file to go back to. */
  readonly backup?: string;
  readonly rehearsal?: Rehearsal;
  readonly changes?: Changes;
  readonly failure?: Failure;
  readonly result?: ActionResult;
}

/** Milliseconds for which a service may settle after an update. */
const settling = 20_000;

/** Migrations with a net: backed up, rehearsed on a copy, carried out, looked at, and taken back when they fail. */
export class Updates {
  constructor(
    private readonly keeper: InventoryKeeper,
    private readonly backups: Backups,
    private readonly restores: Restores,
    private readonly migrations: Migrations,
    private readonly rehearsals: Rehearsals,
    private readonly healths: Healths,
  ) {}

  /**
   * Carries the plan of an upgrade out, step by step; what fails ends it, and is told in the report. Nothing of the database is
   * changed before its backup has been restored into a copy, and the migrations have run there as far as their SQL can be
   * known. Throws only `CANCELLED`, and only before the database is changed.
   */
  async run(plan: ToolPlan, wishes: UpdateWishes, operation: Operation): Promise<UpdateReport> {
    const course = new Course(operation, wishes.onSteps);
    const backup = await course.step('backup', 'Backing up', async () => {
      const made = await this.backUp(plan, wishes, operation);
      return { value: made, message: path.basename(made.file) };
    });
    if (backup === undefined) return reportOf(course, 'not begun');
    const before = await this.stateOf(plan, operation);
    const health = await this.healthOf(plan, wishes, operation.signal);
    const rehearsal = await this.rehearsal(plan, backup, wishes, course, operation);
    const told = { backup: backup.file, ...(rehearsal === undefined ? {} : { rehearsal }) };
    if (course.failure !== undefined) return { ...reportOf(course, 'not begun'), ...told };
    throwIfCancelled(operation);
    // From here on the database changes; whoever cancels now would leave nobody to look after it.
    const unstoppable = { ...operation, signal: new AbortController().signal };
    const result = await this.migrate(plan, wishes, course, unstoppable);
    const changes = course.failure === undefined ? await this.validated(plan, before, course, unstoppable) : undefined;
    if (course.failure === undefined && wishes.restart) await this.restart(plan, course);
    if (course.failure === undefined) await this.judged(plan, wishes, health, course, unstoppable);
    const all = { ...told, ...(changes === undefined ? {} : { changes }), ...(result === undefined ? {} : { result }) };
    if (course.failure === undefined) return { ...reportOf(course, 'updated'), ...all };
    const isBack = wishes.restoreOnFailure && (await this.goBack(plan, backup, wishes, course, unstoppable));
    return { ...reportOf(course, isBack ? 'restored' : 'failed'), ...all };
  }

  private backUp({ target }: ToolPlan, { folder, key }: UpdateWishes, operation: Operation): Promise<Backup> {
    const wishes = { reason: 'safety', ...(folder === undefined ? {} : { folder }), ...(key === undefined ? {} : { key }) } as const;
    return this.backups.backUp(target, wishes, operation);
  }

  private stateOf({ target }: ToolPlan, { signal }: Operation): Promise<DatabaseState> {
    return look(this.keeper.serverOf(target.service), target.database.name, readState, { signal, statementTimeout: 0 });
  }

  /** The backup is proven by the copy that the migrations are rehearsed on, and taken back, where there is a way. */
  private async rehearsal(plan: ToolPlan, backup: Backup, { key }: UpdateWishes, course: Course, operation: Operation): Promise<Rehearsal | undefined> {
    const { target } = plan;
    const found: { scripts?: Scripts } = {};
    const rehearsal = await course.step('rehearsal', 'Rehearsing on a copy', async () => {
      if (key?.kind === 'recipients') return { message: 'Left out: the backup is encrypted for others, so that it cannot be read here.' };
      const scripts = (found.scripts = await this.rehearsals.scriptsOf(plan, operation));
      const reader = { server: this.keeper.serverOf(target.service), ...(key === undefined ? {} : { key }) };
      if (scripts.up instanceof Failure) {
        await this.restores.test(backup, reader, operation);
        return { message: `The backup was restored into a copy; the migrations were not rehearsed: ${scripts.up.message}` };
      }
      const value = await this.rehearsals.on((use) => this.restores.test(backup, reader, operation, use), plan, scripts, operation);
      const failure = failureOfRehearsal(value);
      if (failure !== undefined) return { value, message: 'They fail on a copy.', failure };
      return { value, message: 'They ran through on a copy made of the backup.' };
    });
    if (course.failure === undefined && found.scripts !== undefined) course.note(downgradeStep(found.scripts, rehearsal?.downgrade));
    return rehearsal;
  }

  private migrate(plan: ToolPlan, { onOutput }: UpdateWishes, course: Course, operation: Operation): Promise<ActionResult | undefined> {
    return course.step('migration', `Running ${plan.text}`, async () => {
      const value = await this.migrations.run(plan, { backup: false, ...(onOutput === undefined ? {} : { onOutput }) }, operation);
      return { value, message: `${value.before.current.join(', ') || 'base'} → ${value.after.current.join(', ') || 'base'}` };
    });
  }

  private validated(plan: ToolPlan, before: DatabaseState, course: Course, operation: Operation): Promise<Changes | undefined> {
    return course.step('validation', 'Validating', async () => {
      const value = changesBetween(before, await this.stateOf(plan, operation));
      const failure = brokenBy(value);
      return { value, message: failure?.message ?? 'Sound.', ...(failure === undefined ? {} : { failure }) };
    });
  }

  private restart({ target: { service, project } }: ToolPlan, course: Course): Promise<undefined> {
    return course.step('restart', 'Restarting what uses the database', async () => {
      const { engine, maintenanceDatabase, ...server } = this.keeper.serverOf(service);
      const dependents = await withSession({ engine, maintenanceDatabase, ...server }, maintenanceDatabase, {}, (session) =>
        findDependents(engine, service, session),
      );
      const running = dependents.flatMap((each) => (each.running ? [each.service] : []));
      await restartServices(engine, project.name, running);
      return { message: running.length === 0 ? 'Nothing that uses the database runs.' : running.join(', ') };
    });
  }

  /** Absent where nobody said by which limits, or where it cannot be told: an update does not fail for that. */
  private async healthOf({ target }: ToolPlan, { health, folder }: UpdateWishes, signal: AbortSignal): Promise<Health | undefined> {
    if (health === undefined) return undefined;
    const options = { ...health, ...(folder === undefined ? {} : { folder }) };
    return this.healths.of(target.project, target.service, options, signal).catch((error: unknown) => {
      if (signal.aborted) throw error;
      return undefined;
    });
  }

  /** Asks again while something that is new may be over in a moment, as when services have just started. */
  private async judged(plan: ToolPlan, wishes: UpdateWishes, before: Health | undefined, course: Course, operation: Operation): Promise<void> {
    if (before === undefined) return;
    await course.step<undefined>('health', 'Looking at the health of the service', async () => {
      for (const end = Date.now() + settling; ; await pause(settling / 20)) {
        const after = await this.healthOf(plan, wishes, operation.signal);
        if (after === undefined) return { state: 'skipped', message: 'The service could not be asked.' };
        const outcome = compareHealth(before, after);
        if (!outcome.isPassing || Date.now() >= end) return outcome;
      }
    });
  }

  private async goBack(plan: ToolPlan, backup: Backup, { folder, key }: UpdateWishes, course: Course, operation: Operation): Promise<boolean> {
    const { project, service, database } = plan.target;
    const place = { project, service, databaseName: database.name };
    const options = { ...(folder === undefined ? {} : { folder }), ...(key === undefined || key.kind === 'recipients' ? {} : { key, safetyKey: key }) };
    let isBack = false;
    await course.step('restore', 'Restoring the backup', async () => {
      const planned = await this.restores.plan(place, backup, options, operation.signal);
      const { undo = '' } = await this.restores.run(planned, place, options, operation);
      isBack = true;
      return { message: `The database is what it was before. What the update made of it is kept as ${undo}.` };
    });
    return isBack;
  }
}

function reportOf({ steps, failure }: Course, state: UpdateReport['state']): UpdateReport {
  return { state, steps, ...(failure === undefined ? {} : { failure }) };
}
