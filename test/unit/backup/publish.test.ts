import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { manifestFile, readBackup } from '../../../src/backup/catalogue';
import { BackupOutput } from '../../../src/backup/output';
import { publish } from '../../../src/backup/publish';
import { Failure } from '../../../src/protocol/failure';
import { rejectsWith } from '../operations/rejectsWith';
import { temporaryFolder } from '../operations/temporaryFolder';
import { manifestOf } from './backupParts';

describe('publish', () => {
  const at = temporaryFolder();
  const partial = (): string => at('a.dump.partial');
  const manifest = manifestOf({ sizeBytes: 5 });
  beforeEach(() => writeFileSync(partial(), 'PGDMP'));

  it('gives the file its name, with all that belongs beside it', async () => {
    const backup = await publish(partial(), at('a.dump'), async () => ({ manifest, roles: Buffer.from('CREATE ROLE x;') }));
    assert.deepEqual(readdirSync(at()).toSorted(), ['a.dump', 'a.dump.json', 'a.dump.roles.sql', 'a.dump.sha256']);
    assert.deepEqual((await readBackup(backup.file))?.manifest, manifest);
  });

  it('never takes the place of a file that came meanwhile', async () => {
    writeFileSync(at('a.dump'), 'of somebody else');
    writeFileSync(manifestFile(at('a.dump')), 'its manifest');
    await rejectsWith(
      'FILE_EXISTS',
      publish(partial(), at('a.dump'), async () => ({ manifest })),
    );
    assert.deepEqual(readdirSync(at()).toSorted(), ['a.dump', 'a.dump.json']);
    assert.equal(readFileSync(at('a.dump'), 'utf8'), 'of somebody else');
    assert.equal(readFileSync(manifestFile(at('a.dump')), 'utf8'), 'its manifest');
  });

  it('leaves nothing of a backup that cannot be described', async () => {
    const why = new Failure('KEY_WRONG', 'x', 'y');
    await rejectsWith(
      'KEY_WRONG',
      publish(partial(), at('a.dump'), () => Promise.reject(why)),
    );
    assert.deepEqual(readdirSync(at()), []);
  });

  it('leaves nothing of a backup whose manifest cannot be written', async () => {
    mkdirSync(at('a.dump.sha256', 'in the way'), { recursive: true });
    await assert.rejects(publish(partial(), at('a.dump'), async () => ({ manifest })));
    assert.ok(!readdirSync(at()).includes('a.dump'));
  });
});

describe('BackupOutput', () => {
  const at = temporaryFolder();

  it('leaves no file behind when there is nothing to encrypt for', async () => {
    await assert.rejects(BackupOutput.create(at('a.dump.age.partial'), at('a.dump.age'), { kind: 'recipients', recipients: ['age1nobody'] }));
    assert.deepEqual(readdirSync(at()), []);
  });
});
