import assert from 'node:assert/strict';
import { backUp, openApp, operation, restore, serviceOf } from '../support/app';
import { tempFolder } from '../support/shared';
import { rowsOf, sql } from '../support/sql';
import { removeServer, startServer, type Server } from '../support/stack';

describe('a database of 1,000 tables and many large objects', () => {
  let place: Server;

  before(async function () {
    this.timeout(120_000);
    place = await startServer('many');
    await sql(
      place,
      'app',
      `DO $$ BEGIN FOR i IN 1..1000 LOOP EXECUTE format('CREATE TABLE t_%s (id int PRIMARY KEY, name text)', i); END LOOP; END $$;
       DO $$ BEGIN FOR i IN 1..1000 LOOP EXECUTE format('INSERT INTO t_%s SELECT g, md5(g::text) FROM generate_series(1, 20) AS g', i); END LOOP; END $$;
       SELECT count(lo_from_bytea(0, decode(repeat('00ff', 1000), 'hex'))) FROM generate_series(1, 500);
       SELECT lo_from_bytea(4711, convert_to(repeat(md5('large'), 1200000), 'UTF8'));`,
    );
  });

  after(() => removeServer(place));

  it('is looked at, backed up and restored in reasonable time', async function () {
    this.timeout(300_000);
    const backups = await tempFolder('many');
    const app = await openApp({ backups });
    const timed = async <T>(what: string, limit: number, work: () => Promise<T>): Promise<T> => {
      const start = performance.now();
      const result = await work();
      const seconds = (performance.now() - start) / 1000;
      process.stderr.write(`      ${what}: ${seconds.toFixed(1)} s\n`);
      assert.ok(seconds < limit, `${what} took ${seconds} s`);
      return result;
    };
    await timed('inventory', 8, () => app.inventory.refresh());
    assert.equal(serviceOf(app, place).service.databases[0]?.tables, 1000);
    const { manifest, file } = await timed('backup', 40, () => backUp(app, place, 'app'));
    assert.equal(Object.keys(manifest?.rows ?? {}).length, 1000);
    assert.equal(manifest?.rows['public.t_1000'], 20);
    await sql(place, 'app', 'DROP TABLE t_500; SELECT lo_unlink(4711)');
    const result = await timed('restore', 90, () => restore(app, place, 'app', file, operation(), { skipSafetyBackup: true }));
    assert.deepEqual({ tables: result.tables, rows: result.rows }, { tables: 1000, rows: 20_000 });
    assert.equal(await rowsOf(place, 'app', 't_500'), 20);
    assert.equal(
      await sql(place, 'app', "SELECT md5(lo_get(4711)) = md5(repeat(md5('large'), 1200000)), (SELECT count(*) FROM pg_largeobject_metadata)"),
      't|501',
    );
  });
});
