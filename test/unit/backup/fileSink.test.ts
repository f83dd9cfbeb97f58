import assert from 'node:assert/strict';
import { readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { sweepPartials } from '../../../src/backup/catalogue';
import { FileSink } from '../../../src/backup/fileSink';
import { rejectsWith } from '../operations/rejectsWith';
import { temporaryFolder } from '../operations/temporaryFolder';

const name = 'shop_app_20261107_030000.tar.partial';
const hoursAgo = (hours: number): Date => new Date(Date.now() - hours * 3600_000);

describe('FileSink', () => {
  const at = temporaryFolder();

  it('writes what it is given, in order', async () => {
    const sink = await FileSink.create(at('a'), 'a');
    for (const text of ['one ', 'two ', 'three']) await sink.add(Buffer.from(text));
    await sink.finish();
    assert.equal(readFileSync(at('a'), 'utf8'), 'one two three');
  });

  it('never writes into a file that is there', async () => {
    writeFileSync(at('a'), 'before');
    await rejectsWith('FILE_FAILED', FileSink.create(at('a'), 'a'));
    assert.equal(readFileSync(at('a'), 'utf8'), 'before');
  });

  it('is not swept as abandoned while it waits for its first byte, however long', async () => {
    const sink = await FileSink.create(at(name), name, 5);
    utimesSync(at(name), hoursAgo(3), hoursAgo(3));
    while (statSync(at(name)).mtime < hoursAgo(1)) await new Promise((resolve) => setImmediate(resolve));
    await sweepPartials(at(), new Date());
    await sink.finish();
    assert.equal(statSync(at(name)).size, 0);
    utimesSync(at(name), hoursAgo(3), hoursAgo(3));
    await sweepPartials(at(), new Date());
    assert.throws(() => statSync(at(name)), 'nobody writes it any more');
  });
});
