import assert from 'node:assert/strict';
import { diagnoseLive } from '../../../src/persistence/doctor/live';
import type { InsideFacts, LiveFacts } from '../../../src/persistence/doctor/liveFacts';
import { parseLook } from '../../../src/persistence/doctor/readInside';
import { writtenOf } from '../../../src/persistence/doctor/readLive';
import { readConfiguration } from '../../../src/engine/recreate';

const data = '/var/lib/postgresql/data';
const unnamed = 'a'.repeat(64);

interface Mount {
  readonly Type: string;
  readonly Name?: string;
  readonly Source?: string;
  readonly Destination: string;
  readonly RW?: boolean;
}

const inside: InsideFacts = {
  disk: { freeBytes: 5e9, totalBytes: 1e10 },
  fileSystem: 'ext2/ext3',
  owner: { directory: 999, server: 999, mode: '700' },
  outside: [],
  dataBytes: 1e8,
  checksums: true,
  checksumFailures: {},
  hasAmcheck: true,
  damage: [],
};

function facts(mounts: readonly Mount[], parts: Partial<LiveFacts> & { readonly host?: object; readonly config?: object } = {}): LiveFacts {
  const { host = {}, config = {}, ...rest } = parts;
  const configuration = readConfiguration({
    Id: 'c',
    Name: '/db',
    Image: 'sha256:1',
    Config: { Image: 'postgres:17', Env: ['POSTGRES_PASSWORD=hunter2'], Healthcheck: { Test: ['CMD', 'x'] }, StopTimeout: 60, ...config },
    HostConfig: { RestartPolicy: { Name: 'always' }, ShmSize: 268_435_456, PortBindings: { '5432/tcp': [{ HostIp: '127.0.0.1', HostPort: '5432' }] }, ...host },
    Mounts: mounts,
  });
  return {
    service: 'db',
    written: writtenOf('db', configuration, [data]),
    volumes: [{ key: 'shop_data', external: false, driver: 'local', driverOptions: {}, range: { start: 0, end: 0, line: 0 } }],
    imageVolumes: [data],
    dataDirectory: data,
    port: 5432,
    vanishes: false,
    sharers: [],
    leftBehind: 0,
    inside,
    ...rest,
  };
}

const named: Mount = { Type: 'volume', Name: 'shop_data', Destination: data, RW: true };
const anonymous: Mount = { Type: 'volume', Name: unnamed, Destination: data, RW: true };

function stopped(running: LiveFacts): LiveFacts {
  const { inside: _, ...rest } = running;
  return rest;
}

type Case = readonly [title: string, facts: LiveFacts, expected: string];

const cases: readonly Case[] = [
  ['a named volume', facts([named]), 'persistent: NAMED_VOLUME'],
  ['a volume that nobody named', facts([anonymous], { leftBehind: 2 }), 'at-risk: ANONYMOUS_VOLUME LEFT_BEHIND'],
  ['one that goes with the container', facts([anonymous], { vanishes: true }), 'lost: VANISHES ANONYMOUS_VOLUME'],
  ['a named volume of a container that goes', facts([named], { vanishes: true }), 'persistent: NAMED_VOLUME VANISHES'],
  ['a folder', facts([{ Type: 'bind', Source: '/srv/pg', Destination: data }]), 'persistent: BIND_MOUNT'],
  [
    'a folder in memory',
    facts([{ Type: 'bind', Source: '/srv/pg', Destination: data }], { inside: { ...inside, fileSystem: 'tmpfs' } }),
    'lost: MEMORY BIND_MOUNT',
  ],
  ['memory', facts([], { host: { Tmpfs: { [data]: '' }, RestartPolicy: { Name: 'always' }, ShmSize: 1 } }), 'lost: TMPFS'],
  ['nothing', facts([named], { dataDirectory: '/pg' }), 'lost: MOUNT_BESIDE CONTAINER_LAYER'],
  ['two servers', facts([named], { sharers: ['other'] }), 'at-risk: SHARED NAMED_VOLUME'],
  ['a log in the container', facts([named], { inside: { ...inside, outside: ['/wal'] } }), 'lost: OUTSIDE NAMED_VOLUME'],
  ['little space', facts([named], { inside: { ...inside, disk: { freeBytes: 1e8, totalBytes: 1e10 } } }), 'persistent: LOW_SPACE NAMED_VOLUME'],
  ['a wrong owner', facts([named], { inside: { ...inside, owner: { directory: 70, server: 999, mode: '700' } } }), 'at-risk: OWNER NAMED_VOLUME'],
  ['no checksums', facts([named], { inside: { ...inside, checksums: false } }), 'persistent: NAMED_VOLUME NO_CHECKSUMS'],
  [
    'damage',
    facts([named], { inside: { ...inside, checksumFailures: { shop: 1 }, damage: ['invalid page in block 0'] } }),
    'at-risk: CHECKSUM_FAILURES DAMAGE NAMED_VOLUME',
  ],
  ['a network', facts([named], { inside: { ...inside, fileSystem: 'nfs' } }), 'persistent: NAMED_VOLUME NETWORK'],
  [
    'what it is run with',
    facts([named], {
      host: { RestartPolicy: { Name: '' }, PortBindings: { '5432/tcp': [{ HostIp: '', HostPort: '5432' }] }, ShmSize: 67_108_864 },
      config: { Env: ['POSTGRES_PASSWORD=postgres'], Healthcheck: null, StopTimeout: null },
    }),
    'persistent: NAMED_VOLUME NO_HEALTHCHECK NO_RESTART SHORT_GRACE DEFAULT_PASSWORD OPEN_PORT SMALL_SHM',
  ],
  ['a server that cannot be asked', { ...stopped(facts([named])), unread: 'too many clients' }, 'persistent: UNREAD NAMED_VOLUME'],
  ['a server that is stopped', stopped(facts([named])), 'persistent: NAMED_VOLUME'],
];

describe('the doctor of running services', () => {
  for (const [title, seen, expected] of cases) {
    it(`judges ${title}`, () => {
      const { verdict, findings } = diagnoseLive(seen);
      assert.equal(`${verdict}: ${findings.map(({ code }) => code).join(' ')}`, expected);
      assert.ok(findings.every(({ message, range }) => range === undefined && !message.includes('hunter2')));
    });
  }

  it('says that nothing survives the stop of a container that goes', () => {
    const { survives } = diagnoseLive(facts([anonymous], { vanishes: true }));
    assert.deepEqual([survives.stop, survives.restart, survives.reboot], [false, false, false]);
  });

  it('reads what was printed, and passes over what a tool did not tell', () => {
    const text = `directory ${data}\ndisk 100 40\nsystem ext2/ext3\nowner 999 700 999\noutside ${data}/pg_wal2\noutside /wal\namcheck\n`;
    assert.deepEqual(parseLook(text), {
      directory: data,
      disk: { totalBytes: 102_400, freeBytes: 40_960 },
      fileSystem: 'ext2/ext3',
      owner: { directory: 999, mode: '700', server: 999 },
      outside: ['/wal'],
      hasAmcheck: true,
    });
    assert.deepEqual(parseLook('directory /d\nsystem \nowner  \n'), { directory: '/d', outside: [], hasAmcheck: false });
  });
});
