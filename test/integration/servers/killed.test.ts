import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { watch } from 'node:fs';
import { readFile, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { isBackupName } from '../../../src/backup/recognise/names';
import { loadPostgresImageIntoPodman } from '../../lab/podman';
import { run, waitFor } from '../../lab/process';
import { backUp, cli, cliJson, filesIn, openApp, operation, podmanAddress, startCli, type OpenApp, type RunningCli } from '../support/app';
import { assertNothingLeft, leftoversOf, ourSessions, watchServer, type Watch as ServerWatch } from '../support/evidence';
import { tempFolder } from '../support/shared';
import { fingerprint, holdSession } from '../support/sql';
import { removeServer, startServer, type Server } from '../support/stack';
import { fillDatabase } from '../support/workshop';

/** The same moments again: CONTAINER_DATABASES_SEED as it was printed. */
const seed = Number(process.env['CONTAINER_DATABASES_SEED'] ?? randomInt(2 ** 31));
/** Fifty in all. */
const kills = { backup: 9, restored: 5, read: 4 } as const;

// Enough to be caught in the middle of.
const content = `
  CREATE TABLE digits AS SELECT i AS id, md5(i::text) || md5((i * 7)::text) AS noise FROM generate_series(1, 200000) AS i;
  CREATE TABLE more AS TABLE digits; ALTER TABLE more ADD PRIMARY KEY (id);`;

/** Numbers from 0 to 1 that a seed determines (mulberry32). */
function randomFrom(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Shares of a duration, one in each of its equal parts. */
function sharesOf(count: number, random: () => number): readonly number[] {
  return Array.from({ length: count }, (_, index) => (index + random()) / count);
}

describe(`a command line that is killed, seed ${seed}`, () => {
  const random = randomFrom(seed);
  let place: Server;
  let app: OpenApp;
  let server: ServerWatch;
  let state: string;
  let untouched: readonly string[];

  before(async function () {
    this.timeout(120_000);
    place = await startServer('killed');
    await fillDatabase(place, 'small', content);
    untouched = await fingerprint(place, 'small');
    app = await openApp({ backups: await tempFolder('killed') });
    state = await tempFolder('state');
    server = await watchServer(place);
  });

  after(async () => {
    server?.end();
    await removeServer(place);
  });

  /**
   * Runs to the end once, for the time that it takes; then again and again, killed at moments in that time. A run that was done
   * before its moment is the new measure. Gives how many were killed.
   */
  async function killAtRandom(args: readonly string[], count: number, folder: string, check: () => Promise<unknown>): Promise<number> {
    let { measure } = await runUntil(args, folder, () => Infinity);
    let killed = 0;
    for (const share of sharesOf(count, random)) {
      for (let tries = 0; tries < 3; tries += 1) {
        const { writing, end } = measure;
        // Counted from the beginning of the file once there is one, so that it is hit however busy the machine is.
        const outcome = await runUntil(args, folder, (isWriting) => (share * end > writing ? (isWriting ? share * end - writing : Infinity) : share * end));
        await check();
        if (outcome.wasKilled) killed += 1;
        if (outcome.wasKilled) break;
        measure = outcome.measure;
      }
    }
    return killed;
  }

  /** Runs, and kills it so many milliseconds after its start, or after it began to write. */
  async function runUntil(
    args: readonly string[],
    folder: string,
    delay: (isWriting: boolean) => number,
  ): Promise<{ readonly wasKilled: boolean; readonly measure: { readonly writing: number; readonly end: number } }> {
    const start = performance.now();
    const running = await startCli(args, { state });
    const timers: NodeJS.Timeout[] = [];
    const killAfter = (milliseconds: number): void => {
      if (milliseconds !== Infinity) timers.push(setTimeout(() => running.child.kill('SIGKILL'), milliseconds));
    };
    killAfter(delay(false));
    await writing(running, folder);
    const begun = performance.now() - start;
    if (delay(false) === Infinity) killAfter(delay(true));
    const { code, signal, stderr } = await running.ended;
    timers.forEach((timer) => clearTimeout(timer));
    const wasKilled = signal === 'SIGKILL';
    assert.ok(wasKilled || code === 0, stderr);
    return { wasKilled, measure: { writing: begun, end: performance.now() - start } };
  }

  for (const title of ['custom', 'directory', 'plain', 'encrypted'] as const) {
    it(`in a ${title} backup: what has a name is whole, and nothing is left in the container`, async () => {
      const folder = await tempFolder(`killed-${title}`);
      const { encrypt, decrypt } = title === 'encrypted' ? await keyPair() : { encrypt: [], decrypt: [] };
      const format = title === 'encrypted' ? 'custom' : title;
      const args = ['backup', `${place.container}/small`, '--folder', folder, '--json', '--format', format, ...encrypt];
      const known = new Set<string>();
      let partials = 0;
      const killed = await killAtRandom(args, kills.backup, folder, async () => {
        await assertWhole(folder, known);
        await assertNothingLeft(place);
        assert.deepEqual(await leftoversOf(place), []);
        partials += Number((await filesIn(folder)).some((name) => name.endsWith('.partial')));
      });
      assert.ok(killed > kills.backup / 2 && partials > 0, `${killed} were killed, ${partials} of them while they wrote`);
      await assertSweptByNext(folder, args, decrypt);
      assert.deepEqual(await fingerprint(place, 'small'), untouched);
      await server.assertUntouched();
    });
  }

  for (const format of ['custom', 'directory'] as const) {
    it(`in a test restore of a ${format} backup: the next command removes what is left`, async () => {
      const folder = await tempFolder(`killed-restored-${format}`);
      const { file } = await backUp(app, place, 'small', operation(), { format, folder });
      const killed = await killAtRandom(['verify', file, '--level', 'restored', '--json'], kills.restored, folder, async () => {
        await assertWhole(folder, new Set());
        const { code, stderr } = await cli(['list', '--json'], { state });
        assert.equal(code, 0, stderr);
        await assertNothingLeft(place);
        assert.deepEqual(await leftoversOf(place), []);
      });
      assert.ok(killed > kills.restored / 2, `only ${killed} were killed`);
      assert.deepEqual(await fingerprint(place, 'small'), untouched);
      await server.assertUntouched();
    });
  }

  it('in reading a directory archive: its folder goes by itself', async () => {
    const folder = await tempFolder('killed-reading');
    const { file } = await backUp(app, place, 'small', operation(), { format: 'directory', folder });
    const killed = await killAtRandom(['verify', file, '--level', 'read'], kills.read, folder, async () => {
      await assertNothingLeft(place);
      assert.deepEqual(await leftoversOf(place), []);
    });
    assert.ok(killed > 0);
    await server.assertUntouched();
  });

  /** Everything under the name of a backup has its checksum and manifest, and is what they say. */
  async function assertWhole(folder: string, known: Set<string>): Promise<void> {
    for (const name of (await filesIn(folder)).filter((each) => isBackupName(each) && !known.has(each))) {
      const backup = await app.backups.read(path.join(folder, name));
      assert.ok(backup.manifest !== undefined, `${name} has no manifest`);
      await app.backups.verify(backup, undefined, operation());
      assert.match(await readFile(`${backup.file}.sha256`, 'utf8'), new RegExp(`^${backup.manifest.sha256}  ${name}\n`));
      assert.equal((await stat(backup.file)).size, backup.manifest.sizeBytes);
      known.add(name);
    }
  }

  /** An hour later, the next run removes all that belongs to no backup. */
  async function assertSweptByNext(folder: string, args: readonly string[], decrypt: readonly string[]): Promise<void> {
    const hourAgo = new Date(Date.now() - 61 * 60_000);
    const partials = (await filesIn(folder)).filter((name) => name.endsWith('.partial'));
    for (const name of partials) await utimes(path.join(folder, name), hourAgo, hourAgo);
    const { code, stdout, stderr } = await cli(args, { state });
    assert.equal(code, 0, stderr);
    const { file } = JSON.parse(stdout) as { file: string };
    const left = await filesIn(folder);
    const whole = left.filter(isBackupName);
    assert.ok(whole.includes(path.basename(file)));
    const stems = new Set(left.map((name) => name.replace(/(?:\.json|\.sha256|\.roles\.sql(?:\.age)?)$/, '')));
    assert.deepEqual([...stems].toSorted(), whole.toSorted());
    const proof = await cliJson<{ verified: string }>(['verify', file, '--level', 'restored', ...decrypt], { state });
    assert.equal(proof.verified, 'restored');
  }
});

for (const engine of ['docker', 'podman'] as const) {
  describe(`a command line that is killed while its backup waits for a lock, ${engine}`, () => {
    it('leaves nothing that waits on', async function () {
      this.timeout(120_000);
      if (engine === 'podman') await loadPostgresImageIntoPodman(17);
      const place = await startServer('waiting', { engine, image: engine === 'podman' ? 'localhost/postgres:17' : 'postgres:17' });
      await fillDatabase(place, 'small');
      const server = await watchServer(place);
      const holder = await holdSession(place, 'small');
      await holder.query('BEGIN; LOCK TABLE people IN ACCESS EXCLUSIVE MODE; SELECT 1');
      const endpoint = engine === 'podman' ? ['--endpoint', await podmanAddress()] : [];
      const folder = await tempFolder('waiting');
      const formats = ['custom', 'directory', 'plain'];
      const running = await Promise.all(
        formats.map((format) => startCli(['backup', `${place.container}/small`, '--folder', folder, '--format', format, ...endpoint])),
      );
      const waiting = async (): Promise<number> => (await ourSessions(place)).filter((line) => /LOCK TABLE/.test(line)).length;
      await waitFor('all to wait for the lock', async () => (await waiting()) === formats.length);
      for (const { child } of running) child.kill('SIGKILL');
      await Promise.all(running.map(({ ended }) => ended));
      // A session that waits for a lock does not notice that its client is gone, so the client has to cancel it.
      await assertNothingLeft(place);
      assert.deepEqual(await leftoversOf(place), []);
      await server.assertUntouched();
      server.end();
      holder.close();
      await removeServer(place);
    });
  });
}

/** Waits until a backup writes into a folder, or has ended. */
async function writing({ ended }: RunningCli, folder: string): Promise<void> {
  const begun = new Promise<void>((resolve) => {
    const watcher = watch(folder, (_, name) => void (name?.endsWith('.partial') === true && resolve()));
    void ended.then(() => resolve());
    void ended.finally(() => watcher.close());
  });
  await begun;
}

/** Options that encrypt a backup, and those that open it again. */
async function keyPair(): Promise<{ readonly encrypt: readonly string[]; readonly decrypt: readonly string[] }> {
  const identity = path.join(await tempFolder('keys'), 'key.txt');
  await run('age-keygen', ['-o', identity]);
  return { encrypt: ['--encrypt-recipient', (await run('age-keygen', ['-y', identity])).trim()], decrypt: ['--identity', identity] };
}
