import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { examineFiles } from '../../../src/persistence/doctor/composeDoctor';
import type { Diagnosis } from '../../../src/persistence/doctor/examine';
import type { SurvivalEvent, Verdict } from '../../../src/persistence/doctor/survival';
import { ensureDocker } from '../../lab/docker';
import { labFolder } from '../../lab/paths';
import { run } from '../../lab/process';
import { compose } from '../../lab/stacks';
import { cliJson } from '../support/app';
import { atTheEnd, runName, tempFolder } from '../support/shared';

/** How each class of mount is written, by the service that uses it. */
interface Example {
  readonly service: string;
  readonly verdict: Verdict;
  readonly body: string;
}

const data = '/var/lib/postgresql/data';
const examples: readonly Example[] = [
  { service: 'named', verdict: 'persistent', body: `image: postgres:17\nvolumes: ["named:${data}"]` },
  { service: 'sub', verdict: 'persistent', body: `image: postgres:17\nvolumes: ["sub:/pg"]\nenvironment: { PGDATA: /pg/sub }` },
  { service: 'eighteen', verdict: 'persistent', body: 'image: postgres:18\nvolumes: ["eighteen:/var/lib/postgresql"]' },
  { service: 'external', verdict: 'persistent', body: `image: postgres:17\nvolumes: ["external:${data}"]` },
  { service: 'folder', verdict: 'persistent', body: `image: postgres:17\nvolumes: ["folder:${data}"]` },
  { service: 'bind', verdict: 'persistent', body: `image: postgres:17\nvolumes: ["BIND:${data}"]` },
  { service: 'anonymous', verdict: 'at-risk', body: 'image: postgres:17' },
  { service: 'beside', verdict: 'at-risk', body: 'image: postgres:17\nvolumes: ["beside:/var/lib/postgresql"]' },
  // With a mount at the old path the image refuses to start, so there is nothing to see there.
  { service: 'anonymous18', verdict: 'at-risk', body: 'image: postgres:18' },
  { service: 'layer', verdict: 'lost', body: 'image: postgres:17\nenvironment: { PGDATA: /pg }' },
  { service: 'tmpfs', verdict: 'lost', body: `image: postgres:17\ntmpfs: ${data}` },
  { service: 'memory', verdict: 'lost', body: `image: postgres:17\nvolumes: ["memory:${data}"]` },
];

// The volumes of the official images without a server in them: what outlives what is up to the engine alone.
describe('the doctor’s verdicts, on real containers', () => {
  const project = `${runName}-doctor`;
  let folder: string;
  let diagnoses: ReadonlyMap<string, Diagnosis>;

  const inProject = (...args: readonly string[]): Promise<string> =>
    compose('', args, { cwd: folder, projectName: project, files: ['compose.yaml', 'idle.yaml'] });
  /** Runs a script in every container, with the data directory that the doctor names as its first argument. */
  const inEach = async (script: string): Promise<ReadonlyMap<string, string>> => {
    const outcomes = examples.map(async ({ service }) => {
      const directory = diagnoses.get(service)?.place?.directory ?? '';
      return [service, (await run('docker', ['exec', `${project}-${service}-1`, 'sh', '-c', script, 'sh', directory])).trim()] as const;
    });
    return new Map(await Promise.all(outcomes));
  };
  const plant = (): Promise<unknown> => inEach('mkdir -p "$1" && touch "$1/sentinel"');
  const surviving = async (): Promise<ReadonlyMap<string, boolean>> => {
    const found = await inEach('if test -e "$1/sentinel"; then echo yes; else echo no; fi');
    return new Map([...found].map(([service, answer]) => [service, answer === 'yes']));
  };

  before(async function () {
    this.timeout(180_000);
    await ensureDocker();
    folder = await tempFolder('doctor');
    const bind = labFolder('doctor', `${runName}-bind`); // what lies below /tmp has another verdict, and so may the checkout
    const device = labFolder('doctor', `${runName}-device`);
    for (const each of [bind, device]) atTheEnd(() => run('rm', ['-rf', each]));
    await run('docker', ['volume', 'create', `${runName}-external`]);
    await writeFile(path.join(folder, 'compose.yaml'), composeText(bind, device));
    const idle = examples.map(({ service }) => `  ${service}: { command: [sleep, infinity], init: true }`);
    await writeFile(path.join(folder, 'idle.yaml'), `services:\n${idle.join('\n')}\n`);
    await inProject('up', '--detach');
    const { services } = await examineFiles([path.join(folder, 'compose.yaml')], {});
    diagnoses = new Map(services.map((each) => [each.service, each]));
  });

  // Every look at the engine that others take would go through all of these.
  after(() => inProject('down', '--volumes', '--timeout', '0'));

  it('are those of the table', () => {
    assert.deepEqual(
      [...diagnoses.values()].map(({ service, verdict }) => [service, verdict]),
      examples.map(({ service, verdict }) => [service, verdict]),
    );
  });

  it('know the data directory that the image has', async () => {
    const own = await inEach('echo "$PGDATA"');
    assert.deepEqual(own, new Map([...diagnoses].map(([service, { place }]) => [service, place?.directory])));
  });

  const thenUp = async (...args: readonly string[]): Promise<void> => {
    await inProject(...args);
    await inProject('up', '--detach');
  };
  const doing: readonly (readonly [SurvivalEvent, () => Promise<void>])[] = [
    ['restart', async () => void (await inProject('restart', '--timeout', '1'))],
    ['stop', async () => (await inProject('stop', '--timeout', '1'), void (await inProject('start')))],
    // A newer image makes Compose put a new container in the old one's place, as this does.
    ['pull', async () => void (await inProject('up', '--detach', '--force-recreate', '--timeout', '1'))],
    ['rm', () => thenUp('rm', '--force', '--stop')],
    ['down', () => thenUp('down', '--timeout', '1')],
    ['down -v', () => thenUp('down', '--volumes', '--timeout', '1')],
  ];
  for (const [event, act] of doing) {
    it(`hold for ${event}`, async function () {
      this.timeout(180_000);
      await plant();
      await act();
      const expected = new Map(examples.map(({ service }) => [service, diagnoses.get(service)?.survives[event]]));
      assert.deepEqual(await surviving(), expected);
    });
  }

  it('are printed without any engine', async () => {
    const document = await cliJson<{ services: { service: string; verdict: string; reasons: string[]; survives: Record<string, unknown> }[] }>([
      'doctor',
      path.join(folder, 'compose.yaml'),
      '--endpoint',
      'unix:///nowhere/docker.sock',
    ]);
    assert.deepEqual(
      document.services.map(({ service, verdict }) => [service, verdict]),
      examples.map(({ service, verdict }) => [service, verdict]),
    );
    assert.ok(document.services.every(({ reasons }) => reasons.length > 0));
    assert.deepEqual(document.services[0]?.survives, diagnoses.get('named')?.survives);
  });

  function composeText(bind: string, device: string): string {
    const services = examples.map(({ service, body }) => `  ${service}:\n${body.replace('BIND', bind).replace(/^/gm, '    ')}`);
    return `services:
${services.join('\n')}
volumes:
  named:
  sub:
  eighteen:
  beside:
  external: { external: true, name: ${runName}-external }
  folder: { driver_opts: { type: none, o: bind, device: ${device} } }
  memory: { driver_opts: { type: tmpfs, device: tmpfs } }
`;
  }
});
