import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { crontabBlock, hasBlock, withBlock, withoutBlock } from '../../../../src/backup/schedule/crontab';
import { Installer } from '../../../../src/backup/schedule/install';
import { launchOf, launchWords, plainName } from '../../../../src/backup/schedule/launch';
import type { ProgramResult, RunProgram } from '../../../../src/backup/schedule/runProgram';
import { calendarOf, systemdUnits } from '../../../../src/backup/schedule/systemd';
import { rejectsWith } from '../../operations/rejectsWith';
import { temporaryFolder } from '../../operations/temporaryFolder';
import { launch, scheduleOf } from './scheduleParts';

const here = { program: '/usr/bin/node', script: '/opt/cdb/cli.js', isElectron: false, env: {}, endpoint: undefined };
/** Checks what is written for systemd, where it is installed. */
const analyze = 'systemd-analyze';
const odd = `/opt/it's 100% "odd" $HOME \`id\` é/cli.js`;

describe('launchOf', () => {
  it('carries what decides which engine is found, and nothing else', () => {
    const env = { DOCKER_HOST: 'unix:///a', CONTAINER_DATABASES_STATE: '/s', PGPASSWORD: 'hunter2', PATH: '/bin', DOCKER_CONTEXT: '' };
    assert.deepEqual(launchOf({ ...here, env }), {
      program: '/usr/bin/node',
      script: '/opt/cdb/cli.js',
      environment: { DOCKER_HOST: 'unix:///a', CONTAINER_DATABASES_STATE: '/s' },
    });
  });

  it('carries the endpoint of the settings, and what makes an editor act as Node', () =>
    assert.deepEqual(launchOf({ ...here, isElectron: true, endpoint: 'tcp://h:1', env: { CONTAINER_DATABASES_ENDPOINT: 'x' } }).environment, {
      CONTAINER_DATABASES_ENDPOINT: 'tcp://h:1',
      ELECTRON_RUN_AS_NODE: '1',
    }));

  it('refuses to write a password down', () => rejectsWith('SCHEDULE_SECRET', () => launchOf({ ...here, env: { DOCKER_HOST: 'tcp://me:hunter2@h:1' } })));
});

describe('plainName', () => {
  it('leaves harmless signs only', () =>
    assert.equal(plainName({ project: 'a\n* * * * * id', service: 'b%c', database: 'ü"$(x)' }), 'a?? ? ? ? ? id/b?c/????x?'));
});

describe('crontabBlock', () => {
  it('is the schedule between lines that name it', () =>
    assert.equal(
      crontabBlock(scheduleOf(), { ...launch, environment: { DOCKER_HOST: 'unix:///a' } }),
      '# BEGIN container-databases 0a1b2c3d reims/postgres/reims\n' +
        "0 3 * * * DOCKER_HOST='unix:///a' '/usr/bin/node' '/opt/cdb/cli.js' 'schedule' 'run' '0a1b2c3d' >/dev/null\n" +
        '# END container-databases 0a1b2c3d\n',
    ));

  it('means just these words to cron and the shell, whatever signs they hold', function () {
    if (process.platform === 'win32') this.skip();
    const show = 'process.stderr.write(JSON.stringify([process.argv.slice(1), process.env.DOCKER_HOST]))';
    const block = crontabBlock(scheduleOf(), { program: process.execPath, script: odd, environment: { DOCKER_HOST: `a%b'c d` } });
    const line = Buffer.from(block.split('\n')[1] ?? '', 'latin1').toString('utf8');
    const command = line.split(' ').slice(5).join(' ');
    assert.doesNotMatch(command, /(?<!\\)%/, 'a bare % ends the command');
    const asCronDoes = command.replaceAll('\\%', '%').replace(`'${process.execPath}'`, `'${process.execPath}' -e '${show}' --`);
    const { stderr, status } = spawnSync('/bin/sh', ['-c', asCronDoes], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    assert.deepEqual(JSON.parse(stderr), [[odd, 'schedule', 'run', '0a1b2c3d'], `a%b'c d`]);
  });

  for (const path of ['/a\\b', '/a\nb', '/a\rb', '/a\u0000b']) {
    it(`refuses ${JSON.stringify(path)}`, () => rejectsWith('SCHEDULE_PATH', () => crontabBlock(scheduleOf(), { ...launch, script: path })));
  }

  it('is three lines, whatever the database is called', () => {
    const schedule = scheduleOf({ database: 'x\n* * * * * id #' });
    assert.equal(crontabBlock(schedule, launch).split('\n').length, 4);
  });
});

describe('a crontab with our blocks', () => {
  const block = crontabBlock(scheduleOf(), launch);
  const other = crontabBlock(scheduleOf({ id: 'ffffffff' }), launch);
  const foreign = [
    '',
    '# mine\nSHELL=/bin/fish\n0 1 * * * backup.sh \\% "%"\n',
    '\n\n\t\n',
    'no newline at the end',
    'bytes \xff\xfe\x00 of any kind\r\n',
    other,
  ];

  for (const before of foreign) {
    it(`leaves ${JSON.stringify(before)} byte for byte`, () => {
      const after = withBlock(before, '0a1b2c3d', block);
      assert.ok(after.startsWith(block), 'ours come first, where no variable of the user’s applies');
      assert.ok(hasBlock(after, '0a1b2c3d'));
      assert.equal(withoutBlock(after, '0a1b2c3d'), before);
      assert.equal(withBlock(after, '0a1b2c3d', block), after);
    });
  }

  it('has a block replaced where it is', () => {
    const changed = crontabBlock(scheduleOf({ cron: '0 4 * * *' }), launch);
    assert.equal(withBlock(`# a\n${block}# b\n`, '0a1b2c3d', changed), `# a\n${changed}# b\n`);
    assert.equal(withoutBlock(`# a\n${block}${other}# b`, '0a1b2c3d'), `# a\n${other}# b`);
  });

  it('is as it was when there is nothing to take out', () => assert.equal(withoutBlock(other, '0a1b2c3d'), other));

  for (const damaged of [block.replace(/# END.*\n/, '# mine\n'), block.replace(/# END.*\n/, other + '# END container-databases 0a1b2c3d\n')]) {
    it(`is not touched when a block has no end: ${JSON.stringify(damaged.slice(150))}`, () =>
      rejectsWith('CRONTAB_DAMAGED', () => withoutBlock(damaged, '0a1b2c3d')));
  }
});

describe('calendarOf', () => {
  for (const [cron, moments] of [
    ['0 3 * * *', ['*-*-* 03:00:00']],
    ['*/20 * * * *', ['*-*-* *:00,20,40:00']],
    ['0 */6 * * *', ['*-*-* 00,06,12,18:00:00']],
    ['0 22 * * 1-5', ['Mon,Tue,Wed,Thu,Fri *-*-* 22:00:00']],
    ['0 2 1 1,7 *', ['*-01,07-01 02:00:00']],
    ['0 2 1 * 0', ['*-*-01 02:00:00', 'Sun *-*-* 02:00:00']],
    ['* * * * *', ['*-*-* *:*:00']],
  ] as const) {
    it(`says ${cron} as ${moments.join(' and ')}`, function () {
      assert.deepEqual(calendarOf(cron), moments);
      const { status, error, stderr } = spawnSync(analyze, ['calendar', ...moments], { encoding: 'utf8' });
      if (error === undefined) assert.equal(status, 0, stderr);
    });
  }
});

describe('systemdUnits', () => {
  const at = temporaryFolder();
  const environment = { DOCKER_HOST: `a%b"c\\d $e 'f` };

  it('is a service and a timer', () =>
    assert.deepEqual(systemdUnits(scheduleOf(), { ...launch, environment: { DOCKER_HOST: 'unix:///a' } }), {
      service:
        '[Unit]\nDescription=Back up reims/postgres/reims (Container Databases)\n\n[Service]\nType=oneshot\nEnvironment="DOCKER_HOST=unix:///a"\n' +
        'ExecStart=/usr/bin/env -- "/usr/bin/node" "/opt/cdb/cli.js" "schedule" "run" "0a1b2c3d"\n',
      timer:
        '[Unit]\nDescription=Back up reims/postgres/reims (Container Databases)\n\n[Timer]\nOnCalendar=*-*-* 03:00:00\nPersistent=true\n\n' +
        '[Install]\nWantedBy=timers.target\n',
    }));

  it('quotes in its own manner', () => {
    const { service } = systemdUnits(scheduleOf(), { program: '/n', script: odd, environment });
    assert.match(service, /^Environment="DOCKER_HOST=a%%b\\"c\\\\d \$e 'f"$/m);
    assert.match(service, /^ExecStart=.* "\/opt\/it's 100%% \\"odd\\" \$\$HOME `id` é\/cli\.js" /m);
  });

  it('is taken by systemd as it is', function () {
    const { service, timer } = systemdUnits(scheduleOf({ cron: '0 2 1 * 0' }), { program: process.execPath, script: odd, environment });
    writeFileSync(at('container-databases-0a1b2c3d.service'), service);
    writeFileSync(at('container-databases-0a1b2c3d.timer'), timer);
    const { error, status, stderr } = spawnSync(analyze, ['verify', at('container-databases-0a1b2c3d.timer')], { encoding: 'utf8' });
    if (error !== undefined) return this.skip();
    assert.equal(status, 0, stderr);
    assert.doesNotMatch(stderr, /0a1b2c3d/, 'a line that it cannot read, it passes over with a word');
  });

  it('refuses what no unit can hold', () => rejectsWith('SCHEDULE_PATH', () => systemdUnits(scheduleOf(), { ...launch, script: '/a\nb' })));
});

describe('Installer', () => {
  const at = temporaryFolder();
  const schedule = scheduleOf({ installed: 'crontab' });
  let calls: string[][];
  let crontab: string | undefined;
  let answers: Readonly<Record<string, ProgramResult | undefined>>;

  const ok = (stdout = ''): ProgramResult => ({ code: 0, stdout, stderr: '' });
  const failed = (stderr: string, code = 1): ProgramResult => ({ code, stdout: '', stderr });

  const run: RunProgram = (program, args, input) => {
    calls.push([program, ...args]);
    const key = [program, ...args].join(' ');
    if (key in answers) return Promise.resolve(answers[key]);
    if (program === 'systemctl') return Promise.resolve(ok());
    if (args[0] === '-l') return Promise.resolve(crontab === undefined ? failed('no crontab for me\n') : ok(crontab));
    crontab = input;
    return Promise.resolve(ok());
  };

  const installer = (platform: NodeJS.Platform = 'linux', env = {}): Installer =>
    new Installer({ platform, home: at(), env, run, lock: () => Promise.resolve({ isHeld: () => true, release: () => undefined }) });

  beforeEach(() => {
    calls = [];
    crontab = undefined;
    answers = {};
  });

  const wrote = (): boolean => calls.some(([program, argument]) => program === 'crontab' && argument === '-');

  it('knows what the host has', async () => {
    assert.deepEqual(await installer().available(), ['crontab', 'systemd']);
    assert.deepEqual(await installer('darwin').available(), ['crontab']);
    assert.deepEqual(await installer('win32').available(), []);
    answers = { 'crontab -l': undefined, 'systemctl --user --no-pager show-environment': failed('Failed to connect to bus') };
    assert.deepEqual(await installer().available(), []);
    const { remedy } = await rejectsWith('SCHEDULER_MISSING', installer().install(schedule, 'crontab', launch));
    assert.match(remedy, /"\/usr\/bin\/node" "\/opt\/cdb\/cli\.js" "schedule" "run" "0a1b2c3d"/);
    await rejectsWith('SCHEDULER_MISSING', installer().install(schedule, 'systemd', launch));
    await installer().uninstall('0a1b2c3d', 'crontab');
  });

  for (const before of [undefined, '# mine\n0 1 * * * \xff\n']) {
    it(`puts a schedule into ${before === undefined ? 'no crontab' : 'a crontab'}, and takes it out again`, async () => {
      crontab = before;
      await installer().install(schedule, 'crontab', launch);
      assert.equal(crontab, crontabBlock(schedule, launch) + (before ?? ''));
      assert.ok(await installer().isInstalled('0a1b2c3d', 'crontab'));
      await installer().uninstall('0a1b2c3d', 'crontab');
      assert.equal(crontab, before ?? '');
      assert.equal(await installer().isInstalled('0a1b2c3d', 'crontab'), false);
    });
  }

  for (const answer of [
    failed('You (me) are not allowed to use this program (crontab)'),
    failed('crontab: cannot open /var/spool/cron: Permission denied'),
    failed(''),
    failed('no crontab for me\n', 127),
    { code: 1, stdout: '0 1 * * * mine\n', stderr: 'no crontab for me\n' },
  ]) {
    it(`never writes over what it could not read: ${JSON.stringify(answer)}`, async () => {
      answers = { 'crontab -l': answer };
      await rejectsWith('SCHEDULER_FAILED', installer().install(schedule, 'crontab', launch));
      await rejectsWith('SCHEDULER_FAILED', installer().uninstall('0a1b2c3d', 'crontab'));
      assert.equal(wrote(), false);
    });
  }

  it('says when the crontab was refused, or is not what was written', async () => {
    answers = { 'crontab -': failed('"-":1: command too long\n') };
    const { message } = await rejectsWith('SCHEDULER_FAILED', installer().install(schedule, 'crontab', launch));
    assert.match(message, /command too long/);
    answers = { 'crontab -': ok() };
    await rejectsWith('SCHEDULER_FAILED', installer().install(schedule, 'crontab', launch));
  });

  it('leaves the crontab to whoever is changing it', async () => {
    const busy = new Installer({ platform: 'linux', home: at(), env: {}, run, lock: () => Promise.resolve(undefined) });
    await rejectsWith('SCHEDULER_BUSY', busy.install(schedule, 'crontab', launch));
    assert.equal(wrote(), false);
  });

  it('writes units, enables them, and removes them', async () => {
    await installer('linux', { XDG_CONFIG_HOME: at('config') }).install(schedule, 'systemd', launch);
    const folder = at('config', 'systemd', 'user');
    assert.deepEqual(readdirSync(folder).toSorted(), ['container-databases-0a1b2c3d.service', 'container-databases-0a1b2c3d.timer']);
    assert.equal(readFileSync(`${folder}/container-databases-0a1b2c3d.timer`, 'utf8'), systemdUnits(schedule, launch).timer);
    assert.deepEqual(
      calls.map((call) => call.slice(3).join(' ')),
      ['show-environment', 'daemon-reload', 'enable container-databases-0a1b2c3d.timer', 'restart container-databases-0a1b2c3d.timer'],
    );
    await installer('linux', { XDG_CONFIG_HOME: at('config') }).uninstall('0a1b2c3d', 'systemd');
    assert.deepEqual(readdirSync(folder), []);
    assert.ok(calls.some((call) => call.includes('disable') && call.includes('--now')));
  });

  it('leaves no unit behind that systemd refuses', async () => {
    answers = { 'systemctl --user --no-pager enable container-databases-0a1b2c3d.timer': failed('Failed to enable unit') };
    const { message } = await rejectsWith('SCHEDULER_FAILED', installer().install(schedule, 'systemd', launch));
    assert.match(message, /Failed to enable unit/);
    assert.deepEqual(readdirSync(at('.config', 'systemd', 'user')), []);
  });
});

describe('launchWords', () => {
  it('starts the command line with the id', () => assert.deepEqual(launchWords(launch, 'x'), ['/usr/bin/node', '/opt/cdb/cli.js', 'schedule', 'run', 'x']));
});
