import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { checksumFile, deleteBackup, manifestFile, readBackup, rolesFile, type Backup } from '../../../src/backup/catalogue';
import { readManifest } from '../../../src/backup/manifest';
import { readPieces } from '../../../src/operations/readPieces';
import type { Content } from '../../../src/backup/content';
import { checkContent, checkHash, checkReadable, recordVerification, unreadable, verifyBackup } from '../../../src/backup/verify';
import type { PostgresServer } from '../../../src/postgres/server';
import { FakeEngine } from '../engine/fakeEngine';
import { fakeOperation } from '../operations/fakeOperation';
import { rejectsWith } from '../operations/rejectsWith';
import { temporaryFolder } from '../operations/temporaryFolder';
import { writeBackup } from './backupParts';

const content = Buffer.concat([Buffer.from('PGDMP\u0001\u000f'), Buffer.alloc(700_000, 'data')]);

function serverWith(engine: FakeEngine): PostgresServer {
  return { engine: engine.engine, container: 'c1', user: 'app', maintenanceDatabase: 'postgres', port: 5432, password: { kind: 'none' } };
}

async function read(file: string): Promise<Backup> {
  const backup = await readBackup(file);
  if (backup === undefined) throw new Error(`there is no ${file}`);
  return backup;
}

describe('checkHash', () => {
  const at = temporaryFolder();
  const check = async () => checkHash(await read(at('a.dump')), fakeOperation());

  it('accepts what was written', async () => {
    const { sha256 } = writeBackup(at('a.dump'), content);
    assert.deepEqual(await check(), { sizeBytes: content.length, sha256, compared: true });
  });

  it('accepts a file with nothing to compare, and says so', async () => {
    const { sha256 } = writeBackup(at('a.dump'), content);
    unlinkSync(manifestFile(at('a.dump')));
    assert.equal((await check()).compared, true, 'the checksum is left');
    unlinkSync(checksumFile(at('a.dump')));
    assert.deepEqual(await check(), { sizeBytes: content.length, sha256, compared: false });
  });

  for (const withManifest of [true, false]) {
    describe(withManifest ? 'with a manifest' : 'with a checksum only', () => {
      beforeEach(() => {
        writeBackup(at('a.dump'), content);
        if (!withManifest) unlinkSync(manifestFile(at('a.dump')));
      });

      it('refuses an empty file', async () => {
        truncateSync(at('a.dump'), 0);
        await rejectsWith('BACKUP_EMPTY', check());
      });

      it('refuses a file that was cut short', async () => {
        truncateSync(at('a.dump'), content.length - 1);
        await rejectsWith(withManifest ? 'BACKUP_TRUNCATED' : 'BACKUP_DAMAGED', check());
      });

      it('refuses a file that grew', async () => {
        writeFileSync(at('a.dump'), Buffer.concat([content, Buffer.from('x')]));
        await rejectsWith('BACKUP_DAMAGED', check());
      });

      it('refuses any flipped bit', async () => {
        for (const position of [0, 6, 300_000, content.length - 1]) {
          for (const bit of [1, 128]) {
            const damaged = Buffer.from(content);
            damaged[position] = (damaged[position] ?? 0) ^ bit;
            writeFileSync(at('a.dump'), damaged);
            await rejectsWith('BACKUP_DAMAGED', check());
          }
        }
      });
    });
  }

  for (const [title, foreign] of [
    ['an SQL script', '-- PostgreSQL database dump\n'],
    ['something short', 'PG'],
    ['a gzip file', '\u001f\u008b'],
  ] as const) {
    it(`refuses ${title}`, async () => {
      writeFileSync(at('a.dump'), foreign);
      await rejectsWith('BACKUP_FOREIGN', checkContent(await read(at('a.dump')), undefined, fakeOperation()));
    });
  }

  it('refuses a foreign file even when its checksum is right', async () => {
    writeBackup(at('a.dump'), Buffer.from('SELECT 1'));
    await rejectsWith('BACKUP_FOREIGN', checkContent(await read(at('a.dump')), undefined, fakeOperation()));
  });

  it('says when the file is gone', async () => {
    writeBackup(at('a.dump'), content);
    const backup = await read(at('a.dump'));
    unlinkSync(at('a.dump'));
    await rejectsWith('FILE_MISSING', checkHash(backup, fakeOperation()));
  });

  it('can be cancelled', async () => {
    writeBackup(at('a.dump'), content);
    await rejectsWith('CANCELLED', checkHash(await read(at('a.dump')), fakeOperation(AbortSignal.abort())));
  });
});

describe('checkReadable', () => {
  const at = temporaryFolder();
  const state: Content = {
    sizeBytes: content.length,
    sha256: '',
    format: 'custom',
    packing: 'none',
    pieces: (operation, message) => readPieces(at('a.dump'), operation, message),
  };
  it('has the container read exactly the bytes of the file', async () => {
    writeFileSync(at('a.dump'), content);
    const engine = new FakeEngine();
    engine.program = async (exec) => {
      exec.announce();
      await exec.inputReaches(content.length);
      exec.exit(0);
    };
    await checkReadable(serverWith(engine), at('a.dump'), state, fakeOperation());
    assert.ok(engine.exec(0).input.equals(content));
    assert.equal(engine.exec(0).argv.at(-1), String(content.length));
    assert.ok(engine.exec(0).argv.every((word) => !word.includes(at())));
  });

  it('refuses what pg_restore cannot read', async () => {
    writeFileSync(at('a.dump'), content);
    const engine = new FakeEngine();
    engine.program = (exec) => void exec.announce().stderr('pg_restore: error: could not read from input file: end of file\n').exit(1);
    const { message } = await rejectsWith('ARCHIVE_UNREADABLE', checkReadable(serverWith(engine), at('a.dump'), state, fakeOperation()));
    assert.ok(message.endsWith('could not read from input file: end of file'));
  });

  for (const [title, packing, format, exitCode, code] of [
    ['a program is missing', 'zstd', 'plain', 127, 'TOOL_MISSING'],
    ['pg_restore is missing', 'none', 'custom', 127, 'TOOL_MISSING'],
    ['the reader was killed', 'none', 'custom', 137, 'READER_ENDED'],
    ['tar cannot read a volume', 'zstd', 'volume', 2, 'ARCHIVE_UNREADABLE'],
  ] as const) {
    it(`says ${code} when ${title}`, async () => {
      writeFileSync(at('a.dump'), content);
      const engine = new FakeEngine();
      engine.program = (exec) => void exec.announce().stderr('no\n').exit(exitCode);
      await rejectsWith(code, checkReadable(serverWith(engine), at('a.dump'), { ...state, packing, format }, fakeOperation()));
    });
  }

  for (const [title, script, expected] of [
    ['a whole one', 'cat "$0"', undefined],
    ['one that is cut short', 'head -c 3000 "$0"', 'ARCHIVE_UNREADABLE'],
    ['something else', 'cat "$1"', 'ARCHIVE_UNREADABLE'],
  ] as const) {
    it(`reads the copy of a volume by its own format: ${title}`, async () => {
      writeFileSync(at('noise'), randomBytes(40_000));
      writeFileSync(at('other'), gzipSync(readFileSync(at('noise'))));
      execFileSync('sh', ['-c', `tar -cf - -C "$1" noise | gzip > "$2"`, 'sh', at(), at('whole')]);
      writeFileSync(at('a.dump'), execFileSync('sh', ['-c', script, at('whole'), at('other')]));
      const bytes = readFileSync(at('a.dump'));
      const engine = new FakeEngine();
      // The script is plain sh, so that of this host can run it.
      engine.program = async (exec) => {
        exec.announce();
        await exec.inputReaches(bytes.length);
        const { status, stderr } = spawnSync('sh', exec.argv.slice(1), { input: bytes });
        exec.stderr(stderr).exit(status ?? 1);
      };
      const done = checkReadable(serverWith(engine), at('a.dump'), { ...state, sizeBytes: bytes.length, packing: 'gzip', format: 'volume' }, fakeOperation());
      await (expected === undefined ? done : rejectsWith(expected, done));
    });
  }

  for (const said of [
    'pg_restore: error: this build does not support compression with LZ4',
    'pg_restore: error: cannot restore from compressed archive (compression not supported in this installation)',
  ]) {
    it(`knows a build without the compression: ${said.slice(19)}`, () => assert.equal(unreadable('a.dump', said).code, 'TOOL_MISSING'));
  }

  it('tells an archive of a newer Postgres', () => {
    assert.equal(unreadable('a.dump', 'pg_restore: error: unsupported version (1.16) in file header').code, 'BACKUP_NEWER');
  });
});

describe('verifyBackup', () => {
  const at = temporaryFolder();

  for (const [before, after] of [
    ['none', 'read'],
    ['hash', 'read'],
    ['read', 'read'],
    ['restored', 'restored'],
  ] as const) {
    it(`makes "${before}" "${after}", in the manifest too`, async () => {
      const manifest = writeBackup(at('a.dump'), content, { verified: before });
      const engine = new FakeEngine();
      engine.program = async (exec) => {
        exec.announce();
        await exec.inputReaches(content.length);
        exec.exit(0);
      };
      assert.deepEqual(await verifyBackup(await read(at('a.dump')), { server: serverWith(engine) }, fakeOperation()), { verified: after });
      assert.deepEqual(readManifest(readFileSync(manifestFile(at('a.dump')), 'utf8')), {
        ...manifest,
        schemaVersion: after === before ? 1 : 2,
        verified: after,
      });
    });
  }

  it('has no pg_restore read a copy of a data directory, and takes nothing back of it', async () => {
    writeBackup(at('a.tar.gz'), content, { format: 'volume', verified: 'restored' });
    const engine = new FakeEngine();
    assert.deepEqual(await verifyBackup(await read(at('a.tar.gz')), { server: serverWith(engine) }, fakeOperation()), { verified: 'restored' });
    assert.deepEqual(engine.calls, []);
  });

  it('takes back what was proven once the file is damaged, and asks no engine', async () => {
    writeBackup(at('a.dump'), content, { verified: 'restored' });
    truncateSync(at('a.dump'), 100);
    const engine = new FakeEngine();
    await rejectsWith('BACKUP_TRUNCATED', verifyBackup(await read(at('a.dump')), { server: serverWith(engine) }, fakeOperation()));
    assert.deepEqual(engine.calls, []);
    assert.equal(readManifest(readFileSync(manifestFile(at('a.dump')), 'utf8')).verified, 'none');
  });

  it('looks at the roles too, and does not hold theirs against the backup', async () => {
    const rolesSha256 = createHash('sha256').update('CREATE ROLE app;').digest('hex');
    writeBackup(at('a.dump'), content, { verified: 'none', rolesSha256 });
    const verify = async () => verifyBackup(await read(at('a.dump')), undefined, fakeOperation());
    await rejectsWith('ROLES_DAMAGED', verify());
    writeFileSync(rolesFile(at('a.dump')), 'CREATE ROLE boss;');
    await rejectsWith('ROLES_DAMAGED', verify());
    assert.equal(readManifest(readFileSync(manifestFile(at('a.dump')), 'utf8')).verified, 'hash');
    writeFileSync(rolesFile(at('a.dump')), 'CREATE ROLE app;');
    assert.deepEqual(await verify(), { verified: 'hash' });
  });

  it('takes nothing back when a program is missing', async () => {
    writeBackup(at('a.sql.zst'), Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0]), { verified: 'restored', format: 'plain', compression: 'zstd' });
    const engine = new FakeEngine();
    engine.program = (exec) => void exec.announce().stderr('no zstd\n').exit(127);
    await rejectsWith('TOOL_MISSING', verifyBackup(await read(at('a.sql.zst')), { server: serverWith(engine) }, fakeOperation()));
    assert.equal(readManifest(readFileSync(manifestFile(at('a.sql.zst')), 'utf8')).verified, 'restored');
  });

  it('keeps what was written into the manifest meanwhile, and makes none for a backup that is gone', async () => {
    const offsite = [{ location: '/mnt/copies', copiedAt: '2026-11-07T03:00:00.000Z' }];
    writeBackup(at('a.dump'), content, { verified: 'none' });
    const backup = await read(at('a.dump'));
    writeBackup(at('a.dump'), content, { verified: 'none', offsite });
    await verifyBackup(backup, undefined, fakeOperation());
    const manifest = readManifest(readFileSync(manifestFile(at('a.dump')), 'utf8'));
    assert.deepEqual([manifest.verified, manifest.offsite], ['hash', offsite]);
    await recordVerification(backup, 'restored', async () => {
      await deleteBackup(at('a.dump'));
      return {};
    });
    assert.equal(existsSync(manifestFile(at('a.dump'))), false);
  });

  it('takes nothing back when it was only stopped', async () => {
    writeBackup(at('a.dump'), content, { verified: 'read' });
    const backup = await read(at('a.dump'));
    await rejectsWith('CANCELLED', verifyBackup(backup, undefined, fakeOperation(AbortSignal.abort())));
    assert.equal(readManifest(readFileSync(manifestFile(at('a.dump')), 'utf8')).verified, 'read');
  });
});
