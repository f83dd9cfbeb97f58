import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { readManifest } from '../../../src/backup/manifest';
import type { Recognised } from '../../../src/backup/recognise/recognised';
import { cliJson, failureOf, openApp, operation, restore, serviceOf, type OpenApp } from '../support/app';
import { tempFolder } from '../support/shared';
import { rowsOf, sql } from '../support/sql';
import { removeServer, startServer, type Server } from '../support/stack';

const shell = promisify(execFile);

/** Something of everything that a count by lines could stumble over. */
const content = `
CREATE TABLE users (id int PRIMARY KEY, name text); INSERT INTO users SELECT i, E'line\\n\\\\.\\n' || i FROM generate_series(1, 120) AS i;
CREATE TABLE "odd ""name. (x)" (a int, "c) FROM stdin;
d" text); INSERT INTO "odd ""name. (x)" VALUES (1, 'COPY public.users (id, name) FROM stdin;'), (2, NULL);
CREATE TABLE "new
line" (a int); INSERT INTO "new
line" VALUES (1), (2), (3);
CREATE TABLE empty (a int); CREATE TABLE bare (); INSERT INTO bare DEFAULT VALUES; INSERT INTO bare DEFAULT VALUES;
CREATE SCHEMA "Other Schema"; CREATE TABLE "Other Schema"."select" (a text); INSERT INTO "Other Schema"."select" VALUES ('ä'), ('-- PostgreSQL database dump complete');
CREATE TABLE parent (a int) PARTITION BY RANGE (a); CREATE TABLE leaf PARTITION OF parent FOR VALUES FROM (0) TO (10); INSERT INTO parent VALUES (1), (2);
CREATE FUNCTION trap() RETURNS text LANGUAGE sql AS $$ SELECT '
COPY public.users (id, name) FROM stdin;
1	2
' $$;
SELECT lo_from_bytea(0, 'large');`;

const rows = {
  'public.users': 120,
  'public."odd ""name. (x)"': 2,
  'public."new\nline"': 3,
  'public.empty': 0,
  'public.bare': 2,
  '"Other Schema"."select"': 2,
  'public.leaf': 2,
};

const directory = 'docker exec $C sh -c "rm -rf /tmp/d; pg_dump -U app -Fd -f /tmp/d app; tar -c -C /tmp d"';

describe('files that others have made', () => {
  const servers = new Map<number, Server>();
  let folder: string;
  let app: OpenApp;

  before(async function () {
    this.timeout(180_000);
    folder = await tempFolder('foreign');
    for (const major of [13, 15, 17, 18]) servers.set(major, await startServer(`foreign${major}`, { image: `postgres:${major}` }));
    for (const server of servers.values()) await sql(server, 'app', content);
    app = await openApp({ backups: folder });
  });

  after(() => Promise.all([...servers.values()].map(removeServer)));

  const serverOf = (major: number): Server => servers.get(major) ?? assert.fail();
  /** A shell line as the guides have it, with `$DUMP` for `docker exec … pg_dump -U app` and `$FILE` for the file. */
  const make = async (major: number, name: string, line: string): Promise<string> => {
    const file = path.join(await tempFolder('made'), name);
    const { container } = serverOf(major);
    await shell('bash', ['-ceu', line], { env: { ...process.env, FILE: file, C: container, DUMP: `docker exec ${container} pg_dump -U app` } });
    return file;
  };
  const recognisedIn = async (file: string): Promise<Recognised | undefined> => (await app.backups.read(file)).recognised;
  const rebuild = (major: number, file: string) =>
    app.backups.read(file).then((backup) => app.backups.rebuildManifest(backup, serviceOf(app, serverOf(major)).service, undefined, operation()));

  /** The commands of the guides' scripts, but for the names of containers, users and databases. */
  const guides: readonly (readonly [name: string, line: string, expected: Partial<Recognised>])[] = [
    ['reims-db-20251107_030000.sql.gz', '$DUMP -d app | gzip > "$FILE"', { kind: 'plain', packed: 'gzip' }],
    ['reims-backup-20251107.sql', '$DUMP -d app > "$FILE"', { kind: 'plain', packed: 'none' }],
    ['reims-backup-20251107.dump', '$DUMP -d app -Fc > "$FILE"', { kind: 'custom', packed: 'none' }],
    [
      'postgres-volume-20251107.tar.gz',
      'docker run --rm --volumes-from $C postgres:17 tar czf - -C $(docker exec $C printenv PGDATA) . > "$FILE" || true',
      { kind: 'physical' },
    ],
    ['postgres_backup.tar', 'docker cp $C:$(docker exec $C printenv PGDATA) - > "$FILE"', { kind: 'physical', packed: 'none' }],
    ['budgie_20251125_092704.sql', '$DUMP app > "$FILE"', { kind: 'plain', packed: 'none' }],
    ['bigskies_backup_20260116_224500.sql.gz', '$DUMP app > "${FILE%.gz}"; gzip "${FILE%.gz}"', { kind: 'plain', packed: 'gzip' }],
    ['backup.sql', 'script -qec "docker exec -t $C pg_dump -U app app" /dev/null < /dev/null > "$FILE"', { kind: 'plain', packed: 'none' }],
    ['backup_prod_20260104.dump', '$DUMP -Fc -d app > "$FILE"', { kind: 'custom', packed: 'none' }],
    ['backup_prod_data_20260104.sql', '$DUMP -d app --data-only > "$FILE"', { kind: 'plain' }],
    ['backup_prod_schema_20260104.sql', '$DUMP -d app --schema-only > "$FILE"', { kind: 'plain' }],
    ['backup_prod_users_20260104.sql', '$DUMP -d app --table users > "$FILE"', { kind: 'plain' }],
  ];

  it('are all recognised when the guides’ commands make them', async function () {
    this.timeout(120_000);
    for (const [name, line, expected] of guides) {
      const file = await make(15, name, line);
      const { recognised } = await app.backups.read(file);
      assert.deepEqual({ ...recognised, ...expected }, recognised, `${name}: ${JSON.stringify(recognised)}`);
      assert.ok(recognised !== undefined && 'serverVersion' in recognised && (recognised.serverVersion ?? '').startsWith('15'), name);
      await copyFile(file, path.join(folder, name));
    }
    const { backups } = await cliJson<{ backups: readonly { file: string; recognised: Recognised }[] }>([
      'backups',
      serverOf(15).project,
      '--folder',
      folder,
      '--json',
    ]);
    assert.deepEqual(backups.map(({ file }) => path.basename(file)).toSorted(), guides.map(([name]) => name).toSorted());
  });

  for (const major of [13, 15, 17, 18]) {
    it(`are recognised in every form that Postgres ${major} makes`, async function () {
      this.timeout(120_000);
      const compressions =
        major < 16
          ? [
              ['0', 'none'],
              ['9', 'gzip'],
            ]
          : [
              ['0', 'none'],
              ['gzip:3', 'gzip'],
              ['lz4', 'lz4'],
              ['zstd', 'zstd'],
            ];
      for (const [option = '', compression] of compressions) {
        const found = await recognisedIn(await make(major, 'a.dump', `$DUMP -Fc -Z ${option} app > "$FILE"`));
        assert.ok(found?.kind === 'custom' && found.compression === compression && found.database === 'app', JSON.stringify(found));
        assert.equal(Number.parseInt(found.serverVersion ?? '', 10), major);
        assert.ok(Math.abs(Date.now() - (found.createdAt?.getTime() ?? 0)) < 120_000, 'made just now');
      }
      const forms: readonly (readonly [line: string, kind: Recognised['kind'], database: string | undefined])[] = [
        ['$DUMP -C app > "$FILE"', 'plain', 'app'],
        ['$DUMP -Ft app > "$FILE"', 'tar', 'app'],
        ['docker exec $C sh -c "rm -rf /tmp/d; pg_dump -U app -Fd -j2 -f /tmp/d app; tar -c -C /tmp/d ." > "$FILE"', 'directory', 'app'],
        ['docker exec $C pg_dumpall -U app > "$FILE"', 'cluster', undefined],
      ];
      for (const [line, kind, database] of forms) {
        const found = await recognisedIn(await make(major, 'a.sql', line));
        assert.equal(found?.kind, kind, line);
        assert.equal('database' in found ? found.database : undefined, database, line);
      }
    });

    for (const [form, name, line] of [
      ['custom', 'a.dump', '$DUMP -Fc app > "$FILE"'],
      ['directory', 'a.tar', `${directory} > "$FILE"`],
      ['directory', 'a.tar.gz', `${directory} | gzip > "$FILE"`],
      ['plain', 'a.sql', '$DUMP app > "$FILE"'],
      ['plain', 'a.sql.gz', '$DUMP -C app | gzip > "$FILE"'],
    ] as const) {
      it(`get the manifest of a ${form} backup (${name}) of Postgres ${major} by being read whole`, async () => {
        const file = await make(major, name, line);
        const manifest = await rebuild(major, file);
        assert.deepEqual(readManifest(await readFile(`${file}.json`, 'utf8')), manifest);
        assert.deepEqual(manifest.rows, rows);
        const { format, scope, rebuilt, verified, project, database, sha256 } = manifest;
        const expected = { format: form, scope: 'full', rebuilt: true, verified: 'read', project: serverOf(major).project, database: 'app' };
        assert.deepEqual({ format, scope, rebuilt, verified, project, database }, expected);
        assert.equal(sha256, (await shell('sha256sum', [file])).stdout.slice(0, 64));
        assert.equal(manifest.properties.owner, 'app');
        assert.equal(manifest.properties.collate, 'en_US.utf8');
        assert.equal((await sql(serverOf(major), 'app', "SELECT count(*) FROM pg_ls_dir('/tmp') AS f WHERE f LIKE 'tmp.%'")).trim(), '0');
      });
    }
  }

  it('are restored with a rebuilt manifest, their rows compared', async () => {
    const file = await make(17, 'a.dump', '$DUMP -Fc app > "$FILE"');
    await rebuild(17, file);
    await sql(serverOf(17), 'app', 'DELETE FROM users WHERE id > 7');
    await restore(app, serverOf(17), 'app', file);
    assert.equal(await rowsOf(serverOf(17), 'app', 'users'), 120);
  });

  for (const [what, line, scope, counted] of [
    ['the schema only', '$DUMP -Fc --schema-only app > "$FILE"', 'schema', {}],
    ['the data only', '$DUMP -Fc --data-only app > "$FILE"', 'data', rows],
    ['the data only, in plain SQL', '$DUMP --data-only app > "$FILE"', 'data', rows],
    ['INSERT statements', '$DUMP -Fc --inserts app > "$FILE"', 'full', {}],
    ['one table', '$DUMP -Fc --table users app > "$FILE"', 'full', { 'public.users': 120 }],
    ['rows that go through a root', '$DUMP -Fc --load-via-partition-root --table "leaf*" --table "users" app > "$FILE"', 'full', { 'public.users': 120 }],
    ['lines that end as on Windows', '$DUMP app | sed "s/$/\\r/" > "$FILE"', 'full', rows],
  ] as const) {
    it(`are seen to hold ${what}`, async () => {
      const manifest = await rebuild(15, await make(15, 'a.sql', line));
      assert.equal(manifest.scope, scope);
      assert.deepEqual(manifest.rows, counted);
    });
  }

  for (const [what, line, cut, code] of [
    ['a custom archive', '$DUMP -Fc app > "$FILE"', 0.9, 'ARCHIVE_UNREADABLE'],
    ['a custom archive in its header', '$DUMP -Fc app > "$FILE"', 0.001, 'ARCHIVE_UNREADABLE'],
    ['a directory archive', `${directory} > "$FILE"`, 0.5, 'ARCHIVE_UNREADABLE'],
    ['a directory archive in gzip', `${directory} | gzip > "$FILE"`, 0.9, 'ARCHIVE_UNREADABLE'],
    ['a tar archive', '$DUMP -Ft app > "$FILE"', 1, 'REBUILD_UNSUPPORTED'],
    ['a plain dump', '$DUMP app > "$FILE"', 0.9, 'BACKUP_TRUNCATED'],
    ['a plain dump in gzip', '$DUMP app | gzip > "$FILE"', 0.9, 'ARCHIVE_UNREADABLE'],
    ['a plain dump before gzip', '$DUMP app | head -c 4000 | gzip > "$FILE"', 1, 'BACKUP_TRUNCATED'],
    ['a dump that failed', 'false | gzip > "$FILE"', 1, 'BACKUP_EMPTY'],
    ['a dump of all databases', 'docker exec $C pg_dumpall -U app > "$FILE"', 1, 'REBUILD_UNSUPPORTED'],
  ] as const) {
    it(`get no manifest when they are ${what} cut to ${cut}`, async () => {
      const file = await make(17, 'a.sql', line);
      await truncate(file, Math.floor((await readFile(file)).length * cut));
      const failure = await failureOf(rebuild(17, file));
      assert.equal(failure.code, code, failure.message);
      await assert.rejects(readFile(`${file}.json`));
    });
  }

  it('keep a manifest that can be used or is newer, and lose one that is damaged', async () => {
    const file = await make(17, 'a.dump', '$DUMP -Fc app > "$FILE"');
    const first = await rebuild(17, file);
    assert.deepEqual(await rebuild(17, file), first);
    await writeFile(`${file}.json`, '{"schemaVersion": 99}');
    assert.equal((await failureOf(rebuild(17, file))).code, 'MANIFEST_NEWER');
    await writeFile(`${file}.json`, '{');
    assert.notEqual((await rebuild(17, file)).id, first.id);
    await rm(`${file}.json`);
    await writeFile(`${file}.sha256`, `${'0'.repeat(64)}  a.dump\n`);
    assert.equal((await failureOf(rebuild(17, file))).code, 'BACKUP_DAMAGED');
  });
});
