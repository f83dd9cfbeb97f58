import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { hostname } from 'node:os';
import { withFileLock } from '../../../src/operations/fileLock';
import { Failure } from '../../../src/protocol/failure';
import { rejectsWith } from './rejectsWith';
import { temporaryFolder } from './temporaryFolder';

const busy = (): Failure => new Failure('BUSY', 'It is busy.', 'Wait.');
const host = `${process.platform}:${hostname()}`;

describe('withFileLock', () => {
  const at = temporaryFolder();
  const lock = (): string => at('.lock');
  const locked = async (work: () => Promise<void> = async () => undefined): Promise<void> => withFileLock(lock(), busy, work);

  it('lets one in at a time, and the next when it has ended, well or not', async () => {
    await locked(async () => {
      assert.ok(existsSync(lock()));
      await rejectsWith('BUSY', locked());
    });
    await rejectsWith(
      'FAILED',
      locked(() => Promise.reject(new Failure('FAILED', 'x', 'y'))),
    );
    await locked();
    assert.deepEqual(readdirSync(at()), []);
  });

  it('lets one of many in', async () => {
    let inside = 0;
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, () =>
        locked(async () => {
          inside += 1;
          assert.equal(inside, 1);
          await new Promise((resolve) => void setImmediate(resolve));
          inside -= 1;
        }),
      ),
    );
    for (const result of results) if (result.status === 'rejected' && (result.reason as Failure).code !== 'BUSY') throw result.reason;
    assert.ok(results.some(({ status }) => status === 'fulfilled'));
  });

  it('takes over from a process that died', async () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    writeFileSync(lock(), JSON.stringify({ id: 'x', pid, host }));
    let ran = false;
    await locked(async () => void (ran = true));
    assert.ok(ran);
    assert.deepEqual(readdirSync(at()), []);
  });

  for (const [title, content] of [
    ['a process that lives', { id: 'x', pid: process.pid, host }],
    ['a process of another host', { id: 'x', pid: 2 ** 22 + 1, host: 'elsewhere' }],
    ['somebody who is writing it', undefined],
  ] as const) {
    it(`respects the lock of ${title} for an hour`, async () => {
      writeFileSync(lock(), content === undefined ? '' : JSON.stringify(content));
      await rejectsWith('BUSY', locked());
      assert.equal(readFileSync(lock(), 'utf8'), content === undefined ? '' : JSON.stringify(content));
      const longAgo = new Date(Date.now() - 61 * 60_000);
      utimesSync(lock(), longAgo, longAgo);
      await locked();
      assert.deepEqual(readdirSync(at()), []);
    });
  }

  it('knows when it was taken away, and leaves the other’s alone', async () => {
    await withFileLock(lock(), busy, async ({ isHeld }) => {
      assert.equal(await isHeld(), true);
      writeFileSync(lock(), JSON.stringify({ id: 'other', pid: process.pid, host }));
      assert.equal(await isHeld(), false);
    });
    assert.ok(existsSync(lock()));
  });

  it('says when it cannot be written', async () => {
    await rejectsWith(
      'FILE_MISSING',
      withFileLock(at('gone', '.lock'), busy, async () => undefined),
    );
  });
});
