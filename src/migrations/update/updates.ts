import path from 'node:path';
import type { Backup } from '../../backup/catalogue';
import type { Backups } from '../../backup/backups';
import type { EncryptionKey } from '../../backup/encryption/keys';
import { look } from '../../health/look';
import type { InventoryKeeper } from '../../inventory/keeper';
import { findDependents, startServices, stopServices } from '../../operations/dependents';
import { throwIfCancelled, type Operation } from '../../operations/operation';
import { withSession } from '../../postgres/session';
import { asFailure, Failure } from '../../protocol/failure';
import type { Restores } from '../../restore/restores';
import type { ActionResult, Migrations, ToolPlan } from '../migrations';
import { brokenBy, changesBetween, failureOfRehearsal, readState, type Changes, type DatabaseState, type Rehearsal } from './rehearse';
import type { Rehearsals } from './rehearsals';

export interface UpdateWishes {
  /** Whether the services that use the database and run are restarted afterwards. */
  readonly restart: boolean;
  /** Whether the backup is restored at once when the migration fails, or leaves something broken. */
  readonly restoreOnFailure: boolean;
  readonly folder?: string;
  readonly key?: EncryptionKey;
  readonly onOutput?: (text: string) => void;
  /** Is told of every step that begins or ends. */
  readonly onSteps?: (progress: UpdateProgress) => void;
}

/** How far an update has come. */
export interface UpdateProgress {
  readonly steps: readonly UpdateStep[];
  readonly running?: UpdateStep['name'];
}

/** One step of an update, as it went. */
export interface UpdateStep {
  readonly name: 'backup' | 'rehearsal' | 'migration' | 'validation' | 'restart' | 'restore';
  readonly state: 'done' | 'skipped' | 'failed';
  readonly milliseconds: number;
  readonly message: string;
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

/** Migrations with a net: backed up, rehearsed on a copy, carried out, looked at, and taken back when they fail. */
export class Updates {
  constructor(
    private readonly keeper: InventoryKeeper,
    private readonly backups: Backups,
    private readonly restores: Restores,
    private readonly migrations: Migrations,
    private readonly rehearsals: Rehearsals,
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
    if (backup === undefined) return course.report('not begun');
    const before = await this.stateOf(plan, operation);
    const rehearsal = await this.rehearsal(plan, backup, wishes, course, operation);
    const told = { backup: backup.file, ...(rehearsal === undefined ? {} : { rehearsal }) };
    if (course.failure !== undefined) return { ...course.report('not begun'), ...told };
    throwIfCancelled(operation);
    // From here on the database changes; whoever cancels now would leave nobody to look after it.
    const unstoppable = { ...operation, signal: new AbortController().signal };
    const result = await this.migrate(plan, wishes, course, unstoppable);
    const changes = course.failure === undefined ? await this.validated(plan, before, course, unstoppable) : undefined;
    if (course.failure === undefined && wishes.restart) await this.restart(plan, course);
    const all = { ...told, ...(changes === undefined ? {} : { changes }), ...(result === undefined ? {} : { result }) };
    if (course.failure === undefined) return { ...course.report('updated'), ...all };
    const isBack = wishes.restoreOnFailure && (await this.goBack(plan, backup, wishes, course, unstoppable));
    return { ...course.report(isBack ? 'restored' : 'failed'), ...all };
  }

  private backUp({ target }: ToolPlan, { folder, key }: UpdateWishes, operation: Operation): Promise<Backup> {
    const wishes = { reason: 'safety', ...(folder === undefined ? {} : { folder }), ...(key === undefined ? {} : { key }) } as const;
    return this.backups.backUp(target, wishes, operation);
  }

  private stateOf({ target }: ToolPlan, { signal }: Operation): Promise<DatabaseState> {
    return look(this.keeper.serverOf(target.service), target.database.name, readState, { signal, statementTimeout: 0 });
  }

  /** The backup is proven by the copy that the migrations are rehearsed on. */
  private async rehearsal(plan: ToolPlan, backup: Backup, { key }: UpdateWishes, course: Course, operation: Operation): Promise<Rehearsal | undefined> {
    const { target, source, status, action } = plan;
    return course.step('rehearsal', 'Rehearsing on a copy', async () => {
      if (key?.kind === 'recipients') return { message: 'Left out: the backup is encrypted for others, so that it cannot be read here.' };
      const to = action.kind === 'upgrade' ? action.to : ({ kind: 'all' } as const);
      const sql = await this.rehearsals.previewOf({ target, found: { source, status }, to }, operation).catch((error: unknown) => asFailure(error));
      const reader = { server: this.keeper.serverOf(target.service), ...(key === undefined ? {} : { key }) };
      if (sql instanceof Failure) {
        await this.restores.test(backup, reader, operation);
        return { message: `The backup was restored into a copy; the migrations were not rehearsed: ${sql.message}` };
      }
      const value = await this.rehearsals.on((use) => this.restores.test(backup, reader, operation, use), target, sql, operation);
      const failure = failureOfRehearsal(value);
      if (failure !== undefined) return { value, message: 'They fail on a copy.', failure };
      return { value, message: 'They ran through on a copy made of the backup.' };
    });
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
      await stopServices(engine, project.name, running);
      await startServices(engine, project.name, running);
      return { message: running.length === 0 ? 'Nothing that uses the database runs.' : running.join(', ') };
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

interface Outcome<T> {
  readonly message: string;
  readonly value?: T;
  /** Makes the step a failed one, though it has a value. */
  readonly failure?: Failure;
}

/** The steps so far, and the first failure among them. */
class Course {
  private readonly steps: UpdateStep[] = [];
  failure: Failure | undefined;

  constructor(
    private readonly operation: Operation,
    private readonly onSteps: UpdateWishes['onSteps'],
  ) {}

  /** Does a step, and notes how it went. Throws only `CANCELLED`. */
  async step<T>(name: UpdateStep['name'], title: string, work: () => Promise<Outcome<T>>): Promise<T | undefined> {
    this.operation.report({ message: title });
    this.onSteps?.({ steps: this.steps, running: name });
    const start = performance.now();
    const note = (state: UpdateStep['state'], message: string): void => {
      this.steps.push({ name, state, milliseconds: performance.now() - start, message });
      this.onSteps?.({ steps: this.steps });
    };
    try {
      const { value, message, failure } = await work();
      note(failure === undefined ? 'done' : 'failed', message);
      this.failure ??= failure;
      return value;
    } catch (error) {
      if (this.operation.signal.aborted) throw error;
      const failure = asFailure(error);
      note('failed', `${failure.message} ${failure.remedy}`);
      this.failure ??= failure;
      return undefined;
    }
  }

  report(state: UpdateReport['state']): UpdateReport {
    return { state, steps: this.steps, ...(this.failure === undefined ? {} : { failure: this.failure }) };
  }
}
