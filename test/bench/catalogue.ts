import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CatalogueMemory, listBackups, manifestFile, checksumFile } from '../../src/backup/catalogue';
import { run } from '../lab/process';
import { manifestOf } from '../unit/backup/backupParts';
import { median } from './median';

const backups = 2000;
const tables = 20;
const rounds = 5;
const ownName = 'catalogue.js';

interface Times {
  /** Of a process that has not listed anything yet, as the command line is each time. */
  readonly first: number;
  /** Of the same process once more. */
  readonly again: number;
}

/** Milliseconds in which 2,000 backups are listed; medians of five processes. */
export async function measureCatalogue(): Promise<Times> {
  const folder = await mkdtemp(path.join(tmpdir(), 'container-databases-catalogue-'));
  try {
    await fill(folder);
    const times: Times[] = [];
    for (let round = 0; round < rounds; round += 1) times.push(JSON.parse(await run(process.execPath, [path.join(__dirname, ownName), folder])) as Times);
    return { first: Math.round(median(times.map(({ first }) => first))), again: Math.round(median(times.map(({ again }) => again))) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What each of the processes does. */
async function listTwice(folder: string): Promise<Times> {
  const memory = new CatalogueMemory();
  return { first: await milliseconds(folder, memory), again: await milliseconds(folder, memory) };
}

async function fill(folder: string): Promise<void> {
  const rows = Object.fromEntries(Array.from({ length: tables }, (_, index) => [`public.table_${index}`, index * 1000]));
  for (let index = 0; index < backups; index += 1) {
    const content = Buffer.concat([Buffer.from('PGDMP'), randomBytes(64)]);
    const sha256 = createHash('sha256').update(content).digest('hex');
    const finishedAt = new Date(Date.UTC(2026, 0, 1) + index * 3_600_000);
    const file = path.join(folder, `shop_app_20260101_${String(index).padStart(6, '0')}.dump`);
    const manifest = manifestOf({ id: String(index), sizeBytes: content.length, sha256, rows, finishedAt: finishedAt.toISOString() });
    await writeFile(file, content);
    await writeFile(checksumFile(file), `${sha256}  ${path.basename(file)}\n`);
    await writeFile(manifestFile(file), JSON.stringify(manifest, undefined, 2));
  }
}

async function milliseconds(folder: string, memory: CatalogueMemory): Promise<number> {
  const start = performance.now();
  const listed = await listBackups(folder, memory);
  const passed = performance.now() - start;
  if (listed.length !== backups || listed.some(({ manifest }) => manifest === undefined)) throw new Error(`${listed.length} backups were listed`);
  return passed;
}

if (path.basename(process.argv[1] ?? '') === ownName) {
  void listTwice(process.argv[2] ?? '').then((times) => console.log(JSON.stringify(times)));
}
