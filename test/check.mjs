// Types, lint (with the import edges), format and unused code, side by side.
import { spawn } from 'node:child_process';
import { ensureNodeModules } from './bootstrap.mjs';

await ensureNodeModules();
const checks = {
  types: ['tsc', '--noEmit', '-p', '.'],
  'types of the views': ['tsc', '--noEmit', '-p', 'webview-ui'],
  lint: ['oxlint', '--type-aware', '--deny-warnings'],
  format: ['prettier', '--check', '--log-level', 'warn', 'src', 'test', 'webview-ui', '*.mjs', '*.json'],
  'unused code': ['knip'],
};
const results = await Promise.all(
  Object.entries(checks).map(async ([name, [tool, ...args]]) => {
    const start = Date.now();
    const { code, output } = await run(tool, args);
    console.log(`${code === 0 ? 'passed' : 'FAILED'}: ${name} (${((Date.now() - start) / 1000).toFixed(1)} s)`);
    if (code !== 0) console.log(output);
    return code === 0;
  }),
);
process.exit(results.every(Boolean) ? 0 : 1);

function run(tool, args) {
  return new Promise((resolve) => {
    const child = spawn('npx', ['--no-install', tool, ...args], { shell: process.platform === 'win32' });
    let output = '';
    child.stdout.on('data', (text) => (output += text));
    child.stderr.on('data', (text) => (output += text));
    child.on('close', (code) => resolve({ code, output }));
  });
}
