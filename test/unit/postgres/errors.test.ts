import assert from 'node:assert/strict';
import { postgresFailure, sqlState } from '../../../src/postgres/errors';
import { Failure } from '../../../src/protocol/failure';

const error = (message: string, code?: string): Error => Object.assign(new Error(message), code === undefined ? {} : { code });

describe('postgresFailure', () => {
  for (const [state, code] of [
    ['28P01', 'PASSWORD_WRONG'],
    ['28000', 'ACCESS_DENIED'],
    ['3D000', 'DATABASE_MISSING'],
    ['53300', 'CONNECTIONS_EXHAUSTED'],
    ['53100', 'DISK_FULL'],
    ['57P03', 'SERVER_STARTING'],
    ['57P01', 'SESSION_ENDED'],
    ['57014', 'STATEMENT_TIMEOUT'],
    ['42501', 'PRIVILEGE_MISSING'],
    ['55006', 'DATABASE_IN_USE'],
    ['25006', 'SERVER_READ_ONLY'],
    ['42P04', 'SQLSTATE_42P04'],
    ['XX000', 'SQLSTATE_XX000'],
  ] as const) {
    it(`makes ${state} ${code}`, () => {
      const failure = postgresFailure(error('it said', state));
      assert.deepEqual([failure.code, failure.message], [code, 'Postgres: it said.']);
      assert.notEqual(failure.remedy, '');
    });
  }

  for (const [title, complaint, code] of [
    ['a refused connection', 'bash: connect: Connection refused', 'SERVER_STARTING'],
    ['nothing to relay with', 'no relay: bash, perl, socat and nc are missing', 'RELAY_MISSING'],
    ['anything else', '4711\nsh: out of memory', 'CONNECTION_LOST'],
    ['silence', '', 'CONNECTION_LOST'],
  ] as const) {
    it(`makes ${title} of the relay ${code}`, () => assert.equal(postgresFailure(error('Connection terminated unexpectedly'), complaint).code, code));
  }

  it('says what the relay said, but for pids', () => {
    assert.equal(postgresFailure(error('gone'), '4711\nsh: out of memory').message, 'The connection to Postgres broke: sh: out of memory');
    assert.equal(postgresFailure(error('gone'), '4711').message, 'The connection to Postgres broke: gone');
  });

  for (const code of ['EPIPE', 'EPERM', 'EBUSY', 'ECONNRESET', 'ENOENT']) {
    it(`does not take ${code} of the operating system for one of Postgres`, () => {
      assert.equal(sqlState(error('write', code)), undefined);
      assert.equal(postgresFailure(error('write', code)).code, 'CONNECTION_LOST');
    });
  }

  it('leaves a failure as it is', () => {
    const failure = new Failure('CANCELLED', 'x', 'y');
    assert.equal(postgresFailure(failure, 'no relay'), failure);
  });
});
