import assert from 'node:assert/strict';
import path from 'node:path';
import { cli, cliJson, filesIn } from '../support/app';
import { tempFolder } from '../support/shared';
import { fingerprint, sql } from '../support/sql';
import { removeServer, startServer, type Server } from '../support/stack';
import { fillDatabase } from '../support/workshop';

interface Made {
  readonly file: string;
  readonly offsite: readonly { readonly location: string }[];
}

interface Listed {
  readonly backups: readonly { readonly file: string; readonly verified: string }[];
}

const dumps = async (folder: string): Promise<readonly string[]> => (await filesIn(folder)).filter((name) => name.endsWith('.dump'));

describe('what comes after a backup', () => {
  let place: Server;
  let here: string;
  let there: string;
  let name: string;

  before(async function () {
    this.timeout(180_000);
    place = await startServer('follow');
    await fillDatabase(place, 'shop');
    name = `${place.container}/shop`;
    [here, there] = [await tempFolder('here'), await tempFolder('there')];
  });
  after(() => removeServer(place));

  it('it is copied, and the rules hold here and there', async () => {
    const made: Made[] = [];
    for (let count = 0; count < 3; count += 1) {
      made.push(await cliJson<Made>(['backup', name, '--folder', here, '--to', there, '--keep-last', '2']));
    }
    const [first, second, third] = made.map(({ file }) => path.basename(file));
    assert.deepEqual(await dumps(here), [second, third]);
    assert.deepEqual(await dumps(there), [second, third]);
    assert.equal(made[2]?.offsite[0]?.location, there);
    assert.ok(!(await filesIn(there)).some((file) => file.startsWith(first ?? 'nothing')), 'something of it is left');
    const listed = await cliJson<Listed>(['offsite', 'list', there]);
    assert.deepEqual(
      listed.backups.map(({ file, verified }) => `${file} ${verified}`),
      [`${third} read`, `${second} read`],
    );
  });

  it('a place that cannot be reached is an error, and the backup stays', async () => {
    const before = await dumps(here);
    const { code, stdout } = await cli(['backup', name, '--folder', here, '--to', 'sftp://127.0.0.1:1/nowhere', '--keep-last', '1', '--json']);
    assert.equal(code, 1);
    assert.match(stdout, /OFFSITE_UNREACHABLE|HOST_KEY_UNKNOWN/);
    assert.match(stdout, /The backup .*\.dump was made, but not copied/);
    assert.equal((await dumps(here)).length, before.length + 1, 'nothing is removed when the copy failed');
  });

  it('copies are pruned by themselves, never the last good one', async () => {
    const dry = await cliJson<{ removed: unknown[]; dryRun: boolean }>(['prune', name, '--at', there, '--keep-last', '1', '--dry-run']);
    assert.deepEqual([dry.removed.length, dry.dryRun], [1, true]);
    assert.equal((await cli(['prune', name, '--at', there, '--keep-last', '1'])).code, 4);
    assert.equal((await dumps(there)).length, 2);
    await cliJson(['prune', name, '--at', there, '--keep-last', '1', '--max-age', '0', '--yes']);
    assert.equal((await dumps(there)).length, 1);
  });

  it('a database is restored from a copy', async () => {
    const whole = await fingerprint(place, 'shop');
    const folder = await tempFolder('fetched');
    await sql(place, 'shop', 'DROP TABLE people CASCADE');
    const result = await cliJson<{ rows: number }>(['restore', name, '--from', there, '--latest', '--folder', folder, '--yes']);
    assert.equal(result.rows, 500);
    assert.deepEqual(await fingerprint(place, 'shop'), whole);
  });
});
