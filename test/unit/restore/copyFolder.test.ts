import assert from 'node:assert/strict';
import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { removeCopy, sweepCopies } from '../../../src/restore/copyFolder';
import { temporaryFolder } from '../operations/temporaryFolder';

const ids = {
  old: '11111111-1111-4111-8111-111111111111',
  open: '22222222-2222-4222-8222-222222222222',
  young: '33333333-3333-4333-8333-333333333333',
};

describe('copies that are made by a dump', () => {
  const at = temporaryFolder();
  const day = 24 * 3_600_000;
  const now = new Date();

  beforeEach(() => {
    for (const name of [...Object.values(ids), 'mine']) {
      mkdirSync(at(name), { recursive: true });
      writeFileSync(path.join(at(name), 'x.dump'), 'x');
      const age = name === ids.young ? day - 60_000 : day + 60_000;
      utimesSync(at(name), new Date(now.getTime() - age), new Date(now.getTime() - age));
    }
  });

  it('are swept a day later where nobody works with them, and nothing else is', async () => {
    await sweepCopies(at('.'), (id) => id === ids.open, now);
    assert.deepEqual(
      [ids.old, ids.open, ids.young, 'mine'].map((name) => existsSync(at(name))),
      [false, true, true, true],
    );
    await sweepCopies(at('nowhere'), () => false, now);
  });

  it('are removed by their id only', async () => {
    await removeCopy(at('.'), 'mine');
    await removeCopy(at('.'), ids.young);
    assert.deepEqual([existsSync(at('mine')), existsSync(at(ids.young))], [true, false]);
  });
});
