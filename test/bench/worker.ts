import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { createApp } from '../../src/app';
import { dumpScript } from '../../src/backup/dumpScript';
import { FileSink } from '../../src/backup/fileSink';
import { backupFormats } from '../../src/backup/manifest';
import { runExec } from '../../src/engine/exec';
import { findDatabase, findPlace } from '../../src/inventory/target';
import type { Operation } from '../../src/operations/operation';
import { newestFirst } from '../../src/snapshot/labels';

// One operation in a process of its own, as in an editor that already knows its databases: prints seconds and peak memory.
// node worker.js backup TARGET FOLDER FORMAT · restore TARGET FOLDER FILE · stream TARGET FOLDER hashed|bare · snapshot TARGET · rollback TARGET
async function main([verb = '', target = '', folder = '', detail = '']: readonly string[]): Promise<void> {
  const log = { debug: () => undefined, info: () => undefined, warn: console.error, error: console.error };
  const operation: Operation = { signal: new AbortController().signal, log, report: () => undefined };
  const app = createApp({ endpoint: () => undefined, backupFolder: () => '', folders: () => [] }, log);
  const inventory = await app.inventory.refresh();
  const start = performance.now();
  const verbs: Readonly<Record<string, () => Promise<object>>> = { backup: backUp, restore, snapshot, rollback };
  const result = await (verbs[verb] ?? streamOnly)();
  const seconds = (performance.now() - start) / 1000;
  console.log(JSON.stringify({ ...result, seconds, peakRssMb: process.resourceUsage().maxRSS / 1024 }));

  async function backUp(): Promise<object> {
    const backup = await app.backups.backUp(
      findDatabase(inventory, target),
      { folder, reason: 'manual', format: backupFormats.find((each) => each === detail) ?? 'auto' },
      operation,
    );
    return { file: backup.file, sizeBytes: backup.sizeBytes };
  }

  async function restore(): Promise<object> {
    const place = findPlace(inventory, target);
    const plan = await app.restores.plan(place, await app.backups.read(detail), { folder }, operation.signal);
    return app.restores.run(plan, place, { folder }, operation);
  }

  async function snapshot(): Promise<object> {
    const place = findDatabase(inventory, target);
    const plan = await app.snapshots.plan(place, { keep: 0 }, operation.signal);
    return { strategy: plan.strategy, ...(await app.snapshots.take(plan, place, operation)) };
  }

  /** Back to the newest snapshot. */
  async function rollback(): Promise<object> {
    const place = findPlace(inventory, target);
    const [newest] = newestFirst(place.service.snapshots);
    if (newest === undefined) throw new Error('there is no snapshot');
    return app.snapshots.rollBack(await app.snapshots.planRollBack(place, newest, operation.signal), place, operation);
  }

  /** The pipeline of a custom dump alone, with its two hashes or with neither: what hashing costs. */
  async function streamOnly(): Promise<object> {
    const server = app.inventory.serverOf(findDatabase(inventory, target).service);
    const shape = { format: 'custom', jobs: 1, compression: 'zstd:1', extension: '.dump' } as const;
    const isHashed = detail === 'hashed';
    const script = isHashed ? dumpScript(shape) : dumpScript(shape).replace(/^note_hash\(\) .*$/m, 'note_hash() { cat >/dev/null; }');
    if (isHashed === (script !== dumpScript(shape))) throw new Error('the script has no hash to leave out');
    const argv = ['sh', '-c', script, 'sh', 'pg_dump', '-U', server.user, '--format=custom', '--compress=zstd:1', '--dbname', target.split('/').at(-1) ?? ''];
    const hash = createHash('sha256');
    const sink = await FileSink.create(path.join(folder, `stream-${process.pid}`), 'the stream');
    const onOutput = (bytes: Buffer): Promise<void> | undefined => {
      if (isHashed) hash.update(bytes);
      return sink.add(bytes);
    };
    const { exitCode, stderr } = await runExec(server.engine, { container: server.container, argv }, { onOutput, holdInput: true });
    if (exitCode !== 0 || !stderr.includes('cdb dump 0')) throw new Error(`the dump failed: ${stderr}`);
    await sink.finish();
    await rm(path.join(folder, `stream-${process.pid}`));
    return {};
  }
}

void main(process.argv.slice(2));
