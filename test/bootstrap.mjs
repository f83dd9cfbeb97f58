// What must work before anything is installed: plain Node, no dependencies.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

/** Installs node_modules when they are missing or older than the lock file. */
export async function ensureNodeModules() {
  const marker = path.join(root, 'node_modules', '.container-databases');
  const lock = path.join(root, 'package-lock.json');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === readFileSync(lock, 'utf8') && statSync(path.join(root, 'node_modules')).isDirectory()) return;
  console.error('Installing node_modules');
  // Not `npm ci`: it refuses a lock file that lacks the binaries of other platforms, which not every registry has.
  runOrExit(npm, ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel', 'error']);
  writeFileSync(marker, readFileSync(lock, 'utf8'));
}

/** Builds what ships and what the tests run. */
export function buildAll() {
  console.error('Building');
  runOrExit(process.execPath, ['esbuild.mjs', '--tests']);
}

/** Runs a program in the root with its output shown, and ends this process when it fails. */
export function runOrExit(program, args, env = {}) {
  const { status, error } = spawnSync(program, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
    shell: process.platform === 'win32' && program.endsWith('.cmd'),
  });
  if (error) console.error(error.message);
  if (status !== 0) process.exit(status ?? 1);
}
