import { spawn } from 'node:child_process';
import { createReadStream, createWriteStream, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { finished, pipeline } from 'node:stream/promises';
import { repositoryRoot } from '../lab/paths';
import { run, tryRun, waitFor } from '../lab/process';
import { median } from './median';
import { parts, say, type Figures } from './parts';
import { makeManyTables } from './statistics';

// Our backup and restore against the guides' shell lines and against what pg_dump costs at the least: side by side, in
// one run, on one database. Prints ratios of the medians of times.

const container = 'container-databases-bench';
const database = 'shop';
const target = `${container}/${container}/${database}`;
const many = `${container}/${container}/many`;
const rounds = { backup: 5, hashing: 8, restore: 3, snapshot: 3 };
const processors = availableParallelism();

interface Measured {
  readonly seconds: number;
  readonly peakRssMb: number;
  readonly file?: string;
}

async function main(flags: readonly string[]): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'container-databases-bench-'));
  process.env['CONTAINER_DATABASES_STATE'] = path.join(folder, 'state');
  try {
    const only = flags.flatMap((flag) => /^--only=(.*)$/.exec(flag)?.[1]?.split(',') ?? []);
    const results = only.length === 0 ? await measure(folder) : await measureOnly(only);
    if (flags.includes('--json')) console.log(JSON.stringify(results));
    else for (const [name, value] of Object.entries(results)) console.log(`${name}: ${value}`);
  } finally {
    await tryRun('docker', ['rm', '-fv', container]);
    await rm(folder, { recursive: true, force: true });
  }
}

/** Parts for which 10,000 tables are made first. */
const onManyTables = ['stats10k', 'healthMs'];

async function measureOnly(names: readonly string[]): Promise<Figures> {
  const unknown = names.find((name) => parts[name] === undefined);
  if (unknown !== undefined) throw new Error(`There is no part "${unknown}". There are: ${Object.keys(parts).join(', ')}.`);
  if (names.some((name) => onManyTables.includes(name))) {
    await startServer(true);
    await makeMany();
  }
  let results: Figures = {};
  for (const name of names) results = { ...results, ...(await parts[name]?.(many)) };
  return results;
}

async function startServer(empty: boolean): Promise<void> {
  await tryRun('docker', ['rm', '-fv', container]);
  await run('docker', [
    'run',
    '-d',
    '--name',
    container,
    '--shm-size',
    '256m',
    '-e',
    'POSTGRES_PASSWORD=bench',
    '-e',
    `POSTGRES_DB=${database}`,
    'postgres:17',
  ]);
  await waitFor('the server', async () => (await tryRun('docker', ['exec', container, 'pg_isready', '-h', '127.0.0.1', '-q'])).code === 0);
  if (empty) return;
  say('Filling the database');
  await run('docker', ['cp', path.join(repositoryRoot, 'test', 'bench', 'data.sql'), `${container}:/data.sql`]);
  await psql(database, ['-v', 'ON_ERROR_STOP=1', '-f', '/data.sql']);
  say(`The database has ${(await psql(database, ['-Atc', 'SELECT pg_size_pretty(pg_database_size(current_database()))'])).trim()}`);
}

async function measure(folder: string): Promise<Figures> {
  await startServer(false);
  const guideFile = path.join(folder, 'guide.sql.gz');
  const times: Record<string, number[]> = {};
  let peakRssMb = 0;
  let file = '';
  const note = (name: string, seconds: number): void => {
    (times[name] ??= []).push(seconds);
    say(`${name}: ${seconds.toFixed(2)} s`);
  };
  const ours = async (name: string, args: readonly string[]): Promise<Measured> => {
    const measured = await worker(args);
    note(name, measured.seconds);
    peakRssMb = Math.max(peakRssMb, measured.peakRssMb);
    return measured;
  };
  for (let round = 0; round < rounds.backup; round += 1) {
    note('parallel floor', await seconds(() => inServer(`rm -rf /tmp/bare && pg_dump -U postgres -Fd -j${processors} -Z zstd:1 -f /tmp/bare ${database}`)));
    note('floor', await seconds(() => inServer(`pg_dump -U postgres ${database} >/dev/null`)));
    note('guide backup', await seconds(() => dumpThroughGzip(guideFile)));
    file = (await ours('our backup', ['backup', target, folder, 'auto'])).file ?? '';
    await ours('our custom backup', ['backup', target, folder, 'custom']);
    await ours('our directory backup', ['backup', target, folder, 'directory']);
    note(
      'our command line',
      await seconds(() => run(process.execPath, [path.join(repositoryRoot, 'dist', 'cli.js'), 'backup', target, '--folder', folder, '--json'])),
    );
  }
  // The difference is smaller than what two runs differ by, so there are many; each way comes first as often as the other.
  for (let round = 0; round < rounds.hashing; round += 1) {
    for (const detail of round % 2 === 0 ? ['hashed', 'bare'] : ['bare', 'hashed']) await ours(`stream, ${detail}`, ['stream', target, folder, detail]);
  }
  // Of a database that is gone, as the guide restores; then of one that is damaged or whole, which is backed up first and kept.
  for (let round = 0; round < rounds.restore; round += 1) {
    note('guide restore', await seconds(() => restoreAsTheGuideDoes(guideFile)));
    await drop(database);
    await psql('postgres', ['-c', `CREATE DATABASE ${database}`]);
    note('restore floor', await seconds(() => inServer(`pg_restore -U postgres -j${processors} -d ${database} /tmp/bare`)));
    await drop(database);
    await ours('our restore', ['restore', target, folder, file]);
    await psql(database, ['-c', 'DROP TABLE orders']);
    await ours('our restore after a dropped table', ['restore', target, folder, file]);
    await dropKept();
    await ours('our restore over a whole database', ['restore', target, folder, file]);
    await dropKept();
  }
  for (let round = 0; round < rounds.snapshot; round += 1) {
    await ours('our snapshot', ['snapshot', target]);
    const prober = await probe();
    await ours('our rollback', ['rollback', target]);
    note('unreachable', await prober.end());
    await dropKept();
  }
  const typical = (name: string): number => median(times[name] ?? []);
  const ratio = (a: string, b: string): number => Math.round((typical(a) / typical(b)) * 1000) / 1000;
  const sizes = [file, guideFile].map((each) => statSync(each).size);
  const large = await measureLarge(folder);
  await makeMany();
  let others: Figures = {};
  for (const part of Object.values(parts)) others = { ...others, ...(await part(many)) };
  return {
    ...others,
    backupVsGuide: ratio('our backup', 'guide backup'),
    backupVsFloor: ratio('our backup', 'floor'),
    sizeVsGuide: Math.round(((sizes[0] ?? Number.NaN) / (sizes[1] ?? Number.NaN)) * 1000) / 1000,
    parallelDumpVsGuide: ratio('parallel floor', 'guide backup'),
    parallelRestoreVsGuide: ratio('restore floor', 'guide restore'),
    directoryVsGuide: ratio('our directory backup', 'guide backup'),
    customVsGuide: ratio('our custom backup', 'guide backup'),
    hashOverhead: ratio('stream, hashed', 'stream, bare'),
    restoreVsGuide: ratio('our restore', 'guide restore'),
    snapshotVsBackup: ratio('our snapshot', 'our backup'),
    rollbackSeconds: Math.round(typical('our rollback') * 1000) / 1000,
    unreachableSeconds: Math.round(typical('unreachable') * 1000) / 1000,
    peakRssMb: Math.round(peakRssMb),
    peakRssMbLarge: Math.round(large.peakRssMb),
    commandLineVsGuide: ratio('our command line', 'guide backup'),
    restoreAfterDropVsGuide: ratio('our restore after a dropped table', 'guide restore'),
    restoreOverWholeVsGuide: ratio('our restore over a whole database', 'guide restore'),
  };
}

// A new session at a time, without a pause; each that succeeds says when. Ends with its standard input.
const probing = `
while read -t 0.001 -r _; [ $? -gt 128 ]; do psql -XqAtU postgres -c 'SELECT extract(epoch FROM clock_timestamp())' "$1" 2>/dev/null; done; true`;

/** Opens session after session, and measures the longest time in which none could be. */
async function probe(): Promise<{ readonly end: () => Promise<number> }> {
  const child = spawn('docker', ['exec', '-i', container, 'bash', '-c', probing, 'bash', database], { stdio: ['pipe', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const moments = (): readonly number[] => text.split('\n').filter(Boolean).map(Number);
  await waitFor('the first session', () => Promise.resolve(moments().length > 0));
  return {
    end: async () => {
      const count = moments().length;
      await waitFor('a session afterwards', () => Promise.resolve(moments().length > count));
      child.stdin.end();
      await ended;
      return Math.max(...moments().map((moment, index, all) => moment - (all[index - 1] ?? moment)));
    },
  };
}

async function makeMany(): Promise<void> {
  say('Making 10,000 tables');
  await makeManyTables(psql);
}

/** The peak memory of a backup of about 5 GB, each way. */
async function measureLarge(folder: string): Promise<{ readonly peakRssMb: number }> {
  say('Making the database larger');
  for (let copy = 1; copy <= 4; copy += 1) {
    await psql(database, ['-c', `CREATE TABLE orders_${copy} AS TABLE orders`, '-c', `CREATE TABLE events_${copy} AS TABLE events`]);
  }
  say(`The database has ${(await psql(database, ['-Atc', 'SELECT pg_size_pretty(pg_database_size(current_database()))'])).trim()}`);
  let peakRssMb = 0;
  for (const format of ['custom', 'directory']) {
    const measured = await worker(['backup', target, folder, format]);
    say(`our ${format} backup of it: ${measured.seconds.toFixed(2)} s, ${Math.round(measured.peakRssMb)} MB of memory`);
    peakRssMb = Math.max(peakRssMb, measured.peakRssMb);
  }
  return { peakRssMb };
}

/** `docker exec … pg_dump | gzip > file`, with the very programs. */
async function dumpThroughGzip(file: string): Promise<void> {
  const dump = spawn('docker', ['exec', container, 'pg_dump', '-U', 'postgres', database], { stdio: ['ignore', 'pipe', 'inherit'] });
  const gzip = spawn('gzip', [], { stdio: [dump.stdout, 'pipe', 'inherit'] });
  await pipeline(gzip.stdout, createWriteStream(file));
}

/** `DROP DATABASE`, `CREATE DATABASE`, `gunzip < file | docker exec -i … psql`. */
async function restoreAsTheGuideDoes(file: string): Promise<void> {
  await drop(database);
  await psql('postgres', ['-c', `CREATE DATABASE ${database}`]);
  const gunzip = spawn('gunzip', [], { stdio: ['pipe', 'pipe', 'inherit'] });
  const restore = spawn('docker', ['exec', '-i', container, 'psql', '-q', '-U', 'postgres', '-d', database], { stdio: [gunzip.stdout, 'ignore', 'inherit'] });
  const ended = new Promise<number>((resolve) => restore.once('close', (code) => resolve(code ?? 1)));
  createReadStream(file).pipe(gunzip.stdin);
  await finished(gunzip.stdin);
  if ((await ended) !== 0) throw new Error('psql failed');
}

/** Drops what restores and snapshots keep, so that each round begins alike. */
async function dropKept(): Promise<void> {
  const names = await psql('postgres', ['-Atc', "SELECT datname FROM pg_database WHERE datname ~ '^cdb_(undo|snapshot)_'"]);
  for (const name of names.split('\n').filter(Boolean)) await drop(name);
}

async function drop(name: string): Promise<void> {
  await psql('postgres', ['-c', `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`]);
}

/** Runs a line in the server's container, as the floors and the guides do. */
function inServer(line: string): Promise<string> {
  return run('docker', ['exec', container, 'sh', '-c', line]);
}

function psql(name: string, args: readonly string[]): Promise<string> {
  return run('docker', ['exec', container, 'psql', '-q', '-U', 'postgres', '-d', name, ...args]);
}

async function worker(args: readonly string[]): Promise<Measured> {
  return JSON.parse(await run(process.execPath, [path.join(__dirname, 'worker.js'), ...args])) as Measured;
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

void main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
