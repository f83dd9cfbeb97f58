import assert from 'node:assert/strict';
import { readRoles } from '../../../src/backup/roles';
import type { PostgresServer } from '../../../src/postgres/server';
import { FakeEngine, type FakeExec } from '../engine/fakeEngine';
import { fakeOperation } from '../operations/fakeOperation';
import { rejectsWith } from '../operations/rejectsWith';
import { FakeSession } from '../postgres/fakeSession';

const end = '--\n-- PostgreSQL database cluster dump complete\n--\n\n';

describe('readRoles', () => {
  const read = (program: (exec: FakeExec) => void) => {
    const engine = new FakeEngine();
    engine.program = program;
    const server: PostgresServer = { engine: engine.engine, container: 'c1', user: 'app', maintenanceDatabase: 'app', port: 5432, password: { kind: 'none' } };
    return readRoles(server, new FakeSession().session, 'x', fakeOperation());
  };

  it('gives them with their passwords', async () => {
    const sql = `CREATE ROLE app;\n${end}`;
    assert.deepEqual(await read((exec) => void exec.announce().stdout(sql).exit()), { sql, withPasswords: true });
  });

  it('says when the passwords may not be read', async () => {
    const bare = (exec: FakeExec): boolean => exec.argv.includes('--no-role-passwords');
    const { withPasswords } = await read((exec) => void (bare(exec) ? exec.announce().stdout(end).exit() : exec.announce().stderr('denied').exit(1)));
    assert.equal(withPasswords, false);
  });

  it('refuses what was cut short', () =>
    rejectsWith(
      'ROLES_FAILED',
      read((exec) => void exec.announce().stdout('CREATE ROLE app;\n').exit()),
    ));
});
