import assert from 'node:assert/strict';
import { s3Failure } from '../../../../src/backup/offsite/s3Problem';
import { isWriteFailure, sshFailure } from '../../../../src/backup/offsite/sshProblem';
import { cancelled } from '../../../../src/protocol/failure';

describe('sshFailure', () => {
  for (const [stderr, code] of [
    [
      'No ED25519 host key is known for nas and you have requested strict checking.\r\nHost key verification failed.\r\nConnection closed\r\n',
      'HOST_KEY_UNKNOWN',
    ],
    ['@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\r\nHost key verification failed.\r\nConnection closed', 'HOST_KEY_CHANGED'],
    ['me@nas: Permission denied (publickey,password).\r\nConnection closed\r\n', 'OFFSITE_DENIED'],
    ['Received disconnect from 10.0.0.1 port 22:2: Too many authentication failures\r\nConnection closed', 'OFFSITE_DENIED'],
    ['dest open "/backups/x": Permission denied\r\n', 'OFFSITE_DENIED'],
    ['ssh: Could not resolve hostname nas: Name or service not known\r\nConnection closed\r\n', 'OFFSITE_UNREACHABLE'],
    ['ssh: connect to host nas port 22: Connection refused\r\nConnection closed\r\n', 'OFFSITE_UNREACHABLE'],
    ['ssh: connect to host nas port 22: Connection timed out\r\nConnection closed.  ', 'OFFSITE_UNREACHABLE'],
    ['client_loop: send disconnect: Broken pipe\r\nConnection closed\r\n', 'OFFSITE_INTERRUPTED'],
    ['Timeout, server nas not responding.\r\n', 'OFFSITE_INTERRUPTED'],
    ['Connection closed by 10.0.0.1 port 22\r\n', 'OFFSITE_INTERRUPTED'],
    ['realpath /backups: No such file', 'OFFSITE_MISSING'],
    ['write remote "/backups/x": Failure', 'OFFSITE_FAILED'],
    ['', 'OFFSITE_FAILED'],
  ] as const) {
    it(`takes "${stderr.trim().split('\r\n')[0]}" for ${code}`, () => {
      const failure = sshFailure('sftp://nas/backups', stderr);
      assert.equal(failure.code, code);
      assert.ok(failure.message.length > 10 && failure.remedy.length > 10);
    });
  }

  it('tells when writing failed', () => {
    assert.equal(isWriteFailure('write remote "/backups/x.partial": Failure\n'), true);
    assert.equal(isWriteFailure('read remote "/backups/x": Failure'), false);
  });
});

describe('s3Failure', () => {
  const error = (name: string, status?: number, code?: string, message = 'said'): Error =>
    Object.assign(new Error(message), { name }, status === undefined ? {} : { $metadata: { httpStatusCode: status } }, code === undefined ? {} : { code });

  for (const [thrown, code] of [
    [error('AccessDenied', 403), 'OFFSITE_DENIED'],
    [error('Forbidden', 403), 'OFFSITE_DENIED'],
    [error('CredentialsProviderError'), 'OFFSITE_DENIED'],
    [error('NoSuchBucket', 404), 'OFFSITE_MISSING'],
    [error('NotFound', 404), 'OFFSITE_MISSING'],
    [error('BadDigest', 400), 'OFFSITE_DIFFERS'],
    [error('XMinioStorageFull', 507), 'OFFSITE_FULL'],
    [error('InsufficientStorage', 507), 'OFFSITE_FULL'],
    [error('PermanentRedirect', 301), 'LOCATION_INVALID'],
    [error('Error', undefined, undefined, 'Region is missing'), 'LOCATION_INVALID'],
    [error('Error', undefined, 'ECONNREFUSED'), 'OFFSITE_UNREACHABLE'],
    [error('Error', undefined, 'ENOTFOUND'), 'OFFSITE_UNREACHABLE'],
    [error('Error', undefined, 'ECONNRESET'), 'OFFSITE_INTERRUPTED'],
    [error('TimeoutError'), 'OFFSITE_INTERRUPTED'],
    [error('Error', undefined, undefined, 'socket hang up'), 'OFFSITE_INTERRUPTED'],
    [error('AbortError'), 'CANCELLED'],
    [error('InternalError', 500), 'OFFSITE_FAILED'],
    [cancelled(), 'CANCELLED'],
  ] as const) {
    it(`takes ${thrown.name} ${'code' in thrown ? thrown.code : thrown.message} for ${code}`, () => {
      assert.equal(s3Failure(thrown, 's3://bucket', 'a.dump').code, code);
    });
  }
});
