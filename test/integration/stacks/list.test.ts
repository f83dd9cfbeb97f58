import assert from 'node:assert/strict';
import { cp, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { look } from '../../../src/health/look';
import { readTables } from '../../../src/health/statistics';
import type { Service } from '../../../src/inventory/model';
import { repositoryRoot } from '../../lab/paths';
import { engineCommand } from '../../lab/stacks';
import { cli, cliJson, openApp, podmanAddress, serviceOf, type OpenApp } from '../support/app';
import { assertOwnFigures } from '../support/figures';
import { freePort, removeServer, stackNames, startServer, startStack, type Stack } from '../support/stack';
import { runName, tempFolder } from '../support/shared';

interface ListedService extends Omit<Service, 'container'> {
  readonly container: string | null;
  readonly image: string | null;
}

interface Listing {
  readonly endpoints: readonly {
    readonly id: string;
    readonly state: string;
    readonly engine?: string;
    readonly problem?: { readonly code: string; readonly message: string; readonly remedy: string };
  }[];
  readonly projects: readonly { readonly name: string; readonly folder?: string; readonly inWorkspace: boolean; readonly services: readonly ListedService[] }[];
}

describe('list: what runs is found and shown', () => {
  let stacks: readonly Stack[];
  let app: OpenApp;
  let listing: Listing;

  before(async function () {
    this.timeout(240_000);
    stacks = await Promise.all(stackNames.map((name) => startStack(name)));
    app = await openApp({ endpoint: await podmanAddress() });
    listing = await cliJson<Listing>(['list', '--endpoint', await podmanAddress()]);
  });

  const shown = (project: string): ListedService => {
    const services = listing.projects.find(({ name }) => name === project)?.services ?? [];
    assert.equal(services.length, 1, `services of ${project}: ${services.map(({ name }) => name).join(', ')}`);
    return services[0] as ListedService;
  };

  for (const name of stackNames) {
    it(`shows ${name} as it is`, () => {
      const stack = stacks.find((each) => each.name === name) as Stack;
      const { expected, project } = stack;
      const { service } = serviceOf(app, stack);
      const line = shown(project);

      assert.equal(line.name, expected.service);
      assert.equal(line.container, stack.container);
      assert.equal(line.image, expected.image);
      assert.equal(line.state, 'running');
      // Podman without systemd never runs a health check by itself.
      if (expected.engine === 'docker') assert.equal(line.health, 'healthy');
      assert.equal(line.postgres.major, expected.major);
      assert.match(line.postgres.version ?? '', new RegExp(`^${expected.major}\\.\\d+$`));
      assert.equal(line.postgres.user, expected.user);
      assert.equal(line.postgres.database, expected.database);
      assert.deepEqual(
        line.databases.map(({ name: database, owner, tables }) => ({ database, owner, tables })),
        [{ database: expected.database, owner: expected.user, tables: tablesWithoutPartitions(stack) }],
      );
      assert.ok((line.databases[0]?.sizeBytes ?? 0) > 7_000_000, 'a database is never that small');

      assert.equal(line.volume?.dataDirectory, expected.dataDirectory);
      assert.equal(line.volume?.destination, expected.volume.destination);
      assert.equal(line.volume?.kind, expected.volume.kind === 'bind' ? 'bind' : 'named');
      assert.equal(line.volume?.name, volumeName(stack));
      assert.ok((line.volume?.sizeBytes ?? 0) > 20_000_000, 'a cluster is never that small');
      assert.deepEqual(line.dependents.toSorted(), dependentsByFile(stack));

      assert.deepEqual(service.databases, line.databases, 'the app and the command line agree');
      assert.deepEqual(service.dependents, line.dependents);
    });
  }

  for (const name of stackNames) {
    it(`gives the figures of the tables of ${name} as Postgres does`, async () => {
      const stack = stacks.find((each) => each.name === name) as Stack;
      const tables = await look(app.inventory.serverOf(serviceOf(app, stack).service), stack.database, readTables);
      await assertOwnFigures(stack, stack.database, tables);
      assert.equal(tables.filter(({ kind }) => kind === 'table' || kind === 'partition' || kind === 'partitioned table').length, stack.expected.tableCount);
    });
  }

  it('shows each project with the folder that it lies in, once', () => {
    for (const { project, folder } of stacks) {
      const found = listing.projects.filter(({ name }) => name === project);
      assert.deepEqual(
        found.map((each) => ({ folder: each.folder, inWorkspace: each.inWorkspace })),
        [{ folder, inWorkspace: false }],
      );
    }
  });

  it('takes clients on the image of Postgres for what they are', () => {
    const names = listing.projects.flatMap(({ services }) => services.map(({ container }) => container));
    for (const { containerNamed, expected } of stacks) {
      for (const { container } of [...expected.dependents, ...expected.servicesWithoutSessions, ...expected.initServices]) {
        assert.equal(names.includes(containerNamed(container)), false, `${container} is no database`);
      }
    }
  });

  it('shows both engines with their kind', () => {
    const kinds = listing.endpoints.filter(({ state }) => state === 'connected').map(({ engine }) => engine);
    assert.deepEqual(new Set(kinds), new Set(['docker', 'podman']));
  });

  it('puts the workspace first', async () => {
    const reims = stacks.find(({ name }) => name === 'reims') as Stack;
    const { projects } = await cliJson<Listing>(['list'], { cwd: reims.folder });
    assert.equal(projects[0]?.name, reims.project);
    assert.equal(projects[0]?.inWorkspace, true);
    assert.equal(projects.filter(({ inWorkspace }) => inWorkspace).length >= 1, true);
  });

  it('shows what a Compose file describes and nobody has started as not created', async () => {
    const folder = path.join(await tempFolder('written'), `${runName}-written`);
    await cp(path.join(repositoryRoot, 'test/fixtures/stacks/fastapi'), folder, { recursive: true });
    const { projects } = await cliJson<Listing>(['list'], { cwd: folder });
    const project = projects.find(({ name }) => name === `${runName}-written`);
    assert.deepEqual(
      project?.services.map(({ name, state, container, databases, postgres }) => ({ name, state, container, databases, postgres })),
      [{ name: 'db', state: 'not created', container: null, databases: [], postgres: { user: 'postgres', database: 'mydb' } }],
    );
  });

  it('shows a stopped container, with the version and volume that can be known, and no databases', async () => {
    const server = await startServer('stopped', { arguments: ['--volume', `${runName}-stopped:/var/lib/postgresql/data`] });
    await engineCommand(['stop', server.container]);
    const { projects } = await cliJson<Listing>(['list']);
    const service = projects.find(({ name }) => name === server.project)?.services[0];
    assert.equal(service?.state, 'stopped');
    assert.equal(service.container, server.container);
    assert.deepEqual(service.databases, []);
    assert.equal(service.postgres.major, 17);
    assert.equal(service.volume?.name, `${runName}-stopped`);
    assert.equal(service.problem, undefined);
    const { code, stdout } = await cli(['backup', `${server.project}/${server.service}/app`, '--json']);
    assert.equal(code, 1);
    assert.equal((JSON.parse(stdout) as { error: { code: string } }).error.code, 'SERVICE_NOT_RUNNING');
    await removeServer(server);
  });

  it('shows a paused container without waiting for it', async () => {
    const server = await startServer('paused');
    await engineCommand(['pause', server.container]);
    try {
      const start = performance.now();
      const { projects } = await cliJson<Listing>(['list']);
      assert.equal(projects.find(({ name }) => name === server.project)?.services[0]?.state, 'paused');
      assert.ok(performance.now() - start < 9_000, 'the paused server was waited for');
    } finally {
      await engineCommand(['unpause', server.container]);
      await removeServer(server);
    }
  });

  it('shows a server whose password does not fit, with the reason, and the others all the same', async () => {
    const scram = { POSTGRES_INITDB_ARGS: '--auth-host=scram-sha-256 --auth-local=trust', POSTGRES_HOST_AUTH_METHOD: 'scram-sha-256' };
    const server = await startServer('wrong-password', { env: scram });
    await engineCommand(['exec', server.container, 'psql', '-U', 'app', '-d', 'app', '-c', "ALTER ROLE app PASSWORD 'another'"]);
    const { projects } = await cliJson<Listing>(['list']);
    const service = projects.find(({ name }) => name === server.project)?.services[0];
    assert.equal(service?.state, 'running');
    assert.equal(service.problem?.code, 'PASSWORD_WRONG');
    assert.ok((service.problem.remedy.length ?? 0) > 20);
    assert.equal(JSON.stringify(service).includes('pw-Zq7!secret'), false);
    assert.equal(shown(stacks[0]?.project ?? '').databases.length, 1);
    await removeServer(server);
  });

  it('shows an engine that cannot be reached with reason and remedy, and what else there is', async () => {
    const dead = path.join(await tempFolder('dead'), 'docker.sock');
    const { endpoints, projects } = await cliJson<Listing>(['list'], { env: { DOCKER_HOST: `unix://${dead}` } });
    const failed = endpoints.find(({ id }) => id === `unix://${dead}`);
    assert.equal(failed?.state, 'failed');
    assert.match(failed.problem?.message ?? '', /docker\.sock/);
    assert.ok((failed.problem?.remedy ?? '').length > 10);
    assert.ok(failed.problem?.code);
    assert.ok(
      projects.some(({ name }) => name === stacks[0]?.project),
      'the usual socket was left out',
    );
  });

  it('shows a port at which nobody listens as failed too', async () => {
    const { endpoints } = await cliJson<Listing>(['list'], { env: { DOCKER_HOST: `tcp://127.0.0.1:${await freePort()}` } });
    assert.deepEqual(
      endpoints.filter(({ state }) => state === 'failed').map(({ problem }) => typeof problem?.remedy),
      ['string'],
    );
  });

  it('reads an empty folder as an empty workspace', async () => {
    const folder = path.join(await tempFolder('empty'), 'empty');
    await mkdir(folder);
    const { projects } = await cliJson<Listing>(['list'], { cwd: folder });
    assert.equal(
      projects.some(({ inWorkspace }) => inWorkspace),
      false,
    );
  });
});

/** Partitions count with their parent. */
function tablesWithoutPartitions({ expected }: Stack): number {
  const partitions = Object.keys(expected.rows['public'] ?? {}).filter((table) => /^telemetry_\d/.test(table));
  return expected.tableCount - partitions.length;
}

function volumeName({ expected, project }: Stack): string | undefined {
  if (expected.volume.kind === 'bind') return undefined;
  return expected.volume.explicitName === true ? `${project}-data` : `${project}_${expected.volume.key}`;
}

/** All that waits for the database, directly or through others, as the Compose files say. */
function dependentsByFile({ expected }: Stack): readonly string[] {
  return [...expected.dependents, ...expected.servicesWithoutSessions, ...expected.initServices].map(({ service }) => service).toSorted();
}
