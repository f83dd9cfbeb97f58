import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { checksumFile, manifestFile } from '../../../src/backup/catalogue';
import { writeManifest, type Manifest } from '../../../src/backup/manifest';

/** A manifest in which everything is said. */
export function manifestOf(rest: Partial<Manifest> = {}): Manifest {
  return {
    schemaVersion: 1,
    id: '0b8c3f1e-7a55-4a53-9c0a-1d2e3f405162',
    project: 'shop',
    service: 'db',
    database: 'app',
    endpoint: 'unix:///var/run/docker.sock',
    image: 'postgres:17',
    imageDigest: 'postgres@sha256:1',
    serverVersion: '17.2',
    toolVersion: '17.2',
    properties: { owner: 'app', encoding: 'UTF8', collate: 'en_US.utf8', ctype: 'en_US.utf8', provider: 'c', locale: null, collationVersion: '2.36' },
    format: 'custom',
    scope: 'full',
    compression: 'zstd:1',
    startedAt: '2026-11-07T02:00:00.000Z',
    finishedAt: '2026-11-07T02:00:05.000Z',
    sizeBytes: 1000,
    databaseSizeBytes: 10_000_000,
    rows: { 'public.users': 42, 'public."odd ""name"""': 0 },
    migrationRevision: 'a1b2c3',
    git: { branch: 'main', commit: 'a'.repeat(40) },
    sha256: 'f'.repeat(64),
    encryption: 'none',
    verified: 'read',
    reason: 'manual',
    ...rest,
  };
}

/** Writes a backup as a folder has it: the file, its checksum and its manifest. */
export function writeBackup(file: string, content: Buffer, rest: Partial<Manifest> = {}): Manifest {
  const sha256 = createHash('sha256').update(content).digest('hex');
  const manifest = manifestOf({ sizeBytes: content.length, sha256, ...rest });
  writeFileSync(file, content);
  writeFileSync(checksumFile(file), `${sha256}  backup.dump\n`);
  writeFileSync(manifestFile(file), writeManifest(manifest));
  return manifest;
}
