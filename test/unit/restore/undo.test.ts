import assert from 'node:assert/strict';
import { readUndoRecord, writeUndoRecord } from '../../../src/inventory/undoName';
import type { ServiceTarget } from '../../../src/inventory/target';
import { Failure } from '../../../src/protocol/failure';
import { Journal } from '../../../src/restore/journal';
import { findUndo, undoRestore } from '../../../src/restore/undo';
import { FakeEngine } from '../engine/fakeEngine';
import { projectOf, serviceOf, summaryOf } from '../inventory/inventoryParts';
import { fakeOperation } from '../operations/fakeOperation';
import { rejectsWith } from '../operations/rejectsWith';
import { temporaryFolder } from '../operations/temporaryFolder';
import { ClusterSession, type ClusterDatabase } from './clusterSession';

const undoOf = (name: string, of: string, replacedAt: string) => ({ name, of, replacedAt, expiresAt: '2026-11-09T00:00:00.000Z', sizeBytes: 1 });
const service = serviceOf('shop', 'db', ['app'], {
  undos: [
    undoOf('cdb_undo_1', 'app', '2026-11-07T03:00:00.000Z'),
    undoOf('cdb_undo_3', 'app', '2026-11-08T03:00:00.000Z'),
    undoOf('cdb_undo_2', 'other', '2026-11-08T04:00:00.000Z'),
  ],
});
const target: ServiceTarget = { project: projectOf('shop', [service]), service, databaseName: 'app' };

describe('findUndo', () => {
  it('takes the newest of the very database', () => {
    assert.equal(findUndo(target).name, 'cdb_undo_3');
    assert.equal(findUndo({ ...target, databaseName: 'other' }).name, 'cdb_undo_2');
  });

  it('says when there is none', () => rejectsWith('UNDO_MISSING', () => findUndo({ ...target, databaseName: 'ap' })));
});

describe('undoRestore', () => {
  const at = temporaryFolder();
  const comment = writeUndoRecord({
    containerDatabases: 'undo',
    of: 'app',
    replacedAt: '2026-11-08T03:00:00.000Z',
    expiresAt: '2026-11-09T03:00:00.000Z',
    comment: 'before',
  });
  const kept: ClusterDatabase = { name: 'cdb_undo_3', content: 'before', connectable: false, comment };

  function undoing(databases: readonly ClusterDatabase[], fail?: (sql: string) => void) {
    const cluster = new ClusterSession(databases, fail);
    const engine = new FakeEngine();
    engine.summaries = [];
    const journal = new Journal(at('journal'));
    const server = { engine: engine.engine, container: 'c1', user: 'app', maintenanceDatabase: 'postgres', port: 5432, password: { kind: 'none' } } as const;
    const run = () => undoRestore(target, { engine: engine.engine, endpointId: 'here', server, session: cluster.session, journal }, fakeOperation());
    return { cluster, engine, journal, run };
  }

  it('gives the old database back as it was, and keeps the present one', async () => {
    const { cluster, journal, run } = undoing([{ name: 'app', content: 'after', comment: 'now' }, kept]);
    const { undo = '', replacedAt, database } = await run();
    assert.deepEqual([database, replacedAt], ['app', '2026-11-08T03:00:00.000Z']);
    assert.deepEqual(cluster.contents, { app: 'before', [undo]: 'after!' });
    assert.equal(cluster.commentOf('app'), 'before');
    assert.equal(readUndoRecord(undo, cluster.commentOf(undo) ?? null)?.comment, 'now');
    assert.deepEqual(await journal.entries(), []);
  });

  it('gives a database back that was dropped meanwhile', async () => {
    const { cluster, run } = undoing([kept]);
    assert.ok(!('undo' in (await run())));
    assert.deepEqual(cluster.contents, { app: 'before' });
  });

  it('leaves both as they were when it fails, and starts what it stopped', async () => {
    const { cluster, engine, journal, run } = undoing([{ name: 'app', content: 'after' }, kept], (sql) => {
      if (sql.includes('RENAME TO "app"')) throw new Failure('SQLSTATE_XX000', 'broken', '');
    });
    let state = 'running';
    const api = (): void => void (engine.summaries = [summaryOf('shop', 'api', { state, dependsOn: 'db:service_started:false' })]);
    api();
    engine.inspect = async (id) => ({ ...({} as Awaited<ReturnType<FakeEngine['inspect']>>), id, env: {}, addresses: [] });
    const stop = engine.stop.bind(engine);
    engine.stop = async (id, seconds) => {
      state = 'exited';
      api();
      return stop(id, seconds);
    };
    await rejectsWith('SQLSTATE_XX000', run());
    assert.deepEqual(cluster.contents, { app: 'after', cdb_undo_3: 'before!' });
    assert.deepEqual(
      engine.calls.filter(([method]) => method === 'stop' || method === 'start').map(([method]) => method),
      ['stop', 'start'],
    );
    assert.deepEqual(await journal.entries(), []);
  });
});
