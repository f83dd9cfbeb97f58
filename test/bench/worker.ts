import { createApp } from '../../src/app';
import { findDatabase, findPlace } from '../../src/inventory/target';
import type { Operation } from '../../src/operations/operation';

// One operation in a process of its own, as in an editor that already knows its databases: prints seconds and peak memory.
// node worker.js backup TARGET FOLDER · node worker.js restore TARGET FOLDER FILE
async function main([verb = '', target = '', folder = '', file = '']: readonly string[]): Promise<void> {
  const log = { debug: () => undefined, info: () => undefined, warn: console.error, error: console.error };
  const operation: Operation = { signal: new AbortController().signal, log, report: () => undefined };
  const app = createApp({ endpoint: () => undefined, backupFolder: () => '', folders: () => [] }, log);
  const inventory = await app.inventory.refresh();
  const start = performance.now();
  const result = verb === 'backup' ? await backUp() : await restore();
  const seconds = (performance.now() - start) / 1000;
  console.log(JSON.stringify({ ...result, seconds, peakRssMb: process.resourceUsage().maxRSS / 1024 }));

  async function backUp(): Promise<object> {
    const backup = await app.backups.backUp(findDatabase(inventory, target), { folder, reason: 'manual' }, operation);
    return { file: backup.file, sizeBytes: backup.sizeBytes };
  }

  async function restore(): Promise<object> {
    const place = findPlace(inventory, target);
    const plan = await app.restores.plan(place, await app.backups.read(file), { folder }, operation.signal);
    return app.restores.run(plan, place, { folder }, operation);
  }
}

void main(process.argv.slice(2));
