import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { checksumFile, manifestFile, readBackup } from '../../../src/backup/catalogue';
import { writeManifest, type Manifest } from '../../../src/backup/manifest';
import { applyRetention, countFailed, planPrune, prune, type PruneRequest, type PruneResult } from '../../../src/backup/prune';
import type { RetentionPolicy } from '../../../src/backup/retention';
import { fakeOperation } from '../operations/fakeOperation';
import { rejectsWith } from '../operations/rejectsWith';
import { temporaryFolder } from '../operations/temporaryFolder';
import { writeBackup } from './backupParts';

const content = Buffer.from('PGDMP and more');
const name = (file: string): string => path.basename(file, '.dump');

describe('prune', () => {
  const at = temporaryFolder();

  /** Writes a backup that is so many days old. */
  const made = (title: string, days: number, rest: Partial<Manifest> = {}): string => {
    const file = at(`${title}.dump`);
    writeBackup(file, content, { id: title, finishedAt: new Date(Date.now() - days * 24 * 60 * 60_000).toISOString(), ...rest });
    return file;
  };
  const request = (policy: RetentionPolicy, rest: Partial<PruneRequest> = {}): PruneRequest => ({
    folder: at(),
    policy,
    belongs: () => true,
    restoring: async () => false,
    ...rest,
  });
  const there = (): readonly string[] => readdirSync(at()).toSorted((a, b) => (a < b ? -1 : 1));
  const dumps = (): readonly string[] => there().flatMap((each) => (each.endsWith('.dump') ? [name(each)] : []));
  const reasonsOf = (result: PruneResult): Readonly<Record<string, string>> =>
    Object.fromEntries(result.kept.map(({ backup, reasons }) => [name(backup.file), reasons.map(({ kind }) => kind).join()]));

  it('removes what the policy lets go with all that lies beside it, and tells', async () => {
    for (const [title, days] of [
      ['a', 0],
      ['b', 1],
      ['c', 2],
      ['d', 40],
    ] as const)
      made(title, days);
    writeFileSync(at('notes.txt'), '');
    const operation = fakeOperation();
    const result = await prune(request({ last: 2 }), operation);
    assert.deepEqual(there(), ['a.dump', 'a.dump.json', 'a.dump.sha256', 'b.dump', 'b.dump.json', 'b.dump.sha256', 'notes.txt']);
    assert.deepEqual(
      [result.kept, result.removed].map((each) => each.map(({ backup }) => name(backup.file))),
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    );
    assert.equal(result.freedBytes, 2 * content.length);
    assert.equal(countFailed(result), 0);
    assert.ok(operation.lines.some((line) => line.includes(at('d.dump')) && line.includes('no rule keeps it')));
    assert.deepEqual((await prune(request({ last: 2 }), fakeOperation())).removed, []);
  });

  it('plans the same and removes nothing by that', async () => {
    for (const [title, days] of [
      ['a', 0],
      ['b', 1],
      ['c', 2],
    ] as const)
      made(title, days);
    const before = there();
    const plan = await planPrune(request({ last: 1 }));
    assert.deepEqual(there(), before);
    const { kept, removed } = await prune(request({ last: 1 }), fakeOperation());
    assert.deepEqual(
      plan.map(({ keep }) => keep),
      [true, false, false],
    );
    assert.deepEqual([...kept, ...removed], plan);
  });

  it('does nothing where there is no folder, and leaves none', async () => {
    assert.deepEqual(await prune(request({ last: 1 }, { folder: at('gone') }), fakeOperation()), { kept: [], removed: [], freedBytes: 0 });
    assert.ok(!existsSync(at('gone')));
  });

  it('leaves alone what does not belong', async () => {
    made('a', 0);
    made('b', 1, { project: 'other' });
    made('c', 2, { project: 'other' });
    made('d', 3);
    await prune(request({ last: 1 }, { belongs: ({ manifest }) => manifest?.project === 'shop' }), fakeOperation());
    assert.deepEqual(dumps(), ['a', 'b', 'c']);
  });

  it('removes only what was shown', async () => {
    for (const [title, days] of [
      ['a', 0],
      ['b', 1],
      ['c', 2],
    ] as const)
      made(title, days);
    const result = await prune(request({ last: 1 }, { chosen: new Set([at('c.dump')]) }), fakeOperation());
    assert.deepEqual(dumps(), ['a', 'b']);
    assert.deepEqual(reasonsOf(result), { a: 'last good,among the last', b: 'not chosen' });
  });

  describe('holds back', () => {
    it('while a restore runs', async () => {
      made('a', 0);
      made('b', 1);
      await rejectsWith('RESTORE_RUNNING', prune(request({ last: 1 }, { restoring: async () => true }), fakeOperation()));
      assert.deepEqual(dumps(), ['a', 'b']);
    });

    it('from the moment on in which a restore begins', async () => {
      for (const [title, days] of [
        ['a', 0],
        ['b', 1],
        ['c', 2],
      ] as const)
        made(title, days);
      const result = await prune(request({ last: 1 }, { restoring: async () => !existsSync(at('c.dump')) }), fakeOperation());
      assert.deepEqual(dumps(), ['a', 'b']);
      assert.deepEqual(reasonsOf(result), { a: 'last good,among the last', b: 'restore running' });
    });

    it('while another does the same', async () => {
      made('a', 0);
      made('b', 1);
      const inside = request({ last: 1 }, { restoring: async () => false });
      const outside = request(
        { last: 1 },
        {
          restoring: async () => {
            await rejectsWith('PRUNE_RUNNING', prune(inside, fakeOperation()));
            return true;
          },
        },
      );
      await rejectsWith('RESTORE_RUNNING', prune(outside, fakeOperation()));
      assert.equal((await prune(inside, fakeOperation())).removed.length, 1);
      assert.ok(!existsSync(at('.prune.lock')));
    });

    it('when its lock was taken away', async () => {
      for (const [title, days] of [
        ['a', 0],
        ['b', 1],
      ] as const)
        made(title, days);
      const restoring = async (): Promise<boolean> => {
        writeFileSync(at('.prune.lock'), JSON.stringify({ id: 'other', pid: 1, host: 'elsewhere' }));
        return false;
      };
      await rejectsWith('PRUNE_RUNNING', prune(request({ last: 1 }, { restoring }), fakeOperation()));
      assert.deepEqual(dumps(), ['a', 'b']);
    });

    it('when it is cancelled', async () => {
      for (const [title, days] of [
        ['a', 0],
        ['b', 1],
      ] as const)
        made(title, days);
      await rejectsWith('CANCELLED', prune(request({ last: 1 }), fakeOperation(AbortSignal.abort())));
      assert.deepEqual(dumps(), ['a', 'b']);
      assert.ok(!existsSync(at('.prune.lock')));
    });
  });

  describe('looks once more before it removes', () => {
    /** Lets something happen when the decision is made and nothing was removed yet. */
    const meanwhile = (act: () => void): Partial<PruneRequest> => {
      let asked = 0;
      return {
        restoring: async () => {
          asked += 1;
          if (asked === 2) act();
          return false;
        },
      };
    };

    for (const [title, act] of [
      ['is gone', () => rmSync(at('a.dump'))],
      ['was cut short', () => truncateSync(at('a.dump'), 5)],
      ['has lost its manifest', () => rmSync(manifestFile(at('a.dump')))],
      ['has another manifest', () => void made('a', 0, { sha256: 'b'.repeat(64) })],
      ['is no longer proven', () => void made('a', 0, { verified: 'none' })],
    ] as const) {
      it(`removes nothing of the kind when the last good one ${title}`, async () => {
        for (const [each, days] of [
          ['a', 0],
          ['b', 1],
          ['c', 2],
        ] as const)
          made(each, days);
        const result = await prune(request({ last: 1 }, meanwhile(act)), fakeOperation());
        assert.deepEqual(result.removed, []);
        assert.equal(reasonsOf(result)['b'], 'last good damaged');
        assert.ok(existsSync(at('b.dump')) && existsSync(at('c.dump')));
      });
    }

    it('goes on when the manifest of the last good one tells more than before', async () => {
      for (const [each, days] of [
        ['a', 0],
        ['b', 1],
      ] as const)
        made(each, days);
      const manifest = (await readBackup(at('a.dump')))?.manifest;
      assert.ok(manifest);
      const act = (): void => writeFileSync(manifestFile(at('a.dump')), writeManifest({ ...manifest, verified: 'restored' }));
      assert.equal((await prune(request({ last: 1 }, meanwhile(act)), fakeOperation())).removed.length, 1);
    });

    for (const [title, act] of [
      ['file', () => writeFileSync(at('c.dump'), `${content.toString()} and more`)],
      ['manifest', () => void made('c', 2, { id: 'new' })],
    ] as const) {
      it(`keeps what has another ${title} than it had`, async () => {
        made('a', 0);
        made('c', 2);
        const result = await prune(request({ last: 1 }, meanwhile(act)), fakeOperation());
        assert.deepEqual(reasonsOf(result), { a: 'last good,among the last', c: 'changed' });
        assert.deepEqual(dumps(), ['a', 'c']);
      });
    }
  });

  it('goes on after one that cannot be removed, and tells', async () => {
    for (const [title, days] of [
      ['a', 0],
      ['b', 1],
      ['c', 2],
    ] as const)
      made(title, days);
    const operation = fakeOperation();
    const report: typeof operation.report = ({ message }) => {
      if (!message.includes('c.dump')) return;
      rmSync(at('c.dump'));
      mkdirSync(at('c.dump')); // what is no file cannot be removed like one
    };
    const result = await prune(request({ last: 1 }), { ...operation, report });
    assert.deepEqual(
      result.removed.map(({ backup }) => name(backup.file)),
      ['b'],
    );
    assert.equal(countFailed(result), 1);
    assert.equal(reasonsOf(result)['c'], 'not removed');
    assert.ok(existsSync(manifestFile(at('c.dump'))) && existsSync(checksumFile(at('c.dump'))));
    assert.ok(operation.lines.some((line) => line.includes(`${at('c.dump')} stays`)));
    assert.equal(result.freedBytes, content.length);
  });

  it('tells when something beside a backup could not be removed; the manifest goes last', async () => {
    for (const [title, days] of [
      ['a', 0],
      ['b', 1],
    ] as const)
      made(title, days);
    rmSync(checksumFile(at('b.dump')));
    mkdirSync(checksumFile(at('b.dump')));
    const result = await prune(request({ last: 1 }), fakeOperation());
    assert.deepEqual(
      result.removed.map(({ backup, reasons }) => [name(backup.file), reasons.map(({ kind }) => kind)]),
      [['b', ['not needed', 'partly removed']]],
    );
    assert.equal(countFailed(result), 1);
    assert.deepEqual([existsSync(at('b.dump')), existsSync(manifestFile(at('b.dump')))], [false, true]);
  });
});

describe('applyRetention', () => {
  const at = temporaryFolder();
  const made = (title: string, days: number, rest: Partial<Manifest> = {}): string => {
    const file = at(`${title}.dump`);
    writeBackup(file, content, { finishedAt: new Date(Date.now() - days * 24 * 60 * 60_000).toISOString(), ...rest });
    return file;
  };
  const apply = async (policy: unknown, operation = fakeOperation(), restoring = false): Promise<PruneResult | undefined> => {
    const backup = await readBackup(at('a.dump'));
    assert.ok(backup);
    return applyRetention(backup, { folder: at(), policy, restoring: async () => restoring }, operation);
  };

  beforeEach(() => {
    for (const [title, days, database] of [
      ['a', 0, 'app'],
      ['b', 1, 'app'],
      ['c', 0, 'other'],
      ['d', 1, 'other'],
    ] as const)
      made(title, days, { database });
  });

  it('removes of the same database only', async () => {
    assert.equal((await apply({ last: 1 }))?.removed.length, 1);
    assert.deepEqual([existsSync(at('b.dump')), existsSync(at('d.dump'))], [false, true]);
  });

  for (const policy of [undefined, {}, { last: 0 }]) {
    it(`does nothing by ${JSON.stringify(policy)}`, async () => {
      const before = readdirSync(at());
      assert.equal(await apply(policy), undefined);
      assert.deepEqual(readdirSync(at()), before);
    });
  }

  it('says what is wrong with the policy, and fails nothing', async () => {
    const operation = fakeOperation();
    assert.equal(await apply({ last: 'one' }, operation), undefined);
    assert.ok(operation.lines.some((line) => /Old backups were not removed.*last/.test(line)));
  });

  it('waits for the next backup when a restore runs', async () => {
    const operation = fakeOperation();
    assert.equal(await apply({ last: 1 }, operation, true), undefined);
    assert.ok(existsSync(at('b.dump')));
    assert.ok(operation.lines.some((line) => line.includes('A restore is running')));
    assert.equal(readFileSync(at('b.dump')).length, content.length);
  });
});
