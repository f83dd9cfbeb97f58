import assert from 'node:assert/strict';
import { isOwnDatabase, writeUndoRecord } from '../../../src/inventory/undoName';
import type { PostgresServer } from '../../../src/postgres/server';
import { Failure } from '../../../src/protocol/failure';
import { Journal, type JournalEntry } from '../../../src/restore/journal';
import { planRecovery, recover, sweepCluster } from '../../../src/restore/recover';
import { swapDatabases } from '../../../src/restore/swap';
import { FakeEngine } from '../engine/fakeEngine';
import { serviceOf, summaryOf } from '../inventory/inventoryParts';
import { temporaryFolder } from '../operations/temporaryFolder';
import { ClusterSession, type ClusterDatabase } from './clusterSession';
import { entryOf } from './restoreParts';

const { replacement, undo, database } = entryOf();
const undoComment = writeUndoRecord({
  containerDatabases: 'undo',
  of: database,
  replacedAt: '2026-11-07T03:00:00.000Z',
  expiresAt: '2026-11-08T03:00:00.000Z',
  comment: null,
});

describe('planRecovery', () => {
  const names = [database, replacement, undo, 'other'];
  const phases = ['preparing', 'swapping', 'swapped'] as const;

  it('never drops anything but a scratch database, whatever is found', () => {
    for (const kind of ['restore', 'undo'] as const) {
      for (const phase of phases) {
        for (let mask = 0; mask < 2 ** names.length; mask++) {
          for (const connectable of [true, false]) {
            const databases = names.filter((_, bit) => (mask & (1 << bit)) !== 0).map((name) => ({ name, connectable }));
            const recovery = planRecovery(entryOf({ kind, phase }), databases);
            if (recovery.kind === 'roll back' && recovery.dropReplacement) assert.equal(kind, 'restore');
            const there = databases.some(({ name }) => name === database);
            if (recovery.kind === 'roll back') assert.equal(recovery.openDatabase, there && !connectable);
            else assert.ok(there, 'nothing is finished without the database');
          }
        }
      }
    }
  });

  for (const [title, entry, databases, expected] of [
    ['before anything was loaded', {}, [database], 'roll back'],
    ['while it was loaded', {}, [database, replacement], 'roll back'],
    ['before the renames', { phase: 'swapping' }, [database, replacement], 'roll back'],
    ['between the renames and the note', { phase: 'swapping' }, [database, undo], 'finish'],
    ['after the note', { phase: 'swapped' }, [database, undo], 'finish'],
    ['after the note, the undo dropped by hand', { phase: 'swapped' }, [database], 'finish'],
    ['after its scratch database was already dropped', { phase: 'swapping' }, [database], 'roll back'],
    ['before a new database was named', { phase: 'swapping', undo: '' }, [replacement], 'roll back'],
    ['after a new database was named', { phase: 'swapping', undo: '' }, [database], 'finish'],
    ['of an undo, before the renames', { kind: 'undo', replacement: 'cdb_undo_old', phase: 'swapping' }, [database, 'cdb_undo_old'], 'roll back'],
    ['of an undo, after the renames', { kind: 'undo', replacement: 'cdb_undo_old', phase: 'swapping' }, [database, undo], 'finish'],
    ['of an undo of a dropped database, after the rename', { kind: 'undo', replacement: 'cdb_undo_old', phase: 'swapping' }, [database], 'finish'],
  ] as const satisfies readonly (readonly [string, Partial<JournalEntry>, readonly string[], string])[]) {
    it(`decides to ${expected} after a crash ${title}`, () => {
      const { kind, sentence } = planRecovery(
        entryOf(entry),
        databases.map((name) => ({ name, connectable: true })),
      );
      assert.equal(kind, expected);
      assert.ok(sentence.includes('shop/db/app'));
    });
  }
});

describe('planRecovery of restored rows', () => {
  const marked = (comment: string | null) => [
    { name: database, connectable: true },
    { name: replacement, connectable: true, comment },
  ];
  const rowsAreIn = 'rows restored at 2026-11-07T03:00:00.000Z';
  for (const [title, phase, found, expected] of [
    ['before the transaction', 'preparing', marked(null), 'roll back'],
    ['in the transaction', 'swapping', marked(null), 'roll back'],
    ['between the transaction and the note', 'swapping', marked(rowsAreIn), 'finish'],
    ['after the note', 'swapped', marked(rowsAreIn), 'finish'],
    ['before anything was made', 'preparing', marked(null).slice(0, 1), 'roll back'],
  ] as const) {
    it(`decides to ${expected} after a crash ${title}, and leaves nothing`, () => {
      const recovery = planRecovery(entryOf({ kind: 'rows', undo: '', phase }), found);
      assert.deepEqual([recovery.kind, recovery.dropReplacement], [expected, true]);
      assert.match(recovery.sentence, expected === 'finish' ? /had already taken place/ : /rolled back/);
    });
  }
});

describe('planRecovery of rows of which nothing tells any more', () => {
  it('says just that', () => {
    const recovery = planRecovery(entryOf({ kind: 'rows', undo: '', phase: 'swapping' }), [{ name: database, connectable: true }]);
    assert.match(recovery.sentence, /whole or not at all/);
  });
});

describe('recover', () => {
  const at = temporaryFolder();

  function recovering(cluster: ClusterSession, entry: JournalEntry) {
    const engine = new FakeEngine();
    engine.summaries = [summaryOf('shop', 'api', { state: 'exited' }), summaryOf('shop', 'worker'), summaryOf('shop', 'other', { state: 'exited' })];
    const server = serverOn(engine);
    const journal = new Journal(at('journal'));
    const run = async (): Promise<string | undefined> => {
      await journal.write(entry);
      return recover(entry, { engine: engine.engine, server, session: cluster.session, journal });
    };
    return { run, engine, journal };
  }

  it('does nothing about a restore that has ended since the journal was read', async () => {
    const cluster = new ClusterSession([{ name: database }, { name: replacement }]);
    const entry = entryOf({ phase: 'preparing', stopped: ['api'] });
    const { engine, journal } = recovering(cluster, entry);
    assert.equal(await recover(entry, { engine: engine.engine, server: serverOn(engine), session: cluster.session, journal }), undefined);
    assert.deepEqual([cluster.changes, engine.calls], [[], []]);
  });

  // The swap of a restore, and that of an undo, interrupted before each of its statements, and after the last.
  const statements = 8;
  for (const [kind, swapEntry, before] of [
    [
      'restore',
      entryOf({ phase: 'swapping', stopped: ['api'] }),
      [
        { name: database, content: 'old' },
        { name: replacement, content: 'new' },
        { name: 'other', content: 'other' },
      ],
    ],
    [
      'undo',
      entryOf({ kind: 'undo', phase: 'swapping', replacement: 'cdb_undo_before', stopped: ['api'] }),
      [
        { name: database, content: 'old' },
        { name: 'cdb_undo_before', content: 'new', connectable: false, comment: undoComment },
        { name: 'other', content: 'other' },
      ],
    ],
  ] as const satisfies readonly (readonly [string, JournalEntry, readonly ClusterDatabase[]])[]) {
    for (let crashAt = 0; crashAt <= statements; crashAt++) {
      it(`leaves one whole database when a ${kind} crashed before statement ${crashAt} of its swap`, async () => {
        let count = 0;
        let dead = false;
        const cluster = new ClusterSession(before, (sql) => {
          if (/^SELECT/.test(sql)) return;
          if (dead || count++ === crashAt) {
            dead = true;
            throw new Failure('CONNECTION_LOST', 'crash', '');
          }
        });
        const swap = { database, replacement: swapEntry.replacement, undo, replacedAt: new Date(), expiresAt: new Date(), comment: null };
        await swapDatabases(cluster.session, swap).catch(() => undefined);
        // The server rolls back a transaction whose client is gone.
        const left = new ClusterSession(cluster.afterCrash());
        const { run, engine, journal } = recovering(left, swapEntry);
        assert.ok(((await run()) ?? '').includes('shop/db/app'));
        const { [database]: live, other, ...rest } = left.contents;
        assert.ok(live === 'old' || live === 'new', `${database} is ${live}`);
        assert.equal(other, 'other');
        if (live === 'new') assert.deepEqual(rest, { [undo]: 'old!' });
        else assert.deepEqual(rest, kind === 'undo' ? { cdb_undo_before: 'new!' } : {});
        for (const sql of left.changes.filter((each) => each.startsWith('DROP'))) assert.ok(isOwnDatabase(/"(.*)"/.exec(sql)?.[1] ?? ''), sql);
        assert.deepEqual(
          engine.calls.filter(([method]) => method === 'start').map(([, id]) => id),
          ['id-shop-api-1'],
        );
        assert.deepEqual(await journal.entries(), []);
      });
    }
  }

  it('removes what was put into the container, and nothing else there', async () => {
    const cluster = new ClusterSession([{ name: database }]);
    const mine = recovering(cluster, entryOf({ upload: '/tmp/container-databases-1.dump' }));
    await mine.run();
    assert.deepEqual(
      mine.engine.execs.map(({ argv }) => argv),
      [['rm', '-rf', '--', '/tmp/container-databases-1.dump']],
    );
    const forged = recovering(cluster, entryOf({ upload: '/etc/passwd' }));
    await forged.run();
    assert.deepEqual(forged.engine.execs, []);
  });

  it('leaves a restore alone that is still running somewhere', async () => {
    const cluster = new ClusterSession([{ name: database }, { name: replacement }]);
    cluster.query = (async () => [{ claimed: false }]) as unknown as typeof cluster.query;
    const { run, journal, engine } = recovering(cluster, entryOf());
    assert.equal(await run(), undefined);
    assert.equal((await journal.entries()).length, 1);
    assert.deepEqual([cluster.changes, engine.calls], [[], []]);
  });

  it('does not drop a database of the user that a damaged entry names', async () => {
    const cluster = new ClusterSession([{ name: database }, { name: 'precious' }]);
    await assert.rejects(recovering(cluster, entryOf({ replacement: 'precious' })).run(), { code: 'NOT_OURS' });
    assert.deepEqual(cluster.contents, { [database]: database, precious: 'precious' });
  });
});

function serverOn(engine: FakeEngine): PostgresServer {
  return { engine: engine.engine, container: 'c1', user: 'app', maintenanceDatabase: 'postgres', port: 5432, password: { kind: 'none' } };
}

describe('sweepCluster', () => {
  const uploadAt = (id: number): string => `/tmp/container-databases-${id}.dump`;
  /** An engine in whose container these uploads lie. */
  function holding(...uploads: readonly string[]): FakeEngine {
    const engine = new FakeEngine();
    engine.program = (exec) => void (exec.argv[0] === 'sh' ? exec.announce().stdout(uploads.map((upload) => `${upload}\n`).join('')) : exec.announce()).exit();
    return engine;
  }
  const removed = ({ execs }: FakeEngine): readonly string[] => execs.flatMap(({ argv }) => (argv[0] === 'rm' ? argv.slice(-1) : []));
  const now = new Date('2026-11-08T12:00:00Z');
  const undoOf = (name: string, expiresAt: string) => ({ name, of: database, replacedAt: '2026-11-07T03:00:00.000Z', expiresAt, sizeBytes: 1 });
  const service = serviceOf('shop', 'db', [database], {
    undos: [
      undoOf('cdb_undo_old', '2026-11-08T03:00:00.000Z'),
      undoOf('cdb_undo_fresh', '2026-11-08T13:00:00.000Z'),
      undoOf('cdb_undo_wanted', '2026-11-08T03:00:00.000Z'),
    ],
  });
  const databases = [database, 'cdb_undo_old', 'cdb_undo_fresh', 'cdb_undo_wanted', 'cdb_scratch_left', 'cdb_scratch_wanted', 'cdb_mine'].map((name) => ({
    name,
  }));
  const journalled = [entryOf({ replacement: 'cdb_scratch_wanted', upload: uploadAt(2) }), entryOf({ kind: 'undo', replacement: 'cdb_undo_wanted' })];

  it('drops undos past their day, scratch databases and uploads of no restore, and nothing else', async () => {
    const cluster = new ClusterSession(databases);
    const engine = holding(uploadAt(1), uploadAt(2));
    const sentences = await sweepCluster({ server: serverOn(engine), session: cluster.session }, service, journalled, now);
    assert.deepEqual(Object.keys(cluster.contents), [database, 'cdb_undo_fresh', 'cdb_undo_wanted', 'cdb_scratch_wanted', 'cdb_mine']);
    assert.equal(sentences.length, 2);
    assert.deepEqual(removed(engine), [uploadAt(1)]);
  });

  it('leaves for a day what tells another host whether rows are in', async () => {
    const marked = (name: string, at: string) => ({ name, comment: `rows restored at ${at}` });
    const cluster = new ClusterSession([
      { name: database },
      marked('cdb_scratch_young', '2026-11-08T03:00:00.000Z'),
      marked('cdb_scratch_old', '2026-11-07T03:00:00.000Z'),
    ]);
    await sweepCluster({ server: serverOn(holding()), session: cluster.session }, serviceOf('shop', 'db', [database]), [], now);
    assert.deepEqual(Object.keys(cluster.contents), [database, 'cdb_scratch_young']);
  });

  it('closes snapshots that a crash left open, and no other', async () => {
    const snapshotOf = (name: string) => ({ name, of: database, label: name, takenAt: '2026-11-07T03:00:00.000Z', sizeBytes: 1 });
    const cluster = new ClusterSession([
      { name: database },
      { name: 'cdb_snap_open' },
      { name: 'cdb_snap_closed', connectable: false },
      { name: 'cdb_snap_else' },
    ]);
    const snapshots = [snapshotOf('cdb_snap_open'), snapshotOf('cdb_snap_closed'), snapshotOf('cdb_snap_gone')];
    const sentences = await sweepCluster(
      { server: serverOn(holding()), session: cluster.session },
      serviceOf('shop', 'db', [database], { snapshots }),
      [],
      now,
    );
    assert.deepEqual(sentences, ['The snapshot "cdb_snap_open" of "app", left open by an interrupted look into it, was closed.']);
    assert.deepEqual(Object.values(cluster.contents), [database, 'cdb_snap_open!', 'cdb_snap_closed!', 'cdb_snap_else']);
    const order = ['pg_try_advisory_lock', 'ALLOW_CONNECTIONS false', 'pg_advisory_unlock'].map((part) =>
      cluster.statements.findIndex((sql) => sql.includes(part)),
    );
    assert.deepEqual(
      order,
      order.toSorted((a, b) => a - b),
    );
  });

  it('does nothing while any restore is at work', async () => {
    const cluster = new ClusterSession(databases);
    const query = cluster.query.bind(cluster);
    cluster.query = (async (sql: string) => (sql.includes('pg_locks') ? [{}] : query(sql))) as typeof cluster.query;
    const engine = holding(uploadAt(1));
    assert.deepEqual(await sweepCluster({ server: serverOn(engine), session: cluster.session }, service, [], now), []);
    assert.deepEqual([cluster.changes, removed(engine)], [[], []]);
  });
});
