import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { sampleOf, SizeHistory, sizesOver, withSample, type SizeSample } from '../../../src/health/sizeHistory';
import { temporaryFolder } from '../operations/temporaryFolder';
import { table } from './tables';

const hour = 3_600_000;

function sample(at: number, totalBytes = at): SizeSample {
  return { at, totalBytes, tables: {} };
}

describe('withSample', () => {
  it('keeps the newest, and of an hour no more than the first and the last', () => {
    let samples: readonly SizeSample[] = [];
    for (const at of [0, 60_000, 120_000, hour, hour + 1, 3 * hour]) samples = withSample(samples, sample(at));
    assert.deepEqual(
      samples.map(({ at }) => at),
      [0, 120_000, hour + 1, 3 * hour],
    );
  });

  it('never grows beyond its bound, and thins the old ones first', () => {
    let samples: readonly SizeSample[] = [];
    for (let index = 0; index < 2000; index += 1) samples = withSample(samples, sample(index * hour));
    assert.ok(samples.length <= 240, String(samples.length));
    assert.equal(samples[0]?.at, 0);
    assert.deepEqual(
      samples.slice(-3).map(({ at }) => at / hour),
      [1997, 1998, 1999],
    );
  });
});

describe('SizeHistory', () => {
  const place = temporaryFolder();

  it('reads what it wrote, of the largest tables only, and takes a broken file for none', async () => {
    const folder = place('sizes');
    const history = new SizeHistory(folder);
    const tables = Array.from({ length: 500 }, (_, index) => table({ oid: index + 1, totalBytes: index }));
    await history.add('a/b', sampleOf(1, 9, tables));
    const [read] = await history.read('a/b');
    assert.equal(Object.keys(read?.tables ?? {}).length, 200);
    assert.deepEqual(sizesOver([read ?? sample(0)], { schema: 'public', name: 't500' }), [{ at: 1, bytes: 499 }]);
    assert.deepEqual(sizesOver([read ?? sample(0)]), [{ at: 1, bytes: 9 }]);
    const [file] = await readdir(folder);
    await writeFile(path.join(folder, file ?? ''), '{"samples": [{"at": "yesterday"}]}');
    assert.deepEqual(await history.read('a/b'), []);
    await writeFile(path.join(folder, file ?? ''), '{"samp');
    assert.deepEqual(await history.read('a/b'), []);
  });
});
