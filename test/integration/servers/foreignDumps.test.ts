import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { run } from '../../lab/process';
import { cliJson, failureOf, journalFiles, openApp, operation, placeOf, restore, type OpenApp } from '../support/app';
import { leftoversOf } from '../support/evidence';
import { tempFolder } from '../support/shared';
import { contentOf, databaseNames, fingerprint, rowsOf, sql } from '../support/sql';
import { removeServer, startServer, type Server } from '../support/stack';
import { fillDatabase } from '../support/workshop';

// Dumps as scripts and people make them, restored into the oldest and into a new Postgres.

const richness = `
  CREATE SCHEMA side; CREATE EXTENSION pgcrypto; CREATE TYPE side.mood AS ENUM ('fine', 'so so');
  CREATE TABLE side.notes (id int PRIMARY KEY, person int REFERENCES people ON DELETE CASCADE, m side.mood DEFAULT 'fine', note text);
  INSERT INTO side.notes SELECT i, i, 'so so', E'a\\\\nb \\\\. \\n\\\\! rm -rf /\\tc' FROM generate_series(1, 400) AS i;
  CREATE FUNCTION twice(int) RETURNS int LANGUAGE sql AS $f$ SELECT 2 * $1 $f$;
  COMMENT ON TABLE people IS 'It''s
-- Name: nothing; Type: TABLE; Schema: public; Owner: nobody';
  SELECT lo_from_bytea(4711, decode('c0ffee', 'hex'));`;

// Spread over both, since most of it is the same.
const formats: Readonly<Record<13 | 17, readonly (readonly [name: string, line: string])[]>> = {
  13: [
    ['cleaned.sql', 'pg_dump --clean -C -U app shop'],
    ['packed.sql.xz', 'pg_dump -U app shop | xz'],
    ['packed.dump.gz', 'pg_dump -Fc -U app shop | gzip'],
    ['folder.tar.gz', 'cd /tmp; rm -rf d; pg_dump -Fd -f d -U app shop && tar -czf - d; rm -rf d'],
  ],
  17: [
    ['plain.sql', 'pg_dump -U app shop'],
    ['dropping.sql', 'pg_dump --clean -U app shop'],
    ['packed.sql.zst', 'pg_dump -C -U app shop | zstd -q'],
    ['archive.tar', 'pg_dump -Ft -U app shop'],
    ['inserts.sql.gz', 'pg_dump --inserts -U app shop | gzip'],
  ],
};

for (const major of [13, 17] as const) {
  describe(`foreign dumps on Postgres ${major}`, () => {
    let place: Server;
    let app: OpenApp;
    let folder: string;
    let whole: readonly string[];

    before(async function () {
      this.timeout(180_000);
      place = await startServer(`foreign-${major}`, { image: `postgres:${major}` });
      await fillDatabase(place, 'shop', richness);
      await fillDatabase(place, 'other');
      whole = contentOf(await fingerprint(place, 'shop'));
      folder = await tempFolder('foreign');
      app = await openApp({ backups: folder });
    });
    after(() => removeServer(place));
    afterEach(async () => {
      await sql(place, 'postgres', 'DROP DATABASE IF EXISTS copy WITH (FORCE)');
      assert.deepEqual(await leftoversOf(place), []);
      assert.deepEqual(await journalFiles(app.state), []);
    });

    /** Runs a shell line in the container, as a guide would, and keeps what it prints. */
    const make = async (name: string, line: string): Promise<string> => {
      const file = path.join(folder, name);
      const { stdout, stderr, status } = spawnSync('docker', ['exec', place.container, 'sh', '-c', line], { maxBuffer: 64 * 1024 * 1024 });
      assert.equal(status, 0, stderr.toString());
      await writeFile(file, stdout);
      return file;
    };
    const rewrite = async (name: string, from: string, change: (text: string) => string): Promise<string> => {
      const file = path.join(folder, name);
      await writeFile(file, change(await readFile(from, 'utf8')));
      return file;
    };

    for (const [name, line] of formats[major]) {
      it(`takes ${name} (${line.split(';').at(-1)?.trim()})`, async () => {
        const file = await make(name, line);
        const result = await restore(app, place, 'copy', file);
        assert.deepEqual(contentOf(await fingerprint(place, 'copy')), whole);
        assert.deepEqual([result.tables, result.rows], [2, 900]);
      });
    }

    it('takes \\restrict, whether or not its own psql knows it', async () => {
      const plain = await make('bare.sql', 'pg_dump -U app shop | grep -v restrict');
      const file = await rewrite('restricted.sql', plain, (text) => `\\restrict abc\n${text}\n\\unrestrict abc\n`);
      await restore(app, place, 'copy', file);
      assert.deepEqual(contentOf(await fingerprint(place, 'copy')), whole);
    });

    it('refuses commands of psql, and runs them in the container only where they are allowed', async () => {
      const plain = await make('plain.sql', 'pg_dump -U app shop');
      const file = await rewrite('commands.sql', plain, (text) => text.replace('CREATE SCHEMA side;', '\\! touch /tmp/was-here\nCREATE SCHEMA side;'));
      assert.equal((await failureOf(restore(app, place, 'copy', file))).code, 'META_COMMANDS');
      const inner = await rewrite('inner.sql', plain, (text) => text.replace('CREATE SCHEMA side;', 'CREATE SCHEMA side;\nSELECT 1 \\g |touch /tmp/was-here'));
      assert.equal((await failureOf(restore(app, place, 'copy', inner))).code, 'META_COMMANDS');
      assert.equal(spawnSync('docker', ['exec', place.container, 'test', '-e', '/tmp/was-here']).status, 1);
      assert.deepEqual((await databaseNames(place)).includes('copy'), false);
      await restore(app, place, 'copy', file, operation(), { allowMetaCommands: true });
      assert.equal(spawnSync('docker', ['exec', place.container, 'test', '-e', '/tmp/was-here']).status, 0);
      assert.deepEqual(contentOf(await fingerprint(place, 'copy')), whole);
    });

    // pg_restore itself reads some of these without a complaint.
    for (const compression of major === 13 ? ['0', '6'] : ['0', 'gzip', 'lz4', 'zstd']) {
      it(`refuses a folder of which a file was cut short, packed with ${compression}`, async () => {
        for (const table of [1, 2]) {
          const cut = `f=$(ls /tmp/d/[0-9]*.dat* | sed -n ${table}p); truncate -s $(($(stat -c %s "$f") / 2)) "$f"`;
          const file = await make('cut.tar', `rm -rf /tmp/d; pg_dump -Fd -Z ${compression} -f /tmp/d -U app shop && ${cut} && tar -C /tmp/d -cf - .`);
          const backup = await app.backups.read(file);
          const planned = await failureOf(app.restores.plan(placeOf(app, place, 'shop'), backup, {}, new AbortController().signal));
          assert.ok(['BACKUP_TRUNCATED', 'ARCHIVE_UNREADABLE'].includes(planned.code), planned.message);
        }
      });
    }

    // The rest has nothing to do with the version.
    if (major === 17) {
      it('takes one database out of what pg_dumpall wrote, and asks which where that is not clear', async () => {
        const file = await make('all.sql', 'pg_dumpall -U app');
        const failure = await failureOf(restore(app, place, 'copy', file));
        assert.equal(failure.code, 'DATABASE_AMBIGUOUS');
        assert.match(failure.message, /shop/);
        await restore(app, place, 'copy', file, operation(), { fromName: 'shop' });
        assert.deepEqual(contentOf(await fingerprint(place, 'copy')), whole);
      });

      it('names roles and extensions that are missing before it does anything, and can go without owners', async () => {
        await sql(place, 'postgres', 'CREATE ROLE "Boss of it"; CREATE ROLE reader; CREATE ROLE keeper; CREATE DATABASE owned OWNER keeper');
        await sql(place, 'shop', 'ALTER TABLE side.notes OWNER TO "Boss of it"; GRANT SELECT ON people TO reader;');
        const files = [await make('roles.sql', 'pg_dump -U app shop'), await make('roles.dump', 'pg_dump -Fc -U app shop')];
        await sql(place, 'shop', 'ALTER TABLE side.notes OWNER TO app; REVOKE ALL ON people FROM reader;');
        await sql(place, 'postgres', 'DROP ROLE "Boss of it"; DROP ROLE reader;');
        for (const file of files) {
          const failure = await failureOf(restore(app, place, 'owned', file));
          assert.equal(failure.code, 'ROLE_MISSING');
          assert.match(failure.message, /"Boss of it", "reader"|"reader", "Boss of it"/);
          const plan = await app.restores.plan(
            placeOf(app, place, 'owned'),
            await app.backups.read(file),
            { withoutOwners: true },
            new AbortController().signal,
          );
          assert.match(plan.remarks.join(), /belong to "keeper".*Boss of it/);
          await app.inventory.refresh();
          await restore(app, place, 'owned', file, operation(), { withoutOwners: true, skipSafetyBackup: true });
          const owners = await sql(
            place,
            'owned',
            "SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class WHERE oid IN ('people'::regclass, 'side.notes'::regclass, 'people_id_seq'::regclass, 'long_names'::regclass)",
          );
          assert.equal(owners, 'keeper');
          assert.equal(await rowsOf(place, 'owned', 'side.notes'), 400);
        }
        const strange = await rewrite('extension.sql', await make('plain.sql', 'pg_dump -U app shop'), (text) => text.replaceAll('pgcrypto', 'pgstrange'));
        const failure = await failureOf(restore(app, place, 'copy', strange));
        assert.equal(failure.code, 'EXTENSION_MISSING');
        assert.match(failure.message, /"pgstrange"/);
        for (const name of await databaseNames(place)) if (/^cdb_|^owned$/.test(name)) await sql(place, 'postgres', `DROP DATABASE "${name}" WITH (FORCE)`);
        await sql(place, 'postgres', 'DROP ROLE keeper');
      });

      it('refuses what is empty, cut short, newer, damaged or of something else, before anything is stopped or made', async () => {
        const plain = await make('plain.sql', 'pg_dump -U app shop');
        const custom = await make('custom.dump', 'pg_dump -Fc -U app shop');
        const bytes = await readFile(custom);
        const newer = Buffer.from(bytes);
        newer[6] = 99;
        const cases: readonly (readonly [string, Buffer | string, string])[] = [
          ['empty.sql', '', 'BACKUP_EMPTY'],
          ['nothing.sql.gz', await readFile(await make('x.gz', 'gzip </dev/null')), 'BACKUP_EMPTY'],
          ['cut.sql', (await readFile(plain)).subarray(0, 20_000), 'BACKUP_TRUNCATED'],
          ['cut.sql.gz', (await readFile(await make('y.gz', 'pg_dump -U app shop | gzip'))).subarray(0, 5_000), 'ARCHIVE_UNREADABLE'],
          ['cut.dump', bytes.subarray(0, Math.floor(bytes.length * 0.6)), 'ARCHIVE_UNREADABLE'],
          ['newer.dump', newer, 'BACKUP_NEWER'],
          ['mysql.sql', '-- MySQL dump 10.13\nCREATE TABLE x (id int);\n', 'BACKUP_FOREIGN'],
          ['picture.dump', Buffer.from('\x89PNG\r\n\x1a\n\0\0', 'latin1'), 'BACKUP_FOREIGN'],
          [
            'newer.sql',
            (await readFile(plain, 'utf8')).replace(/^-- Dumped from database version .*$/m, '-- Dumped from database version 99.1'),
            'BACKUP_NEWER',
          ],
        ];
        for (const [name, content, code] of cases) {
          const file = path.join(folder, name);
          await writeFile(file, content);
          const failure = await failureOf(app.restores.plan(placeOf(app, place, 'shop'), await app.backups.read(file), {}, new AbortController().signal));
          assert.equal(failure.code, code, `${name}: ${failure.message}`);
        }
      });

      it('refuses rows of a backup into what is not there, and explains what a load stumbles over', async () => {
        const rows = await make('rows.sql', 'pg_dump --data-only -U app shop 2>/dev/null');
        assert.equal((await failureOf(restore(app, place, 'copy', rows))).code, 'BACKUP_PARTIAL');
        const plain = await make('plain.sql', 'pg_dump -U app shop');
        for (const [name, change, code] of [
          ['twice.sql', (text: string) => text.replace('CREATE SCHEMA side;', 'CREATE SCHEMA side;\nCREATE SCHEMA side;'), 'OBJECT_EXISTS'],
          ['order.sql', (text: string) => text.replace('CREATE SCHEMA side;', 'SELECT * FROM nowhere;'), 'DEPENDENCY_MISSING'],
          ['orphan.sql', (text: string) => text.replace(/^1\t1\tso so/m, '1\t99999\tso so'), 'ORPHAN_ROWS'],
        ] as const) {
          const failure = await failureOf(restore(app, place, 'copy', await rewrite(name, plain, change)));
          assert.equal(failure.code, code, failure.message);
          assert.equal((await databaseNames(place)).includes('copy'), false);
        }
      });

      // Values are the same in all versions, so rows go either way.
      const mergesBothWays = async (old: Server): Promise<void> => {
        await sql(old, 'shop', "UPDATE people SET name = 'other' WHERE id = 7; DELETE FROM side.notes WHERE id > 300");
        for (const [from, to] of [
          [place, old],
          [old, place],
        ] as const) {
          await app.inventory.refresh();
          const target = placeOf(app, to, 'shop');
          const wishes = { tables: ['notes', 'people'], merging: 'renumber' } as const;
          const plan = await app.restores.planCopy(target, placeOf(app, from, 'shop'), wishes, new AbortController().signal);
          const { merged } = await app.restores.run(plan, target, wishes, operation());
          assert.deepEqual(
            merged?.tables.map(({ table, insert, renumber, same }) => [table, insert, renumber, same]),
            from === place
              ? [
                  ['public.people', 0, 1, 499],
                  ['side.notes', 100, 1, 299],
                ]
              : [
                  ['public.people', 1, 1, 499],
                  ['side.notes', 1, 1, 399],
                ],
          );
        }
        assert.equal(await sql(old, 'shop', 'SELECT p.name FROM side.notes AS n JOIN people AS p ON p.id = n.person WHERE n.id = 401'), 'person 7');
      };

      it('takes a dump of an older Postgres, and copies a database directly, by the command line too', async () => {
        const old = await startServer('foreign-old', { image: 'postgres:13' });
        try {
          await fillDatabase(old, 'shop', richness);
          const target = `${place.project}/${place.service}/copy`;
          const args = ['restore', target, '--from-database', `${old.project}/${old.service}/shop`];
          const planned = await cliJson<{ steps: readonly { kind: string }[] }>([...args, '--dry-run']);
          assert.deepEqual(
            planned.steps.map(({ kind }) => kind),
            ['dump', 'load', 'swap'],
          );
          const state = await tempFolder('state');
          const { rows } = await cliJson<{ rows: number }>([...args, '--yes'], { state });
          assert.equal(rows, 900);
          assert.equal(await rowsOf(place, 'copy', 'side.notes'), 400);
          assert.equal((await run('find', [path.join(state, 'copies'), '-type', 'f'])).trim(), '');
          await app.inventory.refresh();
          const back = await failureOf(app.restores.planCopy(placeOf(app, old, 'x'), placeOf(app, place, 'shop'), {}, new AbortController().signal));
          assert.equal(back.code, 'BACKUP_NEWER');
          await mergesBothWays(old);
        } finally {
          await removeServer(old);
        }
      });
    }
  });
}
