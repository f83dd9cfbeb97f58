import assert from 'node:assert/strict';
import { sftpArguments, sshArguments } from '../../../../src/backup/offsite/openSsh';
import { fileWord, foldersTo, inFolder, readFreeBytes, readListing } from '../../../../src/backup/offsite/sftpBatch';

describe('a batch of sftp', () => {
  for (const [name, word] of [
    ['plain.dump', '"./plain.dump"'],
    ['with space', '"./with space"'],
    ['"quoted"', '"./\\"quoted\\""'],
    ["it's", '"./it\'s"'],
    ['*?[a]', '"./*?[a]"'],
    ['back\\slash', '"./back\\\\slash"'],
    ['\\"', '"./\\\\\\""'],
    ['-l', '"./-l"'],
    ['# $HOME `id`', '"./# $HOME `id`"'],
  ] as const) {
    it(`writes ${name} as ${word}`, () => assert.equal(fileWord(name), word));
  }

  it('works in a folder', () => assert.equal(inFolder('/a "b"', 'ls -ln'), 'cd "/a \\"b\\""\nls -ln\n'));

  it('creates the folders that lead to one', () => {
    assert.deepEqual(foldersTo('/a/b c/d'), ['/a', '/a/b c', '/a/b c/d']);
    assert.deepEqual(foldersTo('a/b'), ['a', 'a/b']);
    assert.deepEqual(foldersTo('.'), []);
  });

  it('reads lists, and leaves out what is no file or leads elsewhere', () => {
    const output = [
      'sftp> cd "/a"',
      'sftp> ls -ln',
      '-rw-------    ? 0        0         1000000 Nov 21 00:45 a b.dump',
      '-rw-------    ? 100000000 100000000 5000000000 Nov 21  2025  two  spaces ',
      'drwxr-xr-x    ? 0        0            4096 Nov 21 00:45 folder',
      'lrwxrwxrwx    ? 0        0               4 Nov 21 00:45 link',
      '-rw-------    ? 0        0              10 Nov 21 00:45 ../../etc/passwd',
      '-rw-------    ? 0        0              10 Nov 21 00:45 ..',
      '',
    ].join('\n');
    assert.deepEqual(readListing(output), [
      { name: 'a b.dump', sizeBytes: 1_000_000 },
      { name: ' two  spaces ', sizeBytes: 5_000_000_000 },
    ]);
  });

  it('reads what is free', () => {
    const output =
      'sftp> df\n        Size         Used        Avail       (root)    %Capacity\n        4096         4096            8            8         100%\n';
    assert.equal(readFreeBytes(output), 8192);
    assert.equal(readFreeBytes('Server does not support statvfs'), undefined);
  });
});

describe('the arguments of OpenSSH', () => {
  const location = { kind: 'sftp', host: '[::1]', port: 2222, user: 'me', folder: '/x' } as const;

  it('never ask, and never take a key on trust', () => {
    for (const args of [sftpArguments(location), sshArguments(location, 'xargs -0 sha256sum --')]) {
      for (const option of ['BatchMode=yes', 'StrictHostKeyChecking=yes', 'Port=2222', 'User=me']) assert.equal(args[args.indexOf(option) - 1], '-o', option);
    }
  });

  it('end with the host, and for ssh with a command that holds no data', () => {
    assert.deepEqual(sftpArguments(location).slice(-2), ['--', '[::1]']);
    assert.deepEqual(sshArguments(location, 'xargs -0 sha256sum --').slice(-3), ['--', '::1', 'xargs -0 sha256sum --']);
    assert.ok(!sshArguments(location, 'xargs -0 sha256sum --').join(' ').includes('/x'));
  });
});
