import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createBackupFolder, errorCode, fileFailure, freeBytes, removeIfThere, writeFileDurably } from '../../../src/operations/files';
import { readPieces } from '../../../src/operations/readPieces';
import { Failure } from '../../../src/protocol/failure';
import { fakeOperation } from './fakeOperation';
import { rejectsWith } from './rejectsWith';
import { temporaryFolder } from './temporaryFolder';

const posixOnly = process.platform === 'win32' ? it.skip : it;
const mode = (file: string): number => statSync(file).mode & 0o777;

describe('writeFileDurably', () => {
  const at = temporaryFolder();

  it('writes, and replaces what is there', async () => {
    await writeFileDurably(at('a.json'), 'old');
    await writeFileDurably(at('a.json'), 'new 🐘');
    assert.equal(readFileSync(at('a.json'), 'utf8'), 'new 🐘');
    assert.deepEqual(readdirSync(at()), ['a.json']);
  });

  it('writes the same file several times at once, and leaves one whole content', async () => {
    const contents = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(100_000));
    await Promise.all(contents.map((content) => writeFileDurably(at('a.json'), content)));
    assert.ok(contents.includes(readFileSync(at('a.json'), 'utf8')));
    assert.deepEqual(readdirSync(at()), ['a.json']);
  });

  posixOnly('lets nobody else read it, even where others could read the old one', async () => {
    writeFileSync(at('a.json'), 'old', { mode: 0o644 });
    await writeFileDurably(at('a.json'), 'new');
    assert.equal(mode(at('a.json')), 0o600);
  });

  it('leaves the old content when it fails, and nothing beside it', async () => {
    mkdirSync(at('a.json'));
    writeFileSync(at('a.json', 'inside'), 'old');
    await assert.rejects(writeFileDurably(at('a.json'), 'new'), Failure);
    assert.equal(readFileSync(at('a.json', 'inside'), 'utf8'), 'old');
    assert.deepEqual(readdirSync(at()), ['a.json']);
  });

  it('says when the folder is missing', async () => {
    await rejectsWith('FILE_MISSING', writeFileDurably(at('gone', 'a.json'), 'new'));
  });
});

describe('createBackupFolder', () => {
  const at = temporaryFolder();

  posixOnly('makes a folder of one’s own, which git leaves out', async () => {
    await createBackupFolder(at('shop', 'data', 'backups'), at('shop'));
    assert.equal(readFileSync(at('shop', 'data', 'backups', '.gitignore'), 'utf8'), '*\n');
    assert.equal(mode(at('shop', 'data', 'backups')), 0o700);
  });

  it('keeps a .gitignore that is there', async () => {
    mkdirSync(at('backups'));
    writeFileSync(at('backups', '.gitignore'), '*.dump\n');
    await createBackupFolder(at('backups'), at('shop'));
    await createBackupFolder(at('backups'), at('shop'));
    assert.equal(readFileSync(at('backups', '.gitignore'), 'utf8'), '*.dump\n');
  });

  for (const [title, folder, project] of [
    ['the folder of the project', ['shop'], ['shop']],
    ['a folder that holds the project', ['work'], ['work', 'shop']],
  ] as const) {
    it(`hides nothing in ${title}`, async () => {
      await createBackupFolder(at(...folder), at(...project));
      assert.ok(existsSync(at(...folder)));
      assert.ok(!existsSync(at(...folder, '.gitignore')));
    });
  }

  it('hides nothing in the root of a repository', async () => {
    mkdirSync(at('repository', '.git'), { recursive: true });
    await createBackupFolder(at('repository'), undefined);
    assert.ok(!existsSync(at('repository', '.gitignore')));
  });

  it('hides backups beside a project of a similar name', async () => {
    await createBackupFolder(at('shop-backups'), at('shop'));
    assert.ok(existsSync(at('shop-backups', '.gitignore')));
  });

  it('says when there is a file of that name', async () => {
    writeFileSync(at('backups'), '');
    await rejectsWith('FILE_FAILED', createBackupFolder(at('backups'), undefined));
  });
});

describe('fileFailure', () => {
  for (const [code, expected] of [
    ['ENOSPC', 'DISK_FULL'],
    ['EDQUOT', 'DISK_FULL'],
    ['EACCES', 'FILE_DENIED'],
    ['EPERM', 'FILE_DENIED'],
    ['EROFS', 'FILE_DENIED'],
    ['ENOENT', 'FILE_MISSING'],
    ['EIO', 'FILE_FAILED'],
    ['ENAMETOOLONG', 'FILE_FAILED'],
  ] as const) {
    it(`makes ${code} a ${expected} that names the file`, () => {
      const failure = fileFailure(Object.assign(new Error(code), { code }), '/backups/x.dump');
      assert.equal(failure.code, expected);
      assert.ok(failure.message.includes('/backups/x.dump'));
      assert.notEqual(failure.remedy, '');
    });
  }

  it('leaves a failure as it is', () => {
    const failure = new Failure('CANCELLED', 'x', 'y');
    assert.equal(fileFailure(failure, 'z'), failure);
  });

  it('bears things that are no errors', () => {
    for (const thing of [undefined, null, 'text', 7, { code: 7 }]) {
      assert.equal(errorCode(thing), undefined);
      assert.equal(fileFailure(thing, 'z').code, 'FILE_FAILED');
    }
  });
});

describe('small file operations', () => {
  const at = temporaryFolder();

  it('removes a file, and is content when there is none', async () => {
    writeFileSync(at('a'), '');
    await removeIfThere(at('a'));
    await removeIfThere(at('a'));
    assert.deepEqual(readdirSync(at()), []);
    mkdirSync(at('folder'));
    await assert.rejects(removeIfThere(at('folder')), Failure);
  });

  it('knows the free space of a folder, and that it cannot be told of none', async () => {
    assert.ok(((await freeBytes(at())) ?? 0) > 0);
    assert.equal(await freeBytes(at('gone')), undefined);
  });

  it('reads a file piece by piece, reporting how far', async () => {
    const content = Buffer.alloc(600_000, 'x');
    writeFileSync(at('a'), content);
    const operation = fakeOperation();
    const pieces: Buffer[] = [];
    for await (const piece of readPieces(at('a'), operation, 'Reading')) pieces.push(piece);
    assert.ok(pieces.length > 1 && Buffer.concat(pieces).equals(content));
    assert.deepEqual(operation.reports.at(-1), { message: 'Reading', bytes: 600_000 });
  });

  it('says when the file to be read is gone', async () => {
    await rejectsWith('FILE_MISSING', async () => {
      for await (const _ of readPieces(at('gone'), fakeOperation(), 'Reading')) void _;
    });
  });
});
