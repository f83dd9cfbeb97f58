import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pack } from 'tar-stream';
import { buffer } from 'node:stream/consumers';
import { readBundle, writeBundle, type Bundle } from '../../../../src/restore/move/bundle';
import { statementsForMissing } from '../../../../src/restore/move/missingRoles';
import { packFolder, unpackFolder } from '../../../../src/restore/move/tarFolder';
import { fakeOperation } from '../../operations/fakeOperation';
import { rejectsWith } from '../../operations/rejectsWith';
import { temporaryFolder } from '../../operations/temporaryFolder';

const roles = `--
-- Roles
--
CREATE ROLE app;
ALTER ROLE app WITH SUPERUSER LOGIN PASSWORD 'SCRAM-SHA-256$4096:x';
CREATE ROLE "odd ""name";
ALTER ROLE "odd ""name" WITH NOSUPERUSER LOGIN;
CREATE ROLE clerk;
ALTER ROLE clerk WITH LOGIN;
GRANT clerk TO "odd ""name" WITH INHERIT TRUE GRANTED BY app;
GRANT clerk TO app;
DROP TABLE users;
`;

describe('statementsForMissing', () => {
  it('makes what is missing, and touches nothing else', () => {
    assert.deepEqual(statementsForMissing(roles, new Set(['app'])), [
      'CREATE ROLE "odd ""name";',
      'ALTER ROLE "odd ""name" WITH NOSUPERUSER LOGIN;',
      'CREATE ROLE clerk;',
      'ALTER ROLE clerk WITH LOGIN;',
      'GRANT clerk TO "odd ""name" WITH INHERIT TRUE;',
    ]);
    assert.deepEqual(statementsForMissing(roles, new Set(['app', 'clerk', 'odd "name'])), []);
  });
});

describe('an export', () => {
  const at = temporaryFolder();
  const bundle: Bundle = {
    schemaVersion: 1,
    exportedAt: '2026-11-25T10:00:00.000Z',
    project: 'shop',
    service: 'db',
    image: 'postgres:17',
    serverVersion: '17.2',
    databases: [{ name: 'app', file: 'a.dump', sizeBytes: 5 }],
  };

  it('names no files elsewhere', () => {
    assert.deepEqual(readBundle(writeBundle(bundle)), bundle);
    for (const file of ['../a.dump', '/etc/passwd', 'a\\b']) {
      assert.throws(() => readBundle(writeBundle({ ...bundle, databases: [{ name: 'app', file, sizeBytes: 5 }] })));
    }
  });

  it('is packed into one file and unpacked again', async () => {
    const from = at('from');
    const to = at('to');
    for (const folder of [from, to]) mkdirSync(folder);
    writeFileSync(path.join(from, 'a.dump'), 'x'.repeat(100_000));
    writeFileSync(path.join(from, 'empty'), '');
    const tar = at('a.tar');
    await packFolder(from, tar, fakeOperation());
    await unpackFolder(tar, to, fakeOperation());
    assert.deepEqual(readdirSync(to).toSorted(), ['a.dump', 'empty']);
    assert.equal(readFileSync(path.join(to, 'a.dump'), 'utf8'), 'x'.repeat(100_000));
  });

  it('cannot write outside of where it is unpacked', async () => {
    for (const [name, type] of [
      ['../outside', 'file'],
      ['link', 'symlink'],
    ] as const) {
      const tar = pack();
      tar.entry({ name, type, ...(type === 'symlink' ? { linkname: '/etc/passwd' } : {}) }, '');
      tar.finalize();
      const file = at(`${type}.tar`);
      writeFileSync(file, await buffer(tar));
      await rejectsWith('ARCHIVE_UNREADABLE', unpackFolder(file, at(), fakeOperation()));
      assert.deepEqual(
        readdirSync(at()).filter((each) => !each.endsWith('.tar')),
        [],
      );
    }
  });
});
