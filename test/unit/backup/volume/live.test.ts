import assert from 'node:assert/strict';
import { baseBackupFailure } from '../../../../src/backup/volume/live';

describe('baseBackupFailure', () => {
  for (const [exitCode, complaint, code] of [
    ['127', 'sh: pg_basebackup: not found', 'TOOL_MISSING'],
    ['1', 'pg_basebackup: error: can only write single tablespace to stdout, database has 2', 'TABLESPACE_OUTSIDE'],
    ['1', 'FATAL:  no pg_hba.conf entry for replication connection from host "[local]", user "app", no encryption', 'REPLICATION_DENIED'],
    ['1', 'FATAL:  must be superuser or replication role to start walsender', 'REPLICATION_DENIED'],
    ['1', 'FATAL:  permission denied to start WAL sender', 'REPLICATION_DENIED'],
    ['1', 'FATAL:  number of requested standby connections exceeds "max_wal_senders" (currently 10)', 'WAL_SENDERS_EXHAUSTED'],
    ['1', 'pg_basebackup: error: could not get COPY data stream: ERROR:  requested WAL segment 0000 has already been removed', 'WAL_RECYCLED'],
    ['1', 'ERROR:  could not find WAL file "000000010000000000000002"', 'WAL_RECYCLED'],
    ['1', 'pg_basebackup: error: checksum error occurred', 'DATA_CORRUPT'],
    ['1', 'something else', 'COPY_FAILED'],
    ['unknown', '', 'COPY_FAILED'],
  ] as const) {
    it(`is ${code} for ${complaint || exitCode}`, () => {
      const failure = baseBackupFailure(exitCode, complaint);
      assert.equal(failure.code, code);
      assert.ok(code === 'TOOL_MISSING' || failure.message.includes(complaint || exitCode), failure.message);
    });
  }
});
