import { createApp } from '../app';
const log = {
  debug() {},
  info(m: string) {
    console.error(m);
  },
  warn(m: string) {
    console.error(m);
  },
  error(m: string) {
    console.error(m);
  },
};
const app = createApp({ endpoint: () => undefined, backupFolder: () => '', folders: () => [process.cwd()] }, log);
const op = {
  signal: new AbortController().signal,
  log,
  report(p: unknown) {
    process.stderr.write(JSON.stringify(p) + '\n');
  },
};
import { findDatabase, findPlace } from '../inventory/target';
void (async () => {
  const t = Date.now();
  let inv = await app.inventory.refresh();
  if (process.argv[2] === 'list') console.log(JSON.stringify(inv, null, 1), Date.now() - t);
  if (process.argv[2] === 'backup') {
    const b = await app.backups.backUp(findDatabase(inv, process.argv[3] ?? ''), { reason: 'manual', folder: '/tmp/bk' }, op);
    console.log(b, Date.now() - t);
  }
  if (process.argv[2] === 'restore') {
    const target = findPlace(inv, process.argv[3] ?? '');
    const b = await app.backups.read(process.argv[4] ?? '');
    const plan = await app.restores.plan(target, b, { folder: '/tmp/bk' }, op.signal);
    console.log(plan);
    console.log(await app.restores.run(plan, target, { folder: '/tmp/bk' }, op), Date.now() - t);
  }
  if (process.argv[2] === 'undo') {
    const target = findPlace(inv, process.argv[3] ?? '');
    console.log(await app.restores.undo(target, op), Date.now() - t);
  }
})();
