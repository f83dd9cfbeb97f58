import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseComposeFile } from '../../../src/compose/composeFile';
import { examineFiles } from '../../../src/persistence/doctor/composeDoctor';
import { findingsInText } from '../../../src/persistence/doctor/documentFindings';
import { examineFile, type Diagnosis } from '../../../src/persistence/doctor/examine';
import type { Verdict } from '../../../src/persistence/doctor/survival';
import { Failure } from '../../../src/protocol/failure';

/** The diagnosis of service `db`; its body is given in flow style or as lines without indentation. */
function examine(body: string, top = 'volumes: { pgdata: {} }', dockerfile?: string): Diagnosis {
  const text = `services:\n  db:\n${body.replace(/^/gm, '    ')}\n${top}\n`;
  const file = parseComposeFile(text, {}, 'compose.yaml');
  assert.deepEqual(file.errors, []);
  const [found] = examineFile({ file, dockerfileOf: () => dockerfile });
  assert.ok(found, 'the service is recognised');
  return found;
}

const at = (image: string, ...mounts: readonly string[]): string => `image: ${image}\nvolumes: ${JSON.stringify(mounts)}`;
const data = '/var/lib/postgresql/data';
const option = (options: string): string => `volumes: { pgdata: { driver_opts: { ${options} } } }`;

type Variant = readonly [title: string, verdict: Verdict, code: string, body: string, top?: string | undefined, dockerfile?: string];

const variants: readonly Variant[] = [
  ['named volume', 'persistent', 'NAMED_VOLUME', at('postgres:17', `pgdata:${data}`)],
  ['named volume, trailing slash', 'persistent', 'NAMED_VOLUME', at('postgres:17', `pgdata:${data}/`)],
  ['named volume, long form', 'persistent', 'NAMED_VOLUME', `image: postgres:16\nvolumes: [{ type: volume, source: pgdata, target: ${data} }]`],
  ['named volume, alpine', 'persistent', 'NAMED_VOLUME', at('docker.io/library/postgres:15.4-alpine', `pgdata:${data}`)],
  ['explicit name', 'persistent', 'EXPLICIT_NAME', at('postgres:17', `pgdata:${data}`), 'volumes: { pgdata: { name: shared } }'],
  ['external volume', 'persistent', 'EXTERNAL_VOLUME', at('postgres:17', `pgdata:${data}`), 'volumes: { pgdata: { external: true } }'],
  ['NFS', 'persistent', 'NETWORK', at('postgres:17', `pgdata:${data}`), option('type: nfs, o: "addr=10.0.0.1,rw", device: ":/pg"')],
  ['bind by driver_opts', 'persistent', 'FOLDER_VOLUME', at('postgres:17', `pgdata:${data}`), option('type: none, o: bind, device: /srv/pg')],
  ['tmpfs by driver_opts', 'lost', 'MEMORY_VOLUME', at('postgres:17', `pgdata:${data}`), option('type: tmpfs, device: tmpfs')],
  ['volume plugin', 'persistent', 'PLUGIN_VOLUME', at('postgres:17', `pgdata:${data}`), 'volumes: { pgdata: { driver: rexray } }'],
  ['bind mount', 'persistent', 'BIND_MOUNT', at('postgres:17', `./data:${data}`)],
  ['bind mount, long form', 'persistent', 'BIND_MOUNT', `image: postgres:17\nvolumes: [{ type: bind, source: /srv/pg, target: ${data} }]`],
  ['bind mount below /tmp', 'at-risk', 'PASSING_FOLDER', at('postgres:17', `/tmp/pg:${data}`)],
  ['bind mount, Windows', 'persistent', 'BIND_MOUNT', at('postgres:17', `C:\\pg:${data}`)],
  ['read-only mount', 'at-risk', 'READ_ONLY', at('postgres:17', `pgdata:${data}:ro`)],
  ['anonymous volume', 'at-risk', 'ANONYMOUS_VOLUME', at('postgres:17', data)],
  ['no mount at all', 'at-risk', 'ANONYMOUS_VOLUME', 'image: postgres:17'],
  ['no mount at all, 18', 'at-risk', 'ANONYMOUS_VOLUME', 'image: postgres:18'],
  ['tmpfs field', 'lost', 'TMPFS', `image: postgres:17\ntmpfs: ${data}`],
  ['tmpfs mount', 'lost', 'TMPFS', `image: postgres:17\nvolumes: [{ type: tmpfs, target: ${data} }]`],
  ['tmpfs field with options, in a list', 'lost', 'TMPFS', `image: postgres:17\ntmpfs: ["/run", "${data}:size=1g"]`],
  ['tmpfs over the mount', 'lost', 'TMPFS', `image: postgres:17\nvolumes: ["pgdata:/var/lib/postgresql"]\ntmpfs: ${data}`],
  ['17 mounted one level up', 'at-risk', 'MOUNT_BESIDE', at('postgres:17', 'pgdata:/var/lib/postgresql')],
  ['18 mounted one level up', 'persistent', 'NAMED_VOLUME', at('postgres:18', 'pgdata:/var/lib/postgresql')],
  ['18 mounted at the old path', 'at-risk', 'MOUNT_BESIDE', at('postgres:18', `pgdata:${data}`)],
  ['18 with the old path by PGDATA', 'persistent', 'NAMED_VOLUME', `${at('postgres:18', `pgdata:${data}`)}\nenvironment: { PGDATA: ${data} }`],
  ['18 mounted at its data directory', 'persistent', 'NAMED_VOLUME', at('postgres:18.1', 'pgdata:/var/lib/postgresql/18/docker')],
  ['no tag, old path', 'at-risk', 'MAJOR_OPEN', at('postgres', `pgdata:${data}`)],
  ['latest, new path', 'at-risk', 'MAJOR_OPEN', at('postgres:latest', 'pgdata:/var/lib/postgresql')],
  ['latest, PGDATA in the mount', 'persistent', 'NAMED_VOLUME', `${at('postgres:alpine', 'pgdata:/pg')}\nenvironment: [PGDATA=/pg/data]`],
  ['PGDATA in a subfolder', 'persistent', 'NAMED_VOLUME', `${at('postgres:17', `pgdata:${data}`)}\nenvironment: { PGDATA: ${data}/pgdata }`],
  ['PGDATA outside every mount', 'lost', 'CONTAINER_LAYER', `${at('postgres:17', `pgdata:${data}`)}\nenvironment: { PGDATA: /pg }`],
  ['PGDATA whose name only begins alike', 'lost', 'CONTAINER_LAYER', `${at('postgres:17', `pgdata:${data}`)}\nenvironment: { PGDATA: ${data}2 }`],
  ['PGDATA by -D', 'lost', 'CONTAINER_LAYER', `${at('postgres:17', `pgdata:${data}`)}\ncommand: postgres -D /elsewhere`],
  ['volume mounted at a wrong path', 'at-risk', 'MOUNT_BESIDE', at('postgres:17', 'pgdata:/data')],
  ['volume mounted at pgsql', 'at-risk', 'MOUNT_BESIDE', at('postgres:17', 'pgdata:/var/lib/pgsql/data')],
  ['only init scripts mounted', 'at-risk', 'ANONYMOUS_VOLUME', at('postgres:17', './init:/docker-entrypoint-initdb.d:ro')],
  ['log outside', 'lost', 'WAL_OUTSIDE', `${at('postgres:17', `pgdata:${data}`)}\nenvironment: { POSTGRES_INITDB_WALDIR: /wal }`],
  ['log in a volume', 'persistent', 'NAMED_VOLUME', `${at('postgres:17', `pgdata:${data}`, 'pgdata:/wal')}\nenvironment: { POSTGRES_INITDB_WALDIR: /wal }`],
  ['pgvector', 'persistent', 'NAMED_VOLUME', at('pgvector/pgvector:pg17', `pgdata:${data}`)],
  ['pgvector 18, old path', 'at-risk', 'MOUNT_BESIDE', at('pgvector/pgvector:0.8.1-pg18', `pgdata:${data}`)],
  ['postgis', 'persistent', 'NAMED_VOLUME', at('postgis/postgis:16-3.4', `pgdata:${data}`)],
  ['timescale', 'persistent', 'NAMED_VOLUME', at('timescale/timescaledb:2.17.2-pg16', `pgdata:${data}`)],
  ['timescale ha, wrong path', 'lost', 'MOUNT_BESIDE', at('timescale/timescaledb-ha:pg17', `pgdata:${data}`)],
  ['timescale ha', 'persistent', 'NAMED_VOLUME', at('timescale/timescaledb-ha:pg17', 'pgdata:/home/postgres/pgdata/data')],
  ['bitnami', 'persistent', 'NAMED_VOLUME', at('bitnami/postgresql:16', 'pgdata:/bitnami/postgresql')],
  ['bitnami, official path', 'at-risk', 'MOUNT_BESIDE', at('bitnami/postgresql:16', `pgdata:${data}`)],
  ['image not known', 'unknown', 'IMAGE_UNKNOWN', at('acme/database:3', `pgdata:${data}`)],
  ['image not known, PGDATA in a mount', 'persistent', 'NAMED_VOLUME', `${at('acme/database:3', `pgdata:${data}`)}\nenvironment: { PGDATA: ${data} }`],
  ['built, Dockerfile missing', 'unknown', 'IMAGE_UNKNOWN', `build: .\nvolumes: ["pgdata:${data}"]`],
  ['built upon 17', 'persistent', 'NAMED_VOLUME', `build: .\nvolumes: ["pgdata:${data}"]`, undefined, 'FROM postgres:17\nRUN true\n'],
  ['built, PGDATA moved', 'lost', 'MOUNT_BESIDE', `build: .\nvolumes: ["pgdata:${data}"]`, undefined, 'FROM postgres:17\nENV PGDATA=/baked\n'],
  ['built, a VOLUME of its own', 'at-risk', 'ANONYMOUS_VOLUME', 'build: .', undefined, 'FROM postgres:17\nENV PGDATA=/own\nVOLUME ["/own"]\n'],
  ['volume not declared', 'unknown', 'VOLUME_UNDECLARED', at('postgres:17', `gone:${data}`)],
  ['base in another file', 'unknown', 'BASE_MISSING', 'image: postgres:17\nextends: { file: base.yaml, service: pg }'],
  ['volumes_from', 'unknown', 'VOLUMES_FROM', 'image: postgres:17\nvolumes_from: [store]'],
  ['profile', 'persistent', 'NAMED_VOLUME', `${at('postgres:17', `pgdata:${data}`)}\nprofiles: [db]`],
];

describe('the doctor, on Compose files', () => {
  for (const [title, verdict, code, body, top, dockerfile] of variants) {
    it(`${title}: ${verdict}`, () => {
      const found = examine(body, top, dockerfile);
      const codes = found.findings.filter(({ severity }) => severity !== 'advice' || code === 'NETWORK' || code === 'EXPLICIT_NAME').map((each) => each.code);
      assert.equal(found.verdict, verdict, JSON.stringify(found.findings));
      assert.ok(codes.includes(code), codes.join(', '));
    });
  }

  it('takes the mount that holds the data for no other', () => {
    const { findings } = examine(at('postgres:18', '/tmp/pg:/var/lib/postgresql'));
    assert.deepEqual(
      findings.flatMap(({ severity, code }) => (severity === 'danger' ? [code] : [])),
      ['PASSING_FOLDER'],
    );
  });

  it('tells what survives', () => {
    const lostIn = (found: Diagnosis, answer: boolean | null): readonly string[] =>
      Object.entries(found.survives).flatMap(([event, survives]) => (survives === answer ? [event] : []));
    assert.deepEqual(lostIn(examine(at('postgres:17', `pgdata:${data}`)), false), ['down -v', 'volume rm', 'system prune --volumes', 'disk failure']);
    assert.deepEqual(lostIn(examine('image: postgres:17'), true), ['restart', 'stop', 'pull', 'rebuild', 'reboot']);
    assert.deepEqual(lostIn(examine(at('postgres:17', `./data:${data}`)), false), ['disk failure']);
    assert.deepEqual(lostIn(examine(`image: postgres:17\ntmpfs: ${data}`), true), []);
    assert.deepEqual(lostIn(examine('image: postgres:17\nenvironment: { PGDATA: /pg }'), true), ['restart', 'stop', 'reboot']);
    assert.deepEqual(lostIn(examine(at('acme/database:3', `pgdata:${data}`)), false), ['disk failure']);
  });

  it('says at which line the mount stands', () => {
    const beside = examine('image: postgres:17\nvolumes:\n  - ./init:/docker-entrypoint-initdb.d\n  - pgdata:/data').findings[0];
    assert.deepEqual([beside?.code, beside?.range?.line, beside?.range?.file], ['MOUNT_BESIDE', 5, 'compose.yaml']);
  });

  it('warns of two servers on one data directory, not of two in subfolders', () => {
    const two = (first: string, second: string): readonly Verdict[] => {
      const service = (name: string, folder: string): string =>
        `  ${name}: { image: "postgres:17", volumes: ["pgdata:/pg"], environment: { PGDATA: /pg/${folder} } }\n`;
      const text = `services:\n${service('a', first)}${service('b', second)}volumes: { pgdata: {} }\n`;
      return examineFile({ file: parseComposeFile(text), dockerfileOf: () => undefined }).map(({ verdict }) => verdict);
    };
    assert.deepEqual(two('x', 'x'), ['at-risk', 'at-risk']);
    assert.deepEqual(two('x', 'y'), ['persistent', 'persistent']);
  });

  it('advises, and says no password', () => {
    const codes = ({ findings }: Diagnosis): readonly string[] => findings.filter(({ severity }) => severity === 'advice').map(({ code }) => code);
    const bare = `${at('postgres:17', `pgdata:${data}`)}\nenvironment: { POSTGRES_PASSWORD: changeme }\nports: ["5432:5432"]\nstop_grace_period: 5s`;
    const found = examine(bare);
    assert.deepEqual(codes(found), ['NO_HEALTHCHECK', 'NO_RESTART', 'SHORT_GRACE', 'DEFAULT_PASSWORD', 'OPEN_PORT', 'SMALL_SHM']);
    assert.ok(!JSON.stringify(found).includes('changeme'));
    const careful = `${at('postgres:17', `pgdata:${data}`)}
environment: { POSTGRES_PASSWORD_FILE: /run/secrets/pg }
ports: ["127.0.0.1:5432:5432"]
healthcheck: { test: [CMD, pg_isready] }
restart: unless-stopped
stop_grace_period: 1m30s
shm_size: 256m`;
    assert.deepEqual(codes(examine(careful)), []);
    const waiting = examine(`${careful}\n`, 'volumes: { pgdata: {} }').findings;
    assert.ok(!waiting.some(({ code }) => code === 'NO_CONDITION'));
    const text = 'services:\n  db: { image: "postgres:17" }\n  app: { image: app, depends_on: [db] }\n';
    const [db] = examineFile({ file: parseComposeFile(text), dockerfileOf: () => undefined });
    assert.equal(db?.findings.find(({ code }) => code === 'NO_CONDITION')?.service, 'app');
  });

  it('places what it finds in a text, and leaves out what another file completes', () => {
    const text = `services:
  db:
    image: postgres:17 # the server
    ports:
      - 5432:5432
    volumes:
      - pgdata:/data
    stop_grace_period: 5s
    environment: { PGDATA: /elsewhere }
  app: { image: app, depends_on: [db] }
volumes: { pgdata: {} }
`;
    const placed = findingsInText(text).map(({ code, range }) => [code, range.line, text.slice(range.start, range.end).split('\n')[0]]);
    assert.deepEqual(placed, [
      ['MOUNT_BESIDE', 6, 'pgdata:/data'],
      ['CONTAINER_LAYER', 5, 'volumes:'],
      ['NO_HEALTHCHECK', 1, 'db'],
      ['NO_RESTART', 1, 'db'],
      ['NO_CONDITION', 9, 'depends_on: [db]'],
      ['SHORT_GRACE', 7, 'stop_grace_period: 5s'],
      ['OPEN_PORT', 3, 'ports:'],
      ['SMALL_SHM', 1, 'db'],
    ]);
    assert.deepEqual(findingsInText('services:\n  db: { environment: { POSTGRES_PASSWORD: x }, ports: ["5432:5432"] }\n'), []);
    assert.deepEqual(findingsInText('services: ['), []);
  });

  describe('read from a folder', () => {
    let folder: string;
    beforeEach(async () => void (folder = await mkdtemp(path.join(tmpdir(), 'cdb-doctor-'))));
    afterEach(() => rm(folder, { recursive: true, force: true }));
    const write = async (name: string, text: string): Promise<string> => {
      const file = path.join(folder, name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, text);
      return file;
    };
    const verdicts = async (...files: readonly string[]): Promise<readonly Verdict[]> => (await examineFiles(files, {})).services.map(({ verdict }) => verdict);
    const without = 'services:\n  db: { image: "postgres:17" }\nvolumes: { pgdata: {} }\n';
    const mounted = `services:\n  db: { volumes: ["pgdata:${data}"] }\n`;

    it('lays the default override over the file, and a variant over the default files', async () => {
      const main = await write('compose.yaml', without);
      assert.deepEqual(await verdicts(main), ['at-risk']);
      const prod = await write('compose.prod.yaml', mounted);
      assert.deepEqual(await verdicts(prod), ['persistent']);
      await write('compose.override.yaml', mounted);
      assert.deepEqual(await verdicts(main), ['persistent']);
    });

    it('takes several files as given, later ones winning', async () => {
      const one = await write('one.yaml', without);
      const two = await write('two.yaml', mounted);
      assert.deepEqual([await verdicts(one), await verdicts(one, two)], [['at-risk'], ['persistent']]);
    });

    it('knows what depends on a variable without value', async () => {
      const tag = (value: string): string => `services:\n  db: { image: "postgres:${value}", volumes: ["pgdata:${data}"] }\nvolumes: { pgdata: {} }\n`;
      const file = await write('compose.yaml', tag('${TAG}'));
      assert.deepEqual(await verdicts(file), ['unknown']);
      await write('compose.yaml', tag('${TAG:-17}'));
      assert.deepEqual(await verdicts(file), ['persistent']);
      await write('compose.yaml', tag('${TAG}'));
      await write('.env', 'TAG=18\n');
      assert.deepEqual(await verdicts(file), ['at-risk']);
      await write('compose.yaml', `services:\n  db: { image: "postgres:17", volumes: ["\${FOLDER}:${data}"] }\n`);
      assert.deepEqual(await verdicts(file), ['unknown']);
    });

    it('takes PGDATA from an env_file, and the image from a Dockerfile', async () => {
      await write('db.env', 'PGDATA=/elsewhere\n');
      const file = await write('compose.yaml', `services:\n  db: { build: ./db, env_file: db.env, volumes: ["pgdata:${data}"] }\nvolumes: { pgdata: {} }\n`);
      await write('db/Dockerfile', 'FROM postgres:17\n');
      assert.deepEqual(await verdicts(file), ['lost']);
    });

    it('follows extends into another file', async () => {
      await write('base/pg.yaml', `services:\n  pg: { image: "postgres:17", volumes: ["pgdata:${data}"] }\n`);
      const file = await write('compose.yaml', 'services:\n  db: { extends: { file: base/pg.yaml, service: pg } }\nvolumes: { pgdata: {} }\n');
      assert.deepEqual(await verdicts(file), ['persistent']);
    });

    it('refuses what is no Compose file, and finds nothing where there is nothing', async () => {
      const failsWith = (code: string) => (error: unknown) => error instanceof Failure && error.code === code;
      await assert.rejects(verdicts(path.join(folder, 'gone.yaml')), failsWith('COMPOSE_UNREADABLE'));
      await assert.rejects(verdicts(await write('broken.yaml', '[1, 2]')), failsWith('COMPOSE_INVALID'));
      assert.deepEqual(await verdicts(await write('other.yaml', 'services:\n  web: { image: nginx }\n')), []);
    });
  });
});
