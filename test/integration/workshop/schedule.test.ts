import assert from 'node:assert/strict';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { takeLock } from '../../../src/backup/schedule/owner';
import type { RunRecord } from '../../../src/backup/schedule/records';
import { tryRun } from '../../lab/process';
import { cli, cliJson, filesIn } from '../support/app';
import { engineCommand } from '../../lab/stacks';
import { tempFolder } from '../support/shared';
import { dropDatabases, fillDatabase, startWorkshop, type Workshop } from '../support/workshop';

interface Listed {
  readonly id: string;
  readonly when: string;
  readonly cron: string;
  readonly installed: string;
  readonly next: string | null;
  readonly overdueSince: string | null;
  readonly last: RunRecord | null;
}

describe('schedules', () => {
  let place: Workshop;
  let folder: string;
  let state: string;

  before(async function () {
    this.timeout(120_000);
    place = await startWorkshop();
    await fillDatabase(place, 'nightly');
  });

  beforeEach(async () => {
    folder = await tempFolder('scheduled');
    state = await tempFolder('state');
  });

  after(() => dropDatabases(place, ['nightly', 'gone']));

  const target = (): string => `${place.project}/db/nightly`;
  const listed = async (): Promise<readonly Listed[]> => (await cliJson<{ schedules: readonly Listed[] }>(['schedule', 'list'], { state })).schedules;
  const add = (...args: readonly string[]): Promise<Listed> => cliJson<Listed>(['schedule', 'add', target(), '--folder', folder, ...args], { state });

  it('are made, listed, changed, run, and removed', async () => {
    const made = await add('--when', 'every day at 03:00');
    assert.deepEqual([made.cron, made.when, made.installed, made.last], ['0 3 * * *', 'every day at 03:00', 'editor', null]);
    const backup = await cliJson<{ file: string; verified: string }>(['schedule', 'run', made.id], { state });
    assert.equal(path.dirname(backup.file), folder);
    assert.equal(backup.verified, 'read');
    const manifest = JSON.parse(await readFile(`${backup.file}.json`, 'utf8')) as { reason: string; database: string };
    assert.deepEqual([manifest.reason, manifest.database], ['scheduled', 'nightly']);

    const changed = await cliJson<Listed>(['schedule', 'change', made.id, '--when', 'weekdays at 22:00'], { state });
    assert.equal(changed.when, 'weekdays at 22:00');
    const [only, ...others] = await listed();
    assert.deepEqual(others, []);
    assert.deepEqual([only?.id, only?.cron, only?.last?.result, only?.last?.file], [made.id, '0 22 * * 1-5', 'done', backup.file]);
    assert.ok((only?.last?.sizeBytes ?? 0) > 1000 && (only?.last?.milliseconds ?? 0) > 0);
    const people = await cli(['schedule', 'list'], { state });
    assert.match(people.stdout, new RegExp(`^${made.id} +${target()} +weekdays at 22:00 +editor +done just now`, 'm'));
    assert.match((await cli(['schedule', 'runs', made.id], { state })).stdout, /done .*nightly_\d+_\d+\.dump$/m);

    assert.equal((await cli(['schedule', 'remove', made.id], { state })).code, 0);
    assert.deepEqual(await listed(), []);
    assert.equal((await filesIn(folder)).filter((name) => name.endsWith('.dump')).length, 1, 'the backup stays');
    assert.deepEqual(await filesIn(path.join(state, 'schedules', 'runs')), []);
  });

  it('that fail say why, end with 1, and are recorded', async () => {
    await fillDatabase(place, 'gone');
    const { id } = await cliJson<Listed>(['schedule', 'add', `${place.project}/db/gone`, '--when', 'hourly', '--folder', folder], { state });
    await engineCommand(['pause', place.container]);
    try {
      assert.equal((await cli(['schedule', 'run', id, '--json'], { state })).code, 1);
    } finally {
      await engineCommand(['unpause', place.container]);
    }
    await dropDatabases(place, ['gone']);
    assert.equal((await cli(['schedule', 'run', id, '--json'], { state })).code, 3);
    const { runs } = await cliJson<{ runs: readonly RunRecord[] }>(['schedule', 'runs', id], { state });
    assert.deepEqual(
      runs.map(({ result, failure }) => [result, failure?.code]),
      [
        ['failed', 'TARGET_NOT_FOUND'],
        ['failed', runs[1]?.failure?.code],
      ],
    );
    assert.match(runs[1]?.failure?.code ?? '', /^(SERVICE|SERVER|CONTAINER)_/);
    assert.deepEqual(await filesIn(folder), []);
    assert.match((await cli(['schedule', 'list'], { state })).stdout, /failed just now +There is no database/);
  });

  it('do not run while another runs them', async () => {
    const { id } = await add('--when', 'hourly');
    const lock = await takeLock(path.join(state, 'schedules', 'locks', `${id}.lock`));
    try {
      const { code, stdout } = await cli(['schedule', 'run', id, '--json'], { state });
      assert.deepEqual([code, (JSON.parse(stdout) as { error: { code: string } }).error.code], [1, 'SCHEDULE_RUNNING']);
      assert.equal((await cli(['schedule', 'remove', id], { state })).code, 1);
    } finally {
      lock?.release();
    }
    assert.deepEqual(await filesIn(folder), []);
    assert.equal((await listed())[0]?.last, null, 'what was skipped is no run');
    await cliJson(['schedule', 'run', id], { state });
  });

  it('end with 2 for wrong usage and 3 for what is not there', async () => {
    for (const args of [['schedule'], ['schedule', 'nonsense'], ['schedule', 'add'], ['schedule', 'run']]) {
      const { code, stdout } = await cli(args, { state });
      assert.deepEqual([code, stdout], [2, ''], args.join(' '));
    }
    for (const args of [[], ['--when', 'sometimes'], ['--when', 'hourly', '--install', 'at'], ['--when', 'hourly', '--format', 'zip']]) {
      assert.equal((await cli(['schedule', 'add', target(), ...args], { state })).code, 2, args.join(' '));
    }
    assert.equal((await cli(['schedule', 'run', '00000000'], { state })).code, 3);
    assert.equal((await cli(['schedule', 'remove', '../../x'], { state })).code, 3);
    assert.deepEqual(await listed(), []);
  });

  it('tell of a damaged one, and go on', async () => {
    const { id } = await add('--when', 'hourly');
    await writeFile(path.join(state, 'schedules', '00000000.json'), '{');
    const { code, stdout, stderr } = await cli(['schedule', 'list', '--json'], { state });
    assert.equal(code, 0);
    assert.match(stderr, /00000000\.json cannot be read/);
    const { schedules, problems } = JSON.parse(stdout) as { schedules: readonly Listed[]; problems: readonly { code: string }[] };
    assert.deepEqual([schedules.map((each) => each.id), problems.map(({ code }) => code)], [[id], ['SCHEDULE_DAMAGED']]);
  });

  it('in a crontab are lines that back up when cron runs them, with nothing in their environment', async function () {
    if (process.platform === 'win32') this.skip();
    const bin = await tempFolder("bin it's");
    const table = path.join(bin, 'table');
    await writeFile(table, '# mine\n0 1 * * * true\n');
    await writeFile(
      path.join(bin, 'crontab'),
      '#!/bin/sh\ntable="$(dirname "$0")/table"\nif [ "$1" = -l ]; then cat "$table"; else cat >"$table.new" && mv "$table.new" "$table"; fi\n',
    );
    await chmod(path.join(bin, 'crontab'), 0o755);
    const env = { PATH: `${bin}:${process.env['PATH'] ?? ''}` };
    const { id } = await cliJson<Listed>(['schedule', 'add', target(), '--folder', folder, '--when', 'every day at 03:00', '--install', 'crontab'], {
      state,
      env,
    });
    const line = (await readFile(table, 'utf8')).split('\n').find((each) => each.includes(`'run' '${id}'`)) ?? '';
    assert.match(line, /^0 3 \* \* \* /);
    assert.doesNotMatch(line, /pw-Zq7/);
    const command = line.split(' ').slice(5).join(' ').replaceAll('\\%', '%');
    const ran = await tryRun('/usr/bin/env', ['-i', `HOME=${state}`, 'PATH=/usr/bin:/bin', 'SHELL=/bin/sh', '/bin/sh', '-c', command], { cwd: state });
    assert.deepEqual([ran.code, ran.stdout, ran.stderr], [0, '', '']);
    assert.equal((await filesIn(folder)).filter((name) => name.endsWith('.dump')).length, 1);
    assert.equal((await listed())[0]?.last?.result, 'done');

    await cliJson(['schedule', 'change', id, '--install', 'editor'], { state, env });
    assert.equal(await readFile(table, 'utf8'), '# mine\n0 1 * * * true\n');
    await cliJson(['schedule', 'change', id, '--install', 'crontab'], { state, env });
    await cliJson(['schedule', 'remove', id], { state, env });
    assert.equal(await readFile(table, 'utf8'), '# mine\n0 1 * * * true\n');
  });

  it('go into the crontab of this host and out of it, and leave the rest as it was', async function () {
    const before = await tryRun('crontab', ['-l']).catch(() => undefined);
    if (before === undefined || (before.code !== 0 && !/no crontab for/.test(before.stderr))) return this.skip();
    const restore = (): Promise<unknown> => (before.code === 0 ? tryRun('crontab', ['-'], { input: before.stdout }) : tryRun('crontab', ['-r']));
    try {
      const { id } = await add('--when', '7 3 31 12 *', '--install', 'crontab');
      const { stdout } = await tryRun('crontab', ['-l']);
      assert.ok(stdout.endsWith(before.stdout));
      assert.match(stdout, new RegExp(`^# BEGIN container-databases ${id} .*\\n7 3 31 12 \\* .*'run' '${id}' >/dev/null\\n# END container-databases ${id}\\n`));
      await cliJson(['schedule', 'remove', id], { state });
      assert.equal((await tryRun('crontab', ['-l'])).stdout, before.stdout);
    } finally {
      await restore();
    }
  });
});
