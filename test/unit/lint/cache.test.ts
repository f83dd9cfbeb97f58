import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { LintCache } from '../../../src/lint/cache';
import { decodeCache, encodeCache, isSettled, type CacheEntry } from '../../../src/lint/cacheFile';
import type { CandidateFile } from '../../../src/lint/files';
import { keepReport, lastReport, reportPlace } from '../../../src/lint/lastReport';
import { Linter } from '../../../src/lint/linter';
import { lintText, type StoredResult } from '../../../src/lint/run';
import { fakeOperation } from '../operations/fakeOperation';
import { temporaryFolder } from '../operations/temporaryFolder';
import { halfTypedFiles } from './halfTypedFiles';

const { log: noLog } = fakeOperation();
const startedAt = 1_800_000_000_000;
const settled = { sizeBytes: 9, modified: startedAt - 9000.25, changed: startedAt - 5000.125, inode: 3 };
const nothing: StoredResult = { isMigration: false, findings: [], silences: [] };

describe('what is written down of a run', () => {
  const at = temporaryFolder();
  const candidate = (changes: Partial<CandidateFile> = {}): CandidateFile => ({ file: '/versions/a.py', ...settled, ...changes });

  it('is read as it was', async () => {
    const linter = new Linter(false);
    const entries = new Map<string, CacheEntry>([['/none.py', { ...settled, hash: 'x', result: nothing }]]);
    for (const [file, text] of Object.entries(halfTypedFiles)) {
      entries.set(file, { ...settled, hash: `hash of ${file}`, result: await lintText(file, text, linter) });
    }
    assert.ok([...entries.values()].some(({ result }) => result.silences.length > 0 || result.revision !== undefined));
    const content = { build: 'this', startedAt, entries };
    assert.deepEqual(decodeCache(encodeCache(content), 'this'), content);
  });

  it('is not used by another program, nor when it is damaged', async () => {
    const finding = { rule: 'table-drop', severity: 'high', message: 'gone', line: 1, column: 2, endLine: 3, endColumn: 4 } as const;
    const entries = new Map([['/a.py', { ...settled, hash: 'x', result: { ...nothing, isMigration: true, findings: [finding] } }]]);
    const text = encodeCache({ build: 'this', startedAt, entries });
    assert.equal(decodeCache(text, 'that'), undefined);
    assert.throws(() => decodeCache(text.slice(0, -9), 'this'));
    assert.throws(() => decodeCache(text.replace(',"gone"', ''), 'this'));
    const cache = LintCache.open(at(), 'x', 'this', noLog);
    cache.keep(candidate(), 'hash', nothing);
    await cache.save(noLog, new Date(startedAt));
    const [file = ''] = readdirSync(at('lint'));
    assert.ok(LintCache.open(at(), 'x', 'this', noLog).unchanged(candidate()) !== undefined);
    assert.equal(LintCache.open(at(), 'x', 'that', noLog).unchanged(candidate()), undefined);
    writeFileSync(at('lint', file), '{"build":"this"');
    assert.equal(LintCache.open(at(), 'x', 'this', noLog).unchanged(candidate()), undefined);
  });

  it('counts for a file of the same size and times only, that was long as it is', async () => {
    const known = async (kept: CandidateFile, asked: CandidateFile): Promise<boolean> => {
      const cache = LintCache.open(at(), 'x', 'this', noLog);
      cache.keep(kept, 'hash', nothing);
      await cache.save(noLog, new Date(startedAt));
      return LintCache.open(at(), 'x', 'this', noLog).unchanged(asked) !== undefined;
    };
    assert.ok(await known(candidate(), candidate()));
    for (const change of [{ sizeBytes: 8 }, { modified: settled.modified + 0.25 }, { changed: settled.changed - 0.125 }, { inode: 4 }, { file: '/b.py' }]) {
      assert.ok(!(await known(candidate(), candidate(change))), JSON.stringify(change));
    }
    // Written shortly before the run began, it may have been written again in the same tick, also where the run took long.
    for (const change of [{ modified: startedAt - 1000 }, { changed: startedAt - 1000 }, { modified: startedAt + 9_000_000 }]) {
      assert.ok(!(await known(candidate(change), candidate(change))), JSON.stringify(change));
    }
    assert.deepEqual(
      [isSettled(candidate({ changed: startedAt - 2000 }), startedAt), isSettled(candidate({ changed: startedAt - 1999 }), startedAt)],
      [true, false],
    );
  });
});

describe('the last report', () => {
  const at = temporaryFolder();
  const files: readonly CandidateFile[] = [
    { file: '/versions/a.py', ...settled },
    { file: '/versions/b.py', ...settled, inode: 5 },
  ];
  const place = (build: string, request: string, of: readonly CandidateFile[]): ReturnType<typeof reportPlace> =>
    reportPlace(at(), 'subject', build, request, of);

  it('is used for the very same only', async () => {
    const report = { text: 'two\nlines\n', incomplete: true };
    await keepReport(place('this', 'all', files), report, files, new Date(startedAt), noLog);
    assert.deepEqual(lastReport(place('this', 'all', files), noLog), report);
    const [a, b] = files;
    assert.ok(a !== undefined && b !== undefined);
    const others: readonly (readonly [string, string, readonly CandidateFile[]])[] = [
      ['that', 'all', files],
      ['this', 'less', files],
      ['this', 'all', [a]],
      ['this', 'all', [a, b, { ...b, file: '/versions/c.py' }]],
      ['this', 'all', [a, { ...b, file: '/versions/c.py' }]],
      ...[{ sizeBytes: 8 }, { modified: settled.modified + 0.25 }, { changed: settled.changed + 0.25 }, { inode: 6 }].map(
        (change) => ['this', 'all', [a, { ...b, ...change }]] as const,
      ),
    ];
    for (const [build, request, of] of others)
      assert.equal(lastReport(place(build, request, of), noLog), undefined, `${build} ${request} ${JSON.stringify(of)}`);
  });

  it('is not kept where a file may have changed since, and not used where it is damaged', async () => {
    const report = { text: '', incomplete: false };
    const fresh = files.map((each) => ({ ...each, changed: startedAt - 1 }));
    await keepReport(place('this', 'all', fresh), report, fresh, new Date(startedAt), noLog);
    assert.equal(lastReport(place('this', 'all', fresh), noLog), undefined);
    mkdirSync(at('lint'), { recursive: true });
    await keepReport(place('this', 'all', files), report, files, new Date(startedAt), noLog);
    assert.deepEqual(lastReport(place('this', 'all', files), noLog), report);
    writeFileSync(place('this', 'all', files).file, '');
    assert.equal(lastReport(place('this', 'all', files), noLog), undefined);
  });
});
