import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { takeLock, type HeldLock } from '../../../../src/backup/schedule/owner';
import { repositoryRoot } from '../../../lab/paths';
import { waitFor } from '../../../lab/process';
import { temporaryFolder } from '../../operations/temporaryFolder';

/** Signs of life as fast as a test wants them. */
const times = { beat: 30, stale: 150 };

describe('takeLock', function () {
  this.timeout(30_000); // starts processes

  const at = temporaryFolder();
  const file = (): string => at('locks', 'editor.lock');
  const held: HeldLock[] = [];
  const children: ChildProcess[] = [];

  const take = async (): Promise<HeldLock | undefined> => {
    const lock = await takeLock(file(), times);
    if (lock !== undefined) held.push(lock);
    return lock;
  };

  const startHolder = async (): Promise<{ readonly child: ChildProcess; readonly answer: string }> => {
    const script = path.join(repositoryRoot, 'out/unit/backup/schedule/lockHolder.js');
    const child = spawn(process.execPath, [script, file(), String(times.beat), String(times.stale)], { stdio: ['pipe', 'pipe', 'inherit'] });
    children.push(child);
    const answer = await new Promise<string>((resolve) => child.stdout.setEncoding('utf8').once('data', resolve));
    return { child, answer: answer.trim() };
  };

  const ended = (child: ChildProcess): Promise<unknown> => new Promise((resolve) => child.once('exit', resolve));

  afterEach(() => {
    for (const lock of held.splice(0)) lock.release();
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  it('goes to one only, until that one gives it back', async () => {
    const first = await take();
    assert.ok(first);
    assert.ok(first.isHeld());
    assert.equal(await take(), undefined);
    first.release();
    assert.equal(existsSync(file()), false);
    assert.ok(await take());
    first.release();
    assert.ok(existsSync(file()), 'giving back twice takes it from nobody');
  });

  it('goes to exactly one of many that want it at once', async () => {
    const locks = await Promise.all(Array.from({ length: 20 }, () => take()));
    assert.equal(locks.filter((lock) => lock !== undefined).length, 1);
  });

  it('is kept from other processes, and given back when a process ends well', async () => {
    const { child, answer } = await startHolder();
    assert.equal(answer, 'held');
    assert.equal(await take(), undefined);
    assert.equal((await startHolder()).answer, 'refused');
    const gone = ended(child);
    child.stdin?.end();
    await gone;
    assert.ok(await take());
  });

  it('is taken at once from a process that was killed', async () => {
    const { child } = await startHolder();
    const gone = ended(child);
    child.kill('SIGKILL');
    await gone;
    assert.ok(existsSync(file()));
    const start = performance.now();
    assert.ok(await take());
    assert.ok(performance.now() - start < times.stale, 'without waiting');
  });

  it('goes to one only of many that find it abandoned', async () => {
    const { child } = await startHolder();
    const gone = ended(child);
    child.kill('SIGKILL');
    await gone;
    const answers = await Promise.all([startHolder(), startHolder(), startHolder(), startHolder()]);
    assert.ok(answers.filter(({ answer }) => answer === 'held').length <= 1);
    await waitFor('one to get it', async () => existsSync(file()) || (await take()) !== undefined);
    const owners = answers.filter(({ answer }) => answer === 'held').length + held.length;
    assert.equal(owners, 1);
  });

  it('stays with a process whose sign of life is old, as after sleep, but that is there', async () => {
    const { child } = await startHolder();
    child.kill('SIGSTOP'); // asleep
    const old = new Date(Date.now() - 3_600_000);
    utimesSync(file(), old, old);
    const attempt = take();
    child.kill('SIGCONT'); // wakes up while we watch
    assert.equal(await attempt, undefined);
  });

  it('is taken from a process that gives no sign of life, and that one learns of it', async () => {
    const sleeper = await take();
    assert.ok(sleeper);
    const stranger = JSON.stringify({ pid: process.ppid, host: hostname(), token: 'stranger' });
    writeFileSync(file(), stranger);
    await waitFor('the first to notice', () => !sleeper.isHeld());
    const old = new Date(Date.now() - 3_600_000);
    utimesSync(file(), old, old);
    assert.ok(await take());
    sleeper.release();
    assert.notEqual(readFileSync(file(), 'utf8'), stranger);
  });

  it('is not taken from another host as long as that gives signs of life', async () => {
    mkdirSync(at('locks'));
    writeFileSync(file(), JSON.stringify({ pid: 2 ** 22 + 1, host: 'elsewhere', token: 'x' }));
    assert.equal(await take(), undefined);
  });

  it('can be had again after a crash that left half a file', async () => {
    mkdirSync(at('locks'));
    writeFileSync(file(), '{"pid":');
    assert.equal(await take(), undefined);
    const old = new Date(Date.now() - 3_600_000);
    utimesSync(file(), old, old);
    assert.ok(await take());
  });
});
