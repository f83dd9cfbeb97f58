import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import type { Backups } from '../../../../src/backup/backups';
import type { Installer, Scheduler } from '../../../../src/backup/schedule/install';
import { RunRecords } from '../../../../src/backup/schedule/records';
import type { Launch, Schedule } from '../../../../src/backup/schedule/schedule';
import { scheduledTarget } from '../../../../src/backup/schedule/scheduledTarget';
import { Schedules } from '../../../../src/backup/schedule/schedules';
import { ScheduleStore } from '../../../../src/backup/schedule/store';
import type { InventoryKeeper } from '../../../../src/inventory/keeper';
import { Failure } from '../../../../src/protocol/failure';
import { rejectsWith } from '../../operations/rejectsWith';
import { temporaryFolder } from '../../operations/temporaryFolder';
import { docker, inventory, project, service } from '../../vscode/facts';
import { recordOf, scheduleOf } from './scheduleParts';

const [database = { name: '', owner: '', sizeBytes: 0 }] = service().databases;
const target = { project: project(), service: service(), database };

describe('Schedules', () => {
  const at = temporaryFolder();
  let installed: Map<string, readonly [Scheduler, Launch]>;
  let refusal: Failure | undefined;
  let claims: number;

  const launch = (): Launch => ({ program: process.execPath, script: at('cli.js'), environment: { DOCKER_HOST: 'new', ELECTRON_RUN_AS_NODE: '1' } });

  const schedules = (): Schedules => {
    const installer: Partial<Installer> = {
      install: async (schedule: Schedule, scheduler: Scheduler, how: Launch) => {
        if (refusal !== undefined) throw refusal;
        installed.set(`${schedule.id} ${scheduler}`, [scheduler, how]);
      },
      uninstall: async (id: string, scheduler: Scheduler) => void installed.delete(`${id} ${scheduler}`),
    };
    const backups: Partial<Backups> = { folderOf: (_project, wished) => wished ?? '/work/reims/backups' };
    return new Schedules({
      store: new ScheduleStore(at('schedules')),
      records: new RunRecords(at('schedules', 'runs')),
      installer: installer as Installer,
      inventory: {} as InventoryKeeper,
      backups: backups as Backups,
      claim: () => Promise.resolve(claims === 0 ? { isHeld: () => true, release: () => undefined } : undefined),
      launch,
    });
  };

  beforeEach(() => {
    installed = new Map();
    refusal = undefined;
    claims = 0;
    writeFileSync(at('cli.js'), '');
  });

  it('remember where the backups go, and on which engine the database is', async () => {
    const { id, ...rest } = await schedules().add(target, { cron: '0 3 * * *', installed: 'editor' });
    assert.match(id, /^[0-9a-f]{8}$/);
    assert.deepEqual([rest.project, rest.service, rest.database, rest.endpoint], ['reims', 'postgres', 'reims', docker.id]);
    assert.deepEqual(rest.options, { folder: '/work/reims/backups' });
    assert.deepEqual([...installed], []);
    assert.deepEqual(
      (await schedules().list()).states.map(({ schedule, when }) => [schedule.id, when]),
      [[id, 'every day at 03:00']],
    );
  });

  it('are not there when their scheduler refuses them', async () => {
    refusal = new Failure('SCHEDULER_MISSING', 'None.', 'Else.');
    await rejectsWith('SCHEDULER_MISSING', schedules().add(target, { cron: '0 3 * * *', installed: 'crontab' }));
    assert.deepEqual((await schedules().list()).states, []);
  });

  it('move from one scheduler to another', async () => {
    const { id } = await schedules().add(target, { cron: '0 3 * * *', installed: 'crontab' });
    await schedules().change(id, { installed: 'systemd' });
    assert.deepEqual([...installed.keys()], [`${id} systemd`]);
    const changed = await schedules().change(id, { installed: 'editor', cron: '0 4 * * *' });
    assert.deepEqual([...installed.keys()], []);
    assert.deepEqual([changed.cron, changed.launch], ['0 4 * * *', undefined]);
  });

  it('stay as they are when their new scheduler refuses them', async () => {
    const before = await schedules().add(target, { cron: '0 3 * * *', installed: 'crontab' });
    refusal = new Failure('SCHEDULER_FAILED', 'No.', 'Else.');
    await rejectsWith('SCHEDULER_FAILED', schedules().change(before.id, { installed: 'systemd' }));
    assert.deepEqual(await schedules().find(before.id), before);
    assert.deepEqual([...installed.keys()], [`${before.id} crontab`]);
  });

  it('are removed with all that belongs to them, but not while they run', async () => {
    const { id } = await schedules().add(target, { cron: '0 3 * * *', installed: 'crontab' });
    await new RunRecords(at('schedules', 'runs')).append(id, recordOf(new Date(2026, 0, 1)));
    claims = 1;
    await rejectsWith('SCHEDULE_RUNNING', schedules().remove(id));
    claims = 0;
    await schedules().remove(id);
    assert.deepEqual([...installed.keys()], []);
    assert.deepEqual(await schedules().runs(id), []);
    await rejectsWith('SCHEDULE_NOT_FOUND', schedules().remove(id));
  });

  it('are written anew into their schedulers when their command line has gone, with the engine that they had', async () => {
    const store = new ScheduleStore(at('schedules'));
    const gone = scheduleOf({ installed: 'crontab', launch: { program: process.execPath, script: at('old', 'cli.js'), environment: { DOCKER_HOST: 'old' } } });
    const sound = scheduleOf({ id: '00000000', installed: 'systemd', launch: launch() });
    for (const schedule of [gone, sound, scheduleOf({ id: '11111111' })]) await store.write(schedule);
    const repaired = await schedules().repair();
    const expected = { ...launch(), environment: { DOCKER_HOST: 'old', ELECTRON_RUN_AS_NODE: '1' } };
    assert.deepEqual(
      repaired.map(({ id, launch: how, changedAt }) => [id, how, changedAt]),
      [[gone.id, expected, gone.changedAt]],
    );
    assert.deepEqual([...installed], [[`${gone.id} crontab`, ['crontab', expected]]]);
    assert.deepEqual(await schedules().repair(), []);
  });
});

describe('scheduledTarget', () => {
  const meant = scheduleOf({ endpoint: docker.id });

  it('is the database of that very name', () => {
    assert.equal(scheduledTarget(inventory([project()]), meant).database.name, 'reims');
    assert.equal(scheduledTarget(inventory([project()]), scheduleOf()).database.name, 'reims');
  });

  it('is the one on its engine where several have it', () => {
    const container = service().container;
    assert.ok(container);
    const elsewhere = project({ id: 'other', services: [service({ id: 'other', container: { ...container, endpointId: 'tcp://other' } })] });
    const all = inventory([elsewhere, project()]);
    assert.equal(scheduledTarget(all, meant).service.id, service().id);
    assert.throws(() => scheduledTarget(all, scheduleOf({ endpoint: 'tcp://third' })), { code: 'TARGET_NOT_FOUND', message: /but on another/ });
    assert.throws(() => scheduledTarget(all, scheduleOf()), { code: 'TARGET_NOT_FOUND' });
    assert.throws(() => scheduledTarget(inventory([elsewhere]), meant), { code: 'TARGET_NOT_FOUND', message: /but on another/ });
    const down = { ...docker, state: 'failed', problem: { code: 'ENGINE_X', message: 'm', remedy: 'r' } } as const;
    assert.throws(() => scheduledTarget(inventory([elsewhere], [down]), meant), { code: 'ENGINE_X' });
  });

  for (const [code, known] of [
    ['TARGET_NOT_FOUND', inventory([])],
    ['TARGET_NOT_FOUND', inventory([project({ services: [service({ databases: [{ name: 'other', owner: 'x', sizeBytes: 1 }] })] })])],
    ['SERVICE_NOT_RUNNING', inventory([project({ services: [service({ state: 'stopped', databases: [] })] })])],
    ['SERVER_X', inventory([project({ services: [service({ databases: [], problem: { code: 'SERVER_X', message: 'm', remedy: 'r' } })] })])],
    ['ENGINE_X', inventory([], [{ ...docker, state: 'failed', problem: { code: 'ENGINE_X', message: 'm', remedy: 'r' } }])],
  ] as const) {
    it(`says ${code} where it is not`, () => assert.throws(() => scheduledTarget(known, meant), { code }));
  }
});
