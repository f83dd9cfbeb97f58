import assert from 'node:assert/strict';
import { displayLocation, parseLocation, type OffsiteLocation } from '../../../../src/backup/offsite/location';
import { rejectsWith } from '../../operations/rejectsWith';

const sftp = { kind: 'sftp', host: 'nas', folder: '/backups' } as const;
const s3 = { kind: 's3', bucket: 'my-backups', prefix: 'team/' } as const;

describe('parseLocation', () => {
  for (const [text, expected, shown] of [
    ['/mnt/disk/backups/', { kind: 'folder', folder: '/mnt/disk/backups' }, '/mnt/disk/backups'],
    ['  /mnt/a b', { kind: 'folder', folder: '/mnt/a b' }, '/mnt/a b'],
    ['~/copies', { kind: 'folder', folder: '/home/me/copies' }, '/home/me/copies'],
    ['~', { kind: 'folder', folder: '/home/me' }, '/home/me'],
    ['file:///mnt/a%20b', { kind: 'folder', folder: '/mnt/a b' }, '/mnt/a b'],
    ['sftp://nas/backups', sftp, 'sftp://nas/backups'],
    ['ssh://nas/backups/', sftp, 'sftp://nas/backups'],
    ['sftp://me@nas:2222/backups', { ...sftp, user: 'me', port: 2222 }, 'sftp://me@nas:2222/backups'],
    ['sftp://me%40corp@nas/backups', { ...sftp, user: 'me@corp' }, 'sftp://me%40corp@nas/backups'],
    ['sftp://My_Nas.local/a%20%22b%22%2A', { ...sftp, host: 'My_Nas.local', folder: '/a "b"*' }, 'sftp://My_Nas.local/a%20%22b%22*'],
    ['sftp://[::1]/backups', { ...sftp, host: '[::1]' }, 'sftp://[::1]/backups'],
    ['sftp://nas/~/backups/db', { ...sftp, folder: 'backups/db' }, 'sftp://nas/~/backups/db'],
    ['sftp://nas/~', { ...sftp, folder: '.' }, 'sftp://nas/~/.'],
    ['s3://my-backups/team', s3, 's3://my-backups/team'],
    ['s3://my-backups', { ...s3, prefix: '' }, 's3://my-backups'],
    ['s3://my-backups/team/?region=eu-west-1', { ...s3, region: 'eu-west-1' }, 's3://my-backups/team?region=eu-west-1'],
    [
      's3://my-backups/team?endpoint=https://minio.local:9000/&profile=lab',
      { ...s3, endpoint: 'https://minio.local:9000', profile: 'lab' },
      's3://my-backups/team?endpoint=https://minio.local:9000&profile=lab',
    ],
  ] as const satisfies readonly (readonly [string, OffsiteLocation, string])[]) {
    it(`reads ${text}`, () => {
      const location = parseLocation(text, '/home/me');
      assert.deepEqual(location, expected);
      assert.equal(displayLocation(location), shown);
      assert.deepEqual(parseLocation(shown, '/home/me'), location);
    });
  }

  for (const [title, text] of [
    ['nothing', ''],
    ['a relative path', 'backups'],
    ['a relative path with a colon', 'nas:backups'],
    ['another kind', 'ftp://nas/backups'],
    ['a web page', 'https://nas/backups'],
    ['a password', 'sftp://me:hunter2@nas/backups'],
    ['a password for S3', 's3://key:hunter2@bucket/x'],
    ['a key for S3', 's3://hunter2@bucket/x'],
    ['a password in the endpoint', 's3://bucket/x?endpoint=https://me:hunter2@minio'],
    ['a key in the query', 's3://bucket/x?secretAccessKey=hunter2'],
    ['an endpoint of another kind', 's3://bucket/x?endpoint=file:///etc'],
    ['a host like an option', 'sftp://-oProxyCommand=hunter2/x'],
    ['a host with a shell’s characters', 'sftp://nas%3Bhunter2/x'],
    ['a user like an option', 'sftp://-lhunter2@nas/x'],
    ['a user with a shell’s characters', 'sftp://$(hunter2)@nas/x'],
    ['no host', 'sftp:///backups'],
    ['no folder', 'sftp://nas'],
    ['a query for sftp', 'sftp://nas/x?y=hunter2'],
    ['a fragment', 's3://bucket/x#hunter2'],
    ['a line break', 'sftp://nas/a\nrm hunter2'],
    ['an encoded line break', 'sftp://nas/a%0Arm%20hunter2'],
    ['broken encoding', 'sftp://nas/%E0%A4%A'],
    ['an impossible bucket', 's3://b/x'],
    ['a region that cannot be', 's3://bucket/x?region=eu%20west%2F..%2F1'],
  ] as const) {
    it(`refuses ${title}, without repeating it`, async () => {
      const failure = await rejectsWith('LOCATION_INVALID', () => parseLocation(text, '/home/me'));
      assert.ok(!`${failure.message} ${failure.remedy}`.includes('hunter2'));
    });
  }
});
