import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { BackupWishes } from '../../../src/backup/backups';
import { recipientsKey } from '../../../src/backup/encryption/keys';
import type { Backup } from '../../../src/backup/catalogue';
import { run } from '../../lab/process';
import { engineCommand } from '../../lab/stacks';
import { backUp, cliJson, failureOf, openApp, operation, podmanAddress, restore, serviceOf, type OpenApp } from '../support/app';
import { assertNothingLeft, leftoversOf } from '../support/evidence';
import { tempFolder } from '../support/shared';
import { contentOf, fingerprint, sql } from '../support/sql';
import { removeServer, startServer, type Server } from '../support/stack';
import { fillDatabase } from '../support/workshop';

// Every format, made by us, read with nothing but the standard tools.

const richness = `
  CREATE SCHEMA "Odd ""Schema"""; CREATE TYPE mood AS ENUM ('fine', 'so so');
  CREATE TABLE "Odd ""Schema"""."t'1 🦊" (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, m mood, doc jsonb, raw bytea, at timestamptz, n numeric);
  INSERT INTO "Odd ""Schema"""."t'1 🦊" (m, doc, raw, at, n)
    SELECT 'fine', jsonb_build_object('i', i, 'text', E'line\\n"quoted"\\t\\\\.'), decode(md5(i::text), 'hex'), timestamptz '2026-03-29 01:30Z' + i * interval '1 h', i / 3.0
    FROM generate_series(1, 3000) AS i;
  CREATE TABLE orders (id int PRIMARY KEY, person int REFERENCES people, note text);
  INSERT INTO orders SELECT i, 1 + i % 500, repeat('note ', i % 40) FROM generate_series(1, 2000) AS i;
  CREATE INDEX ON orders (person); CREATE TABLE parts (id int, at date) PARTITION BY RANGE (at);
  CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO ('2026-07-01');
  CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM ('2026-07-01') TO ('2027-01-01');
  INSERT INTO parts SELECT i, date '2026-01-01' + i % 360 FROM generate_series(1, 700) AS i;
  CREATE FUNCTION twice(int) RETURNS int LANGUAGE sql AS 'SELECT 2 * $1'; CREATE MATERIALIZED VIEW totals AS SELECT count(*) FROM orders;
  SELECT lo_from_bytea(0, decode(repeat('c0ffee', 5000), 'hex')); COMMENT ON TABLE orders IS 'It''s "all" here';`;

const formats: readonly { readonly wishes: Partial<BackupWishes>; readonly extension: string; readonly read: string }[] = [
  { wishes: { format: 'custom' }, extension: '.dump', read: 'pg_restore -e -U app -d "$1" /tmp/b' },
  {
    wishes: { format: 'directory' },
    extension: '.tar',
    read: 'mkdir /tmp/d && tar -C /tmp/d -xf /tmp/b && pg_restore -e -j 2 -U app -d "$1" /tmp/d; code=$?; rm -r /tmp/d; exit $code',
  },
  { wishes: { format: 'plain', compression: 'none' }, extension: '.sql', read: 'psql -X -q -v ON_ERROR_STOP=1 -U app -d "$1" -f /tmp/b >/dev/null' },
  { wishes: { format: 'plain', compression: 'gzip' }, extension: '.sql.gz', read: 'gunzip < /tmp/b | psql -X -q -v ON_ERROR_STOP=1 -U app -d "$1" >/dev/null' },
  {
    wishes: { format: 'plain', compression: 'zstd' },
    extension: '.sql.zst',
    read: 'zstd -qdc /tmp/b | psql -X -q -v ON_ERROR_STOP=1 -U app -d "$1" >/dev/null',
  },
];

const servers = [
  ...[13, 15, 17, 18].map((major) => ({ title: `Postgres ${major}`, options: { image: `postgres:${major}` }, readers: formats })),
  // On Podman those that are used most; the programs in the container are the same.
  { title: 'Postgres 17 on Podman', options: { image: 'localhost/postgres:17', engine: 'podman' as const }, readers: formats.slice(0, 3) },
];

for (const { title: about, options, readers } of servers) {
  describe(`formats of ${about}`, () => {
    let place: Server;
    let app: OpenApp;
    let backups: string;
    let whole: readonly string[];

    before(async function () {
      this.timeout(240_000);
      place = await startServer(`formats-${about.replaceAll(/\W+/g, '-').toLowerCase()}`, options);
      await fillDatabase(place, 'rich', richness);
      backups = await tempFolder('formats');
      app = await openApp({ backups, ...(place.engine === 'podman' ? { endpoint: await podmanAddress() } : {}) });
      whole = await fingerprint(place, 'rich');
    });
    after(() => removeServer(place));
    afterEach(() => assertNothingLeft(place));

    for (const { wishes, extension, read } of readers) {
      it(`${extension}: is whole for sha256sum and for Postgres' own programs`, async () => {
        const backup = await backUp(app, place, 'rich', operation(), wishes);
        assert.ok(backup.file.endsWith(extension), backup.file);
        assert.equal(backup.manifest?.verified, 'read');
        assert.equal(backup.manifest.rows['"Odd ""Schema"""."t\'1 🦊"'], 3000);
        await run('sha256sum', ['--check', '--strict', `${path.basename(backup.file)}.sha256`], { cwd: path.dirname(backup.file) });
        await readWithStandardTools(place, backup, read, 'copy');
        assert.deepEqual(contentOf(await fingerprint(place, 'copy')), contentOf(whole));
        assert.equal(await schemaOf(place, 'copy'), await schemaOf(place, 'rich'));
        assert.deepEqual(await leftoversOf(place), []);
      });

      // The programs of the other versions have just read it.
      if (!about.startsWith('Postgres 17')) continue;
      it(`${extension}: is proven by a test restore, and by reading it again`, async () => {
        const { file } = await backUp(app, place, 'rich', operation(), wishes);
        const read = await app.backups.verify(await app.backups.read(file), { server: app.inventory.serverOf(serviceOf(app, place).service) }, operation());
        assert.equal(read.verified, 'read');
        const proof = await app.restores.test(await app.backups.read(file), { server: app.inventory.serverOf(serviceOf(app, place).service) }, operation());
        assert.deepEqual(proof, { verified: 'restored', tables: 5, rows: 6200 });
        assert.equal((await app.backups.read(file)).manifest?.verified, 'restored');
        assert.deepEqual(await leftoversOf(place), []);
      });
    }

    it('has the roles beside a full backup, for their owner alone, and psql takes them', async () => {
      const { file } = await backUp(app, place, 'rich');
      const roles = `${file}.roles.sql`;
      assert.equal((await stat(roles)).mode & 0o777, 0o600);
      await engineCommand(['cp', roles, `${place.container}:/tmp/roles`], place);
      await sql(place, 'postgres', "CREATE ROLE stranger PASSWORD 'x'");
      const { file: later } = await backUp(app, place, 'rich');
      await engineCommand(['cp', `${later}.roles.sql`, `${place.container}:/tmp/roles`], place);
      await sql(place, 'postgres', 'DROP ROLE stranger');
      await engineCommand(['exec', place.container, 'psql', '-X', '-q', '-U', 'app', '-d', 'postgres', '-f', '/tmp/roles'], place);
      assert.equal(await sql(place, 'postgres', "SELECT rolpassword LIKE 'SCRAM%' OR rolpassword LIKE 'md5%' FROM pg_authid WHERE rolname = 'stranger'"), 't');
      await sql(place, 'postgres', 'DROP ROLE stranger');
    });
  });
}

describe('parts of a database', () => {
  let place: Server;
  let app: OpenApp;

  before(async function () {
    this.timeout(180_000);
    place = await startServer('parts');
    await fillDatabase(place, 'rich', richness);
    await sql(place, 'postgres', 'CREATE DATABASE other');
    app = await openApp({ backups: await tempFolder('parts') });
  });
  after(() => removeServer(place));

  for (const [title, wishes, rows, part] of [
    ['the structure', { scope: 'schema' }, {}, '_schema.dump'],
    ['the rows', { scope: 'data' }, undefined, '_data.dump'],
    ['one table by its short name', { scope: 'tables', tables: ['orders'] }, { 'public.orders': 2000 }, '_orders.dump'],
    ['a table with all its partitions', { scope: 'tables', tables: ['public.parts'] }, { 'public.parts_1': 361, 'public.parts_2': 339 }, '_3-tables.dump'],
    ['an oddly named one', { scope: 'tables', tables: ['"Odd ""Schema"""."t\'1 🦊"'] }, { '"Odd ""Schema"""."t\'1 🦊"': 3000 }, '.dump'],
    ['the rows, in parallel', { scope: 'data', format: 'directory' }, undefined, '_data.tar'],
    ['the structure as SQL', { scope: 'schema', format: 'plain' }, {}, '_schema.sql.zst'],
  ] as const) {
    it(`${title}: is backed up, and proven by a test restore`, async () => {
      const backup = await backUp(app, place, 'rich', operation(), wishes);
      assert.ok(backup.file.endsWith(part), backup.file);
      const counted = backup.manifest?.rows ?? {};
      if (rows !== undefined) assert.deepEqual(counted, rows);
      else assert.equal(Object.keys(counted).length, 5);
      const proof = await app.restores.test(backup, { server: app.inventory.serverOf(serviceOf(app, place).service) }, operation());
      assert.equal(proof.verified, 'restored');
      assert.deepEqual(await leftoversOf(place), []);
    });
  }

  it('a table with a sequence of its own is proven by a test restore', async () => {
    await sql(place, 'postgres', 'CREATE DATABASE serials');
    await sql(
      place,
      'serials',
      'CREATE TABLE "Numbered" (id serial PRIMARY KEY); INSERT INTO "Numbered" SELECT FROM generate_series(1, 7); CREATE SEQUENCE free',
    );
    await app.inventory.refresh();
    const backup = await backUp(app, place, 'serials', operation(), { scope: 'tables', tables: ['Numbered'] });
    const proof = await app.restores.test(backup, { server: app.inventory.serverOf(serviceOf(app, place).service) }, operation());
    assert.deepEqual(proof, { verified: 'restored', tables: 1, rows: 7 });
    assert.deepEqual(await leftoversOf(place), []);
    await sql(place, 'postgres', 'DROP DATABASE serials');
    await app.inventory.refresh();
  });

  it('the settings have every backup encrypted, also the one before a restore, unless one is wished in clear', async () => {
    const key = { kind: 'passphrase', passphrase: 'four words for tests' } as const;
    const asked: string[] = [];
    const encryption = async (project: string, reason: string): Promise<typeof key> => (asked.push(`${project} ${reason}`), key);
    const sealed = await openApp({ backups: await tempFolder('sealed'), encryption });
    const plain = await backUp(sealed, place, 'other', operation(), { key: 'none' });
    assert.equal(plain.manifest?.encryption, 'none');
    const { file, manifest } = await backUp(sealed, place, 'other');
    assert.deepEqual([manifest?.encryption, path.extname(file)], ['age-passphrase', '.age']);
    const { safetyBackup } = await restore(sealed, place, 'other', plain.file);
    assert.equal((await sealed.backups.read(safetyBackup ?? '')).manifest?.encryption, 'age-passphrase');
    assert.deepEqual(
      asked.map((each) => each.split(' ')[1]),
      ['manual', 'safety'],
    );
  });

  it('a part is never put in the place of a whole database', async () => {
    const { file } = await backUp(app, place, 'rich', operation(), { scope: 'tables', tables: ['orders'] });
    const before = await fingerprint(place, 'rich');
    assert.equal((await failureOf(restore(app, place, 'rich', file))).code, 'BACKUP_PARTIAL');
    assert.deepEqual(await fingerprint(place, 'rich'), before);
  });

  it('a table that is not there is said to be missing', async () => {
    assert.equal((await failureOf(backUp(app, place, 'rich', operation(), { scope: 'tables', tables: ['nowhere'] }))).code, 'TABLE_MISSING');
  });

  it('all databases of a service, and every option, from the command line', async () => {
    const folder = await tempFolder('parts-cli');
    const all = await cliJson<{ backups: { file: string; database: string }[] }>(['backup', place.container, '--all', '--folder', folder]);
    assert.deepEqual(new Set(all.backups.map(({ database }) => database.split('/').at(-1))), new Set(['app', 'other', 'rich']));
    const name = `${place.container}/rich`;
    const one = await cliJson<{ file: string; format: string; scope: string }>([
      'backup',
      name,
      '--format',
      'plain',
      '--compression',
      'gzip',
      '--table',
      'orders',
      '--table',
      'people',
      '--folder',
      folder,
    ]);
    assert.deepEqual([one.format, one.scope, one.file.endsWith('_2-tables.sql.gz')], ['plain', 'tables', true]);
    const two = await cliJson<{ file: string }>(['backup', name, '--scope', 'schema', '--folder', folder]);
    const verified = await cliJson<{ verified: string; level: string }>(['verify', two.file, '--level', 'restored']);
    assert.deepEqual([verified.level, verified.verified], ['restored', 'restored']);
  });
});

describe('encrypted backups', () => {
  let place: Server;
  let app: OpenApp;
  let whole: readonly string[];
  const secret = { kind: 'passphrase', passphrase: 'correct horse, 🐎 "staple"' } as const;

  before(async function () {
    this.timeout(180_000);
    place = await startServer('sealed');
    await fillDatabase(place, 'rich', richness);
    whole = await fingerprint(place, 'rich');
    app = await openApp({ backups: await tempFolder('sealed') });
  });
  after(() => removeServer(place));
  afterEach(async () => {
    await assertNothingLeft(place);
    assert.deepEqual(await leftoversOf(place), []);
  });

  for (const { wishes, extension } of formats.filter(({ extension: each }) => each !== '.sql' && each !== '.sql.gz')) {
    it(`${extension}.age: is restored with its passphrase, and with no other`, async () => {
      const { file, manifest } = await backUp(app, place, 'rich', operation(), { ...wishes, key: secret });
      assert.ok(file.endsWith(`${extension}.age`), file);
      assert.equal(manifest?.encryption, 'age-passphrase');
      assert.ok(!JSON.stringify(manifest).includes('horse'));
      assert.match((await readFile(file)).subarray(0, 21).toString('latin1'), /^age-encryption.org\/v1$/);
      assert.match((await readFile(`${file}.roles.sql.age`)).toString('latin1'), /^age-encryption.org\/v1/);
      await run('sha256sum', ['--check', '--strict', `${path.basename(file)}.sha256`], { cwd: path.dirname(file) });
      assert.equal((await failureOf(restore(app, place, 'rich', file))).code, 'PASSPHRASE_MISSING');
      assert.equal((await failureOf(restore(app, place, 'rich', file, operation(), { key: { ...secret, passphrase: 'wrong' } }))).code, 'KEY_WRONG');
      const reader = { server: app.inventory.serverOf(serviceOf(app, place).service), key: secret };
      assert.equal((await app.backups.verify(await app.backups.read(file), reader, operation())).verified, 'read');
      await sql(place, 'rich', 'DROP TABLE orders CASCADE; TRUNCATE people CASCADE');
      await restore(app, place, 'rich', file, operation(), { key: secret, safetyKey: secret });
      assert.deepEqual(await fingerprint(place, 'rich'), whole);
    });
  }

  it('for a recipient: the program age opens it, and pg_restore reads what comes out', async () => {
    const folder = await tempFolder('keys');
    const identity = path.join(folder, 'key.txt');
    await run('age-keygen', ['-o', identity]);
    const recipient = (await run('age-keygen', ['-y', identity])).trim();
    const key = await recipientsKey([recipient]);
    const backup = await backUp(app, place, 'rich', operation(), { format: 'custom', key });
    const plain = path.join(folder, 'plain.dump');
    await run('age', ['-d', '-i', identity, '-o', plain, backup.file]);
    await readWithStandardTools(place, { ...backup, file: plain }, formats[0]?.read ?? '', 'copy');
    assert.deepEqual(contentOf(await fingerprint(place, 'copy')), contentOf(whole));
    const cli = await cliJson<{ file: string; encryption: string }>([
      'backup',
      '--encrypt-recipient',
      recipient,
      `${place.container}/rich`,
      '--folder',
      folder,
    ]);
    assert.equal(cli.encryption, 'age-recipients');
    const proof = await cliJson<{ verified: string }>(['verify', cli.file, '--level', 'restored', '--identity', identity]);
    assert.equal(proof.verified, 'restored');
  });
});

async function readWithStandardTools(place: Server, backup: Backup, read: string, database: string): Promise<void> {
  await sql(place, 'postgres', `DROP DATABASE IF EXISTS ${database}`);
  await sql(place, 'postgres', `CREATE DATABASE ${database} TEMPLATE template0`);
  await engineCommand(['cp', backup.file, `${place.container}:/tmp/b`], place);
  const { code, stderr } = await engineCommand(['exec', place.container, 'sh', '-c', read, 'sh', database], place);
  assert.equal(code, 0, stderr);
  await engineCommand(['exec', place.container, 'rm', '/tmp/b'], place);
}

async function schemaOf(place: Server, database: string): Promise<string> {
  const { stdout } = await engineCommand(['exec', place.container, 'pg_dump', '-U', 'app', '--schema-only', database], place);
  return stdout.replace(/^\\(?:un)?restrict .*$/gm, '');
}
