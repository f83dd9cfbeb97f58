import assert from 'node:assert/strict';
import { readEnvironment, readInspection, readSummary } from '../../../src/engine/containers';

const id = 'f3b1c6a0d2e94b7f8a5c1e0d9b8a7f6e5d4c3b2a190807060504030201000fff';

// As Docker 27 and Podman 4.3 answer; what matters for a case is laid over it.
const dockerRow = {
  Id: id,
  Names: ['/reims-postgres-1'],
  Image: 'postgres:17',
  ImageID: 'sha256:1',
  Command: "docker-entrypoint.sh postgres -c 'shared_buffers=256MB'",
  Created: 1_700_000_000,
  Ports: [
    { IP: '0.0.0.0', PrivatePort: 5432, PublicPort: 5433, Type: 'tcp' },
    { IP: '::', PrivatePort: 5432, PublicPort: 5433, Type: 'tcp' },
  ],
  Labels: { 'com.docker.compose.project': 'reims' },
  State: 'running',
  Status: 'Up 3 hours (healthy)',
  HostConfig: { NetworkMode: 'reims_default' },
  Mounts: [{ Type: 'volume', Name: 'reims_data', Source: '', Destination: '/var/lib/postgresql/data', Driver: 'local', Mode: 'z', RW: true, Propagation: '' }],
};
const podmanRow = {
  Id: id,
  Names: ['budgie_db_1'],
  Image: 'docker.io/library/postgres:15',
  Command: ['postgres', '-c', 'port=5433'],
  Ports: null,
  Labels: null,
  State: 'Exited',
  Status: 'Exited (0) 2 hours ago',
  Mounts: ['/var/lib/postgresql/data'],
};

describe('readSummary', () => {
  it('reads a row of Docker', () => {
    assert.deepEqual(readSummary(dockerRow), {
      id,
      name: 'reims-postgres-1',
      image: 'postgres:17',
      command: "docker-entrypoint.sh postgres -c 'shared_buffers=256MB'",
      labels: { 'com.docker.compose.project': 'reims' },
      state: 'running',
      status: 'Up 3 hours (healthy)',
      ports: [
        { containerPort: 5432, hostPort: 5433, hostAddress: '0.0.0.0' },
        { containerPort: 5432, hostPort: 5433, hostAddress: '::' },
      ],
      mountTargets: ['/var/lib/postgresql/data'],
    });
  });

  it('reads a row of Podman', () => {
    assert.deepEqual(readSummary(podmanRow), {
      id,
      name: 'budgie_db_1',
      image: 'docker.io/library/postgres:15',
      command: 'postgres -c port=5433',
      labels: {},
      state: 'exited',
      status: 'Exited (0) 2 hours ago',
      ports: [],
      mountTargets: ['/var/lib/postgresql/data'],
    });
  });

  for (const field of ['Names', 'Image', 'Command', 'Labels', 'State', 'Status', 'Ports', 'Mounts'] as const) {
    for (const [title, row] of [
      ['null', { ...dockerRow, [field]: null }],
      ['absent', Object.fromEntries(Object.entries(dockerRow).filter(([name]) => name !== field))],
    ] as const) {
      it(`bears ${field} being ${title}`, () => {
        const summary = readSummary(row);
        assert.equal(summary?.id, id);
        assert.ok([summary.name, summary.image, summary.command, summary.state, summary.status].every((value) => typeof value === 'string'));
        assert.ok([summary.ports, summary.mountTargets].every((value) => Array.isArray(value)));
      });
    }
  }

  it('names a container without a name by its id', () => {
    for (const Names of [null, []]) assert.equal(readSummary({ ...dockerRow, Names })?.name, id.slice(0, 12));
  });

  it('takes a port that is not published for exposed only', () => {
    for (const port of [
      { PrivatePort: 5432, Type: 'tcp' },
      { IP: '', PrivatePort: 5432, PublicPort: 0 },
      { IP: null, PrivatePort: 5432, PublicPort: null },
    ]) {
      assert.deepEqual(readSummary({ ...dockerRow, Ports: [port] })?.ports, [{ containerPort: 5432 }]);
    }
  });

  for (const value of [undefined, null, 'text', 7, [], {}, { Id: 7 }, { ...dockerRow, Ports: [{ PrivatePort: 'x' }] }]) {
    it(`passes over ${JSON.stringify(value)?.slice(0, 20) ?? 'undefined'}, which is no container`, () => assert.equal(readSummary(value), undefined));
  }
});

const dockerAnswer = {
  Id: id,
  Created: '2026-01-01T00:00:00Z',
  Path: 'docker-entrypoint.sh',
  Args: ['postgres'],
  State: { Status: 'running', Running: true, StartedAt: '2026-01-01T00:00:01Z', FinishedAt: '0001-01-01T00:00:00Z', Health: { Status: 'healthy', Log: [] } },
  Image: 'sha256:abc',
  Name: '/reims-postgres-1',
  HostConfig: { ReadonlyRootfs: false },
  Mounts: [
    { Type: 'volume', Name: 'reims_data', Source: '/var/lib/docker/volumes/reims_data/_data', Destination: '/var/lib/postgresql/data', RW: true },
    { Type: 'bind', Source: '/home/me/init', Destination: '/docker-entrypoint-initdb.d', Mode: 'ro', RW: false },
  ],
  Config: {
    Image: 'postgres:17',
    Env: ['POSTGRES_PASSWORD=a=b', 'EMPTY=', 'BARE', 'PG_MAJOR=17'],
    Cmd: ['postgres'],
    Entrypoint: ['docker-entrypoint.sh'],
    Labels: { a: 'b' },
    ExposedPorts: { '5432/tcp': {} },
  },
  NetworkSettings: { IPAddress: '', Networks: { reims_default: { IPAddress: '172.18.0.2' }, other: { IPAddress: '172.19.0.2' }, gone: null } },
};

describe('readInspection', () => {
  it('reads an answer of Docker', () => {
    assert.deepEqual(readInspection(dockerAnswer), {
      id,
      name: 'reims-postgres-1',
      image: 'postgres:17',
      imageId: 'sha256:abc',
      path: 'docker-entrypoint.sh',
      args: ['postgres'],
      entrypoint: ['docker-entrypoint.sh'],
      cmd: ['postgres'],
      env: { POSTGRES_PASSWORD: 'a=b', EMPTY: '', BARE: '', PG_MAJOR: '17' },
      labels: { a: 'b' },
      exposedPorts: [5432],
      mounts: [
        { type: 'volume', name: 'reims_data', source: '/var/lib/docker/volumes/reims_data/_data', destination: '/var/lib/postgresql/data', readOnly: false },
        { type: 'bind', source: '/home/me/init', destination: '/docker-entrypoint-initdb.d', readOnly: true },
      ],
      state: 'running',
      health: 'healthy',
      startedAt: '2026-01-01T00:00:01Z',
      addresses: ['172.18.0.2', '172.19.0.2'],
      readOnlyRoot: false,
    });
  });

  it('reads an answer of Podman, with text for lists and null for what is empty', () => {
    const inspection = readInspection({
      ...dockerAnswer,
      Name: 'budgie_db_1',
      Args: null,
      State: { Status: 'Running', StartedAt: '2026-01-01T00:00:01Z', Healthcheck: { Status: '', FailingStreak: 0, Log: null } },
      HostConfig: { ReadonlyRootfs: true },
      Mounts: null,
      Config: { Image: 'docker.io/library/postgres:15', Env: null, Cmd: null, Entrypoint: 'docker-entrypoint.sh', Labels: null, ExposedPorts: null },
      NetworkSettings: { IPAddress: '10.88.0.4', Networks: { podman: { IPAddress: '10.88.0.4' } } },
    });
    assert.equal(inspection.name, 'budgie_db_1');
    assert.equal(inspection.state, 'running');
    assert.ok(!('health' in inspection));
    assert.deepEqual(
      [inspection.args, inspection.mounts, inspection.cmd, inspection.exposedPorts, inspection.labels, inspection.env],
      [[], [], [], [], {}, {}],
    );
    assert.deepEqual(inspection.entrypoint, ['docker-entrypoint.sh']);
    assert.deepEqual(inspection.addresses, ['10.88.0.4']);
    assert.equal(inspection.readOnlyRoot, true);
  });

  it('takes an empty entrypoint for none', () => {
    assert.deepEqual(readInspection({ ...dockerAnswer, Config: { ...dockerAnswer.Config, Entrypoint: '' } }).entrypoint, []);
  });

  it('bears a container without networks', () => {
    for (const NetworkSettings of [null, undefined, { Networks: null }]) {
      assert.deepEqual(readInspection({ ...dockerAnswer, NetworkSettings }).addresses, []);
    }
  });

  for (const [state, expected] of [
    [{ Health: { Status: 'unhealthy' } }, 'unhealthy'],
    [{ Health: { Status: 'Starting' } }, 'starting'],
    [{ Health: { Status: 'none' } }, undefined],
    [{ Health: null }, undefined],
    [{}, undefined],
    [{ Healthcheck: { Status: 'healthy' } }, 'healthy'],
  ] as const) {
    it(`says ${expected ?? 'nothing'} of the health ${JSON.stringify(state)}`, () => {
      assert.equal(readInspection({ ...dockerAnswer, State: { Status: 'running', ...state } }).health, expected);
    });
  }

  it('throws for what is no answer', () => {
    for (const value of [undefined, {}, { Id: id }, { message: 'no such container' }]) assert.throws(() => readInspection(value));
  });
});

describe('readEnvironment', () => {
  it('keeps everything after the first equals sign, and what looks like a member of objects', () => {
    const read = readEnvironment(['A=1=2', 'constructor=x', 'B', 'C= ']);
    assert.deepEqual({ ...read }, { A: '1=2', constructor: 'x', B: '', C: ' ' });
  });
});
