import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { RunRecords, recordedFailure } from '../../../../src/backup/schedule/records';
import { ScheduleStore } from '../../../../src/backup/schedule/store';
import { Failure } from '../../../../src/protocol/failure';
import { rejectsWith } from '../../operations/rejectsWith';
import { temporaryFolder } from '../../operations/temporaryFolder';
import { launch, recordOf, scheduleOf } from './scheduleParts';

describe('ScheduleStore', () => {
  const at = temporaryFolder();
  const store = (): ScheduleStore => new ScheduleStore(at('schedules'));

  it('is empty before anything was written', async () => assert.deepEqual(await store().read(), { schedules: [], problems: [] }));

  it('gives back what was written, by target, and nothing once it is removed', async () => {
    const first = scheduleOf({ id: 'ffffffff', database: 'a', installed: 'crontab', launch, endpoint: 'unix:///run/docker.sock' });
    const second = scheduleOf({ id: '00000000', database: 'b', options: { folder: '/b', format: 'custom' } });
    for (const schedule of [second, first]) await store().write(schedule);
    assert.deepEqual(await store().read(), { schedules: [first, second], problems: [] });
    assert.deepEqual(await store().find('00000000'), second);
    await store().remove('00000000');
    await store().remove('00000000');
    await rejectsWith('SCHEDULE_NOT_FOUND', store().find('00000000'));
    assert.deepEqual((await store().read()).schedules, [first]);
  });

  it('can be read by its owner only', async function () {
    if (process.platform === 'win32') this.skip();
    await store().write(scheduleOf());
    assert.equal(statSync(at('schedules')).mode & 0o777, 0o700);
    assert.equal(statSync(at('schedules', '0a1b2c3d.json')).mode & 0o777, 0o600);
  });

  it('tells of what is damaged, leaves it, and goes on with the rest', async () => {
    await store().write(scheduleOf());
    const others: Readonly<Record<string, string>> = {
      '11111111.json': '',
      '22222222.json': JSON.stringify({ ...scheduleOf({ id: '22222222' }), schemaVersion: 2 }),
      '33333333.json': JSON.stringify(scheduleOf({ id: '33333333', cron: '0 3 * * * ; id' })),
      '44444444.json': JSON.stringify(scheduleOf({ id: '55555555' })),
      '66666666.json': JSON.stringify(scheduleOf({ id: '66666666', cron: '00 3 * * *' })),
    };
    for (const [name, text] of Object.entries(others)) writeFileSync(at('schedules', name), text);
    writeFileSync(at('schedules', 'notes.json'), 'mine');
    mkdirSync(at('schedules', 'locks'));
    const { schedules, problems } = await store().read();
    assert.deepEqual(schedules, [scheduleOf()]);
    assert.deepEqual(
      problems.map(({ code, message }) => [code, /(\d{8})\.json/.exec(message)?.[1]]),
      ['11111111', '22222222', '33333333', '44444444', '66666666'].map((id) => ['SCHEDULE_DAMAGED', id]),
    );
    await rejectsWith('SCHEDULE_DAMAGED', store().find('11111111'));
    for (const [name, text] of Object.entries(others)) assert.equal(readFileSync(at('schedules', name), 'utf8'), text);
  });

  for (const id of ['../../etc/passwd', '', 'A1B2C3D4', '0a1b2c3d4', '0a1b2c3d.json']) {
    it(`finds nothing under ${JSON.stringify(id)}`, () => rejectsWith('SCHEDULE_NOT_FOUND', store().find(id)));
  }
});

describe('RunRecords', () => {
  const at = temporaryFolder();
  const records = (): RunRecords => new RunRecords(at('runs'));
  const day = (number: number): Date => new Date(2026, 0, number);

  it('gives runs back in their order, each schedule its own', async () => {
    const failure = { code: 'X', message: 'It failed.', remedy: 'Do this.' };
    const runs = [recordOf(day(1)), recordOf(day(2), { result: 'failed', failure }), recordOf(day(3), { result: 'skipped' })];
    for (const run of runs) await records().append('0a1b2c3d', run);
    await records().append('00000000', recordOf(day(9)));
    assert.deepEqual(await records().read('0a1b2c3d'), runs);
    await records().remove('0a1b2c3d');
    assert.deepEqual(await records().read('0a1b2c3d'), []);
    assert.equal((await records().read('00000000')).length, 1);
  });

  it('remembers the newest two hundred', async () => {
    for (let run = 1; run <= 203; run += 1) await records().append('0a1b2c3d', recordOf(day(run)));
    const kept = await records().read('0a1b2c3d');
    assert.equal(kept.length, 200);
    assert.deepEqual([kept[0], kept.at(-1)], [recordOf(day(4)), recordOf(day(203))]);
    assert.deepEqual(readdirSync(at('runs')), ['0a1b2c3d.jsonl']);
  });

  it('passes over a line that was not written whole, and loses no other by it', async () => {
    await records().append('0a1b2c3d', recordOf(day(1)));
    writeFileSync(at('runs', '0a1b2c3d.jsonl'), JSON.stringify(recordOf(day(2))).slice(0, 30), { flag: 'a' });
    await records().append('0a1b2c3d', recordOf(day(3)));
    assert.deepEqual(await records().read('0a1b2c3d'), [recordOf(day(1)), recordOf(day(3))]);
  });

  it('keeps no password', () => {
    const message = 'cannot reach postgres://me:hunter2@db/x nor tcp://:hunter2@h';
    assert.deepEqual(recordedFailure(new Failure('X', message, 'Ask https://a:hunter2@b')), {
      code: 'X',
      message: 'cannot reach postgres://me:…@db/x nor tcp://:…@h',
      remedy: 'Ask https://a:…@b',
    });
    assert.equal(recordedFailure(new Failure('X', 'x'.repeat(5000), 'y')).message.length, 1000);
  });
});
