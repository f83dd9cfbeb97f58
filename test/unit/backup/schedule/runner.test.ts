import assert from 'node:assert/strict';
import type { Backup } from '../../../../src/backup/catalogue';
import type { HeldLock } from '../../../../src/backup/schedule/owner';
import type { RunRecord } from '../../../../src/backup/schedule/records';
import { runSchedule } from '../../../../src/backup/schedule/run';
import { ScheduleRunner, type RunnerParts } from '../../../../src/backup/schedule/runner';
import type { Schedule } from '../../../../src/backup/schedule/schedule';
import { cancelled, Failure } from '../../../../src/protocol/failure';
import { fakeOperation } from '../../operations/fakeOperation';
import { rejectsWith } from '../../operations/rejectsWith';
import { recordOf, scheduleOf } from './scheduleParts';

const at = (day: number, hour: number, minute = 0): Date => new Date(2026, 10, day, hour, minute);
const made: Backup = { file: '/b/reims.dump', sizeBytes: 96_000_000, finishedAt: at(2, 3) };

/** A host with a clock that moves only when it is told to. */
class World {
  now = at(1, 12);
  schedules: readonly Schedule[] = [scheduleOf()];
  readonly records = new Map<string, RunRecord[]>();
  readonly backedUp: string[] = [];
  readonly claims = new Set<string>();
  readonly lines: string[] = [];
  owner: object | undefined;
  outcome: () => Promise<Backup> = () => Promise.resolve(made);
  waits: { readonly until: Date; readonly work: () => void }[] = [];

  parts(): RunnerParts {
    const note = (message: string): void => void this.lines.push(message);
    return {
      read: () => Promise.resolve({ schedules: this.schedules, problems: [] }),
      records: {
        read: (id) => Promise.resolve(this.records.get(id) ?? []),
        append: async (id, record) => void this.records.set(id, [...(this.records.get(id) ?? []), record]),
      },
      own: () =>
        Promise.resolve(
          this.lock(
            () => this.owner,
            (owner) => (this.owner = owner),
          ),
        ),
      claim: (id) =>
        Promise.resolve(
          this.lock(
            () => (this.claims.has(id) ? {} : undefined),
            (holder) => void (holder === undefined ? this.claims.delete(id) : this.claims.add(id)),
          ),
        ),
      backUp: async ({ id }) => {
        this.backedUp.push(`${id} ${this.now.getDate()} ${this.now.getHours()}:${this.now.getMinutes()}`);
        return this.outcome();
      },
      now: () => this.now,
      after: (milliseconds, work) => {
        const wait = { until: new Date(this.now.getTime() + milliseconds), work };
        this.waits.push(wait);
        return () => void (this.waits = this.waits.filter((each) => each !== wait));
      },
      log: { debug: note, info: note, warn: note, error: note },
    };
  }

  lock(holder: () => unknown, put: (holder: object | undefined) => void): HeldLock | undefined {
    if (holder() !== undefined) return undefined;
    put({});
    return { isHeld: () => true, release: () => put(undefined) };
  }

  /** Lets time pass, with every timer at its moment. */
  async until(moment: Date): Promise<void> {
    for (;;) {
      const [next] = this.waits.toSorted((a, b) => a.until.getTime() - b.until.getTime());
      if (next === undefined || next.until > moment) break;
      this.now = new Date(Math.max(this.now.getTime(), next.until.getTime()));
      await this.fire(next);
    }
    this.now = moment;
  }

  /** The host sleeps: the clock has moved on, and timers end when it wakes up. */
  async wakeUpAt(moment: Date): Promise<void> {
    this.now = moment;
    for (const wait of [...this.waits]) await this.fire(wait);
  }

  private async fire(wait: (typeof this.waits)[number]): Promise<void> {
    this.waits = this.waits.filter((each) => each !== wait);
    wait.work();
    for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
  }
}

describe('ScheduleRunner', () => {
  let world: World;
  let runner: ScheduleRunner;

  beforeEach(() => {
    world = new World();
    runner = new ScheduleRunner(world.parts());
  });

  afterEach(() => runner.dispose());

  it('runs at the time, day after day, and records it', async () => {
    await runner.look();
    await world.until(at(2, 2, 59));
    assert.deepEqual(world.backedUp, []);
    await world.until(at(4, 12));
    assert.deepEqual(world.backedUp, ['0a1b2c3d 2 3:0', '0a1b2c3d 3 3:0', '0a1b2c3d 4 3:0']);
    assert.deepEqual(world.records.get('0a1b2c3d')?.[0], {
      startedAt: at(2, 3).toISOString(),
      milliseconds: 0,
      result: 'done',
      sizeBytes: 96_000_000,
      file: '/b/reims.dump',
    });
  });

  it('looks at the clock every minute at least, so that it notices having slept', async () => {
    await runner.look();
    assert.deepEqual(
      world.waits.map(({ until }) => until),
      [at(1, 12, 1)],
    );
  });

  it('makes up for all that was missed in sleep with one run', async () => {
    await runner.look();
    await world.wakeUpAt(at(9, 8));
    await world.until(at(9, 20));
    assert.deepEqual(world.backedUp, ['0a1b2c3d 9 8:0']);
    await world.until(at(10, 4));
    assert.deepEqual(world.backedUp.length, 2);
  });

  it('makes up for what was missed while it was closed', async () => {
    world.records.set('0a1b2c3d', [recordOf(at(2, 3))]);
    world.now = at(5, 9);
    await runner.look();
    assert.deepEqual(world.backedUp, ['0a1b2c3d 5 9:0']);
  });

  it('runs nothing that others run', async () => {
    world.schedules = [scheduleOf({ installed: 'crontab' }), scheduleOf({ installed: 'systemd' })];
    world.now = at(9, 8);
    await runner.look();
    assert.deepEqual(world.backedUp, []);
    assert.equal(world.owner, undefined);
  });

  it('leaves it to the window that has it, and follows when that one closes', async () => {
    const second = new ScheduleRunner(world.parts());
    await Promise.all([runner.look(), second.look()]);
    await world.until(at(2, 12));
    assert.equal(world.backedUp.length, 1);
    runner.dispose();
    await world.until(at(3, 12));
    assert.equal(world.backedUp.length, 2);
    second.dispose();
    assert.deepEqual(world.waits, []);
    assert.equal(world.owner, undefined);
  });

  it('runs nothing while another window has it', async () => {
    world.owner = {};
    world.now = at(9, 8);
    await runner.look();
    await world.until(at(9, 9));
    assert.deepEqual(world.backedUp, []);
    world.owner = undefined;
    await world.until(at(9, 9, 1));
    assert.equal(world.backedUp.length, 1);
  });

  it('looks once more whether it is due when it has claimed it', async () => {
    const parts = world.parts();
    const late = new ScheduleRunner({
      ...parts,
      claim: (id) => {
        world.records.set(id, [recordOf(world.now)]); // another one was faster
        return parts.claim(id);
      },
    });
    world.now = at(9, 8);
    await late.look();
    late.dispose();
    assert.deepEqual([world.backedUp, world.claims.size], [[], 0]);
  });

  it('records a failure once, and goes on with the others and the next day', async () => {
    world.schedules = [scheduleOf(), scheduleOf({ id: '00000000' })];
    let attempts = 0;
    world.outcome = () => ((attempts += 1) === 1 ? Promise.reject(new Failure('DISK_FULL', 'The disk is full.', 'Free space.')) : Promise.resolve(made));
    await runner.look();
    await world.until(at(3, 12));
    const results = (id: string): readonly string[] => (world.records.get(id) ?? []).map(({ result }) => result);
    assert.deepEqual(
      [results('0a1b2c3d'), results('00000000')],
      [
        ['failed', 'done'],
        ['done', 'done'],
      ],
    );
    assert.deepEqual(world.records.get('0a1b2c3d')?.[0]?.failure, { code: 'DISK_FULL', message: 'The disk is full.', remedy: 'Free space.' });
    assert.ok(world.lines.some((line) => line.includes('DISK_FULL')));
  });

  it('gives an engine that wakes up later than the host some minutes, then says that it failed', async () => {
    let down = true;
    world.outcome = () => (down ? Promise.reject(new Failure('ENGINE_NOT_RUNNING', 'It does not run.', 'Start it.')) : Promise.resolve(made));
    await runner.look();
    await world.wakeUpAt(at(5, 8));
    await world.until(at(5, 8, 3));
    assert.deepEqual([world.backedUp.length, world.records.size], [4, 0]);
    down = false;
    await world.until(at(5, 9));
    assert.deepEqual(
      world.records.get('0a1b2c3d')?.map(({ result }) => result),
      ['done'],
    );
    down = true;
    await world.until(at(6, 9));
    assert.deepEqual(
      world.records.get('0a1b2c3d')?.map(({ result }) => result),
      ['done', 'failed'],
    );
    assert.equal(world.backedUp.filter((line) => line.includes(' 6 ')).length, 11);
  });

  it('does not run again what the command line has just run', async () => {
    await runner.look();
    const claim = (await world.parts().claim('0a1b2c3d')) as HeldLock;
    await world.until(at(2, 3, 1));
    assert.deepEqual(world.backedUp, []);
    world.records.set('0a1b2c3d', [recordOf(at(2, 3))]);
    claim.release();
    await world.until(at(2, 12));
    assert.deepEqual(world.backedUp, []);
  });

  it('does not run again and again what it cannot record', async () => {
    const parts = world.parts();
    const full = new ScheduleRunner({
      ...parts,
      records: { ...parts.records, append: () => Promise.reject(new Failure('DISK_FULL', 'The disk is full.', 'Free space.')) },
    });
    await full.look();
    await world.until(at(2, 12));
    assert.deepEqual(world.backedUp, ['0a1b2c3d 2 3:0']);
    await world.until(at(3, 12));
    assert.equal(world.backedUp.length, 2);
    full.dispose();
  });

  it('leaves a run that was broken off by closing to the next start', async () => {
    world.outcome = () => {
      runner.dispose();
      return Promise.reject(cancelled());
    };
    world.now = at(5, 9);
    await runner.look();
    assert.deepEqual([world.backedUp.length, world.records.size, world.claims.size], [1, 0, 0]);
    world.outcome = () => Promise.resolve(made);
    const next = new ScheduleRunner(world.parts());
    await next.look();
    next.dispose();
    assert.equal(world.records.get('0a1b2c3d')?.length, 1);
  });

  it('tells of every look, and survives schedules that cannot be read', async () => {
    let told = 0;
    const end = runner.onChange(() => (told += 1));
    await runner.look();
    assert.equal(told, 1);
    end();
    const broken = new ScheduleRunner({ ...world.parts(), read: () => Promise.reject(new Error('no disk')) });
    await broken.look();
    assert.ok(world.lines.some((line) => line.includes('no disk')));
    assert.equal(world.waits.length, 2);
    broken.dispose();
  });
});

describe('runSchedule', () => {
  it('skips a schedule that is running, and says so', async () => {
    const world = new World();
    world.claims.add('0a1b2c3d');
    await rejectsWith('SCHEDULE_RUNNING', runSchedule(scheduleOf(), world.parts(), fakeOperation()));
    assert.equal(world.records.get('0a1b2c3d')?.[0]?.result, 'skipped');
    assert.deepEqual(world.backedUp, []);
  });

  it('records what the user broke off as skipped, and gives the claim back', async () => {
    const world = new World();
    world.outcome = () => Promise.reject(cancelled());
    await rejectsWith('CANCELLED', runSchedule(scheduleOf(), world.parts(), fakeOperation()));
    assert.equal(world.records.get('0a1b2c3d')?.[0]?.result, 'skipped');
    assert.equal(world.claims.size, 0);
  });
});
