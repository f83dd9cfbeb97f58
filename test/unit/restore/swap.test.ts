import assert from 'node:assert/strict';
import { readUndoRecord } from '../../../src/inventory/undoName';
import { claimDatabase, dropOwnDatabase, isClaimed, openDatabase, swapDatabases, type Swap } from '../../../src/restore/swap';
import { Failure } from '../../../src/protocol/failure';
import { rejectsWith } from '../operations/rejectsWith';
import { FakeSession } from '../postgres/fakeSession';
import { ClusterSession } from './clusterSession';

const database = `it's "ours"; 🐘`;
const swap: Swap = {
  database,
  replacement: 'cdb_scratch_1a2b3c4d',
  undo: 'cdb_undo_1a2b3c4d',
  replacedAt: new Date('2026-11-07T03:00:00Z'),
  expiresAt: new Date('2026-11-08T03:00:00Z'),
  comment: `it's the shop`,
};
const start = [
  { name: database, content: 'old', comment: `it's the shop` },
  { name: swap.replacement, content: 'new' },
  { name: 'other', content: 'other' },
];

describe('swapDatabases', () => {
  it('gives the replacement the name, and keeps the old database closed, with what it must know', async () => {
    const cluster = new ClusterSession(start);
    await swapDatabases(cluster.session, swap);
    assert.deepEqual(cluster.contents, { [database]: 'new', [swap.undo]: 'old!', other: 'other' });
    assert.equal(cluster.commentOf(database), `it's the shop`);
    assert.deepEqual(readUndoRecord(swap.undo, cluster.commentOf(swap.undo) ?? null), {
      containerDatabases: 'undo',
      of: database,
      replacedAt: '2026-11-07T03:00:00.000Z',
      expiresAt: '2026-11-08T03:00:00.000Z',
      comment: `it's the shop`,
    });
  });

  it('keeps clients out before it ends their sessions, and renames both in one transaction', async () => {
    const cluster = new ClusterSession(start);
    await swapDatabases(cluster.session, swap);
    const order = ['ALLOW_CONNECTIONS false', 'pg_terminate_backend', 'BEGIN'].map((part) => cluster.statements.findIndex((sql) => sql.includes(part)));
    assert.deepEqual(
      order,
      order.toSorted((a, b) => a - b),
    );
    assert.ok(order.every((at) => at >= 0));
    const [renaming, ...others] = cluster.statements.filter((sql) => sql.includes('RENAME TO'));
    assert.deepEqual(others, []);
    assert.match(renaming ?? '', /^BEGIN; .* RENAME TO "cdb_undo_1a2b3c4d"; .* RENAME TO .*; COMMIT$/);
    const ended = cluster.values[cluster.statements.findIndex((sql) => sql.includes('pg_terminate_backend'))];
    assert.deepEqual(ended, [[database, swap.replacement]]);
  });

  it('only names the replacement where there is no database', async () => {
    const cluster = new ClusterSession(start.slice(1));
    await swapDatabases(cluster.session, { ...swap, undo: '', comment: null });
    assert.deepEqual(cluster.contents, { [database]: 'new', other: 'other' });
    assert.equal(cluster.commentOf(database), null);
  });

  for (const part of [
    'RENAME TO "cdb_undo',
    `COMMENT ON DATABASE "cdb_undo`,
    'ALTER DATABASE "cdb_scratch',
    'ALLOW_CONNECTIONS true',
    'IS NULL',
    'COMMIT',
    'pg_terminate_backend',
  ]) {
    it(`leaves everything as it was when "${part}" fails, and lets clients in again`, async () => {
      let failed = false;
      const cluster = new ClusterSession(start, (sql) => {
        if (failed || !sql.includes(part)) return;
        failed = true;
        throw new Failure('SQLSTATE_XX000', 'broken', '');
      });
      await rejectsWith('SQLSTATE_XX000', swapDatabases(cluster.session, { ...swap, comment: null }));
      assert.deepEqual(cluster.contents, { [database]: 'old', [swap.replacement]: 'new', other: 'other' });
      if (part !== 'pg_terminate_backend') assert.ok(cluster.statements.includes('ROLLBACK'));
    });
  }

  it('turns away clients that come back, until it gets through', async () => {
    let refusals = 3;
    const cluster = new ClusterSession(start, (sql) => {
      if (sql.includes('RENAME TO "cdb_undo') && refusals-- > 0) throw new Failure('DATABASE_IN_USE', 'being accessed by other users', '');
    });
    await swapDatabases(cluster.session, swap);
    assert.equal(cluster.contents[database], 'new');
    assert.equal(cluster.statements.filter((sql) => sql.includes('pg_terminate_backend')).length, 4);
  });

  it('touches nothing when clients cannot be kept out', async () => {
    const cluster = new ClusterSession(start, (sql) => {
      if (sql.includes('ALLOW_CONNECTIONS false')) throw new Failure('PRIVILEGE_MISSING', 'must be owner', '');
    });
    await rejectsWith('PRIVILEGE_MISSING', swapDatabases(cluster.session, swap));
    assert.deepEqual(cluster.contents, { [database]: 'old', [swap.replacement]: 'new', other: 'other' });
  });
});

describe('dropOwnDatabase', () => {
  it('drops what is ours, and is content when it is gone', async () => {
    for (const name of ['cdb_scratch_1', 'cdb_undo_1']) {
      const cluster = new ClusterSession([{ name }, { name: 'app' }]);
      await dropOwnDatabase(cluster.session, name);
      await dropOwnDatabase(cluster.session, name);
      assert.deepEqual(cluster.contents, { app: 'app' });
    }
  });

  for (const name of ['app', 'postgres', 'cdb', '', ' cdb_scratch_1', 'CDB_SCRATCH_1', 'x"; DROP DATABASE "app', 'my_cdb_undo_1']) {
    it(`refuses to drop ${JSON.stringify(name)}`, async () => {
      const cluster = new ClusterSession([{ name }]);
      await rejectsWith('NOT_OURS', dropOwnDatabase(cluster.session, name));
      assert.deepEqual(cluster.statements, []);
    });
  }
});

describe('claims', () => {
  it('are refused while another holds one', async () => {
    for (const [rows, refused] of [
      [[{ claimed: true }], false],
      [[{ claimed: false }], true],
      [[], true],
    ] as const) {
      const { session } = new FakeSession(() => rows);
      if (refused) await rejectsWith('RESTORE_RUNNING', claimDatabase(session, database));
      else await claimDatabase(session, database);
    }
  });

  it('are seen by others', async () => {
    assert.equal(await isClaimed(new FakeSession(() => [{}]).session), true);
    assert.equal(await isClaimed(new FakeSession().session), false);
  });

  it('pass the name as a value, never as SQL', async () => {
    const fake = new FakeSession(() => [{ claimed: true }]);
    await claimDatabase(fake.session, database);
    assert.ok(!fake.statements.join().includes(database));
    assert.equal(fake.values[0]?.[1], database);
  });
});

describe('openDatabase', () => {
  it('lets clients in', async () => {
    const cluster = new ClusterSession([{ name: database, connectable: false }]);
    await openDatabase(cluster.session, database);
    assert.deepEqual(cluster.contents, { [database]: database });
  });
});
