import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { backUp, cliJson, filesIn, openApp, operation, placeOf, restore, serviceOf, type OpenApp } from '../support/app';
import { leftoversOf } from '../support/evidence';
import { runName, tempFolder } from '../support/shared';
import { fingerprint, sql } from '../support/sql';
import { removeServer, startServer, type Server } from '../support/stack';
import { fillDatabase } from '../support/workshop';

// 63 bytes are all that a name has: here in characters of one byte, and of four.
const long = `${'long_'.repeat(12)}end`;
const longFoxes = `${'🦊'.repeat(15)}end`;
const names: readonly string[] = [
  `quo"te and it's`,
  'a/b\\c',
  "k=v host='nowhere'",
  'postgres://user@host/db?x=1',
  '$HOME `id` $(id); %s',
  '-Fp',
  'Fuchs 🦊 ünï',
  'CON',
  long,
  longFoxes,
];

describe('names of databases and tables', () => {
  let place: Server;
  let app: OpenApp;
  let backups: string;
  const damaged = new Map<string, readonly string[]>();

  before(async function () {
    this.timeout(180_000);
    assert.deepEqual(
      [long, longFoxes].map((name) => Buffer.byteLength(name)),
      [63, 63],
    );
    place = await startServer('names');
    for (const name of names) {
      const table = `"${name.replaceAll('"', '""')}"`;
      await fillDatabase(
        place,
        name,
        `CREATE SCHEMA ${table}; CREATE TABLE ${table}.${table} (${table} int);
         INSERT INTO ${table}.${table} SELECT i FROM generate_series(1, 7) AS i; COMMENT ON TABLE ${table}.${table} IS $c$${name}$c$;`,
      );
    }
    backups = path.join(await tempFolder('names'), `folder with "quotes" & 🦊`);
    await mkdir(backups);
    app = await openApp({ backups });
  });

  after(() => removeServer(place));

  it('are all listed as they are', () => {
    const listed = serviceOf(app, place).service.databases.map(({ name, tables }) => [name, tables]);
    assert.deepEqual(new Set(listed.map(([name]) => name)), new Set([...names, 'app']));
    assert.ok(listed.every(([name, tables]) => tables === (name === 'app' ? 0 : 2)));
  });

  for (const name of names) {
    it(`${name}: is backed up and restored`, async () => {
      const whole = await fingerprint(place, name);
      const backup = await backUp(app, place, name);
      assert.equal(backup.manifest?.database, name);
      const quoted = `"${name.replaceAll('"', '""')}"`;
      const plain = /^[a-z_][a-z0-9_]*$/.test(name) && name !== 'select' ? name : quoted;
      assert.equal(backup.manifest.rows[`${plain}.${plain}`], 7);
      assert.match(path.basename(backup.file), /^[^/\\:*?"<>|\s]+_\d{8}_\d{6}(-\d+)?\.dump$/, 'a name that some file system does not take');
      await sql(place, name, `DROP TABLE ${quoted}.${quoted}`);
      damaged.set(name, await fingerprint(place, name));

      await restore(app, place, name, backup.file, operation(), { skipSafetyBackup: true });
      assert.deepEqual(await fingerprint(place, name), whole);
    });
  }

  it('are found again by undo', async () => {
    await app.inventory.refresh();
    for (const name of names) {
      await app.restores.undo(placeOf(app, place, name), operation());
      assert.deepEqual(await fingerprint(place, name), damaged.get(name));
    }
    assert.deepEqual(await leftoversOf(place), []);
  });

  it('go through the command line unharmed', async () => {
    for (const name of ['a/b\\c', '$HOME `id` $(id); %s']) {
      const target = `${place.project}/${place.service}/${name}`;
      const { database, file } = await cliJson<{ database: string; file: string }>(['backup', target, '--folder', backups]);
      assert.equal(database, target);
      assert.ok((await filesIn(backups)).includes(path.basename(file)));
    }
    const target = `${place.project}/${place.service}/-Fp`;
    const info = await cliJson<{ database: { name: string }; backups: readonly unknown[] }>(['info', target, '--folder', backups]);
    assert.equal(info.database.name, '-Fp');
    assert.equal(info.backups.length, 1);
    assert.equal(
      (await filesIn(backups)).some((name) => name.includes(runName)),
      true,
    );
  });
});
