// Runs the tests, all kinds or those named: node test/run.mjs [check] [unit] [integration] [workbench] [desktop] [bench]
// Installs and builds what is missing, and ends with the counts of all kinds together.
import { spawn } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { buildAll, ensureNodeModules, root } from './bootstrap.mjs';

const all = ['check', 'unit', 'integration', 'workbench'];
const needs = {
  integration: ['docker', 'images:13,15,17,18', 'podman', 'age', 'cron', 'sshd', 's3', 'migration-tools'],
  workbench: ['docker', 'images:15,17', 'vscode:1.139', 'vscode:1.100', 'chromium'],
  bench: ['docker', 'images:17', 'vscode:1.139', 'chromium'],
};
/** How many work side by side; what they do takes the processors of the machine, and little else. A user's clicks are more easily held up. */
const workers = { unit: 1, integration: 3, workbench: 2 };
/**
 * By kind, rounds one after the other; the jobs of a round are taken by the workers, in their order. Each is a process with servers of
 * its own: the files of one folder share the stacks or the server that they work on, those of "servers" have each their own.
 */
const rounds = {
  unit: () => [[['--timeout', '10000', 'out/unit/**/*.test.js']]],
  integration: () => [
    [integrationTests('stacks/*'), integrationTests('workshop/*'), ...filesIn('integration/servers').map((name) => integrationTests(`servers/${name}`))],
    // Those that restart the engine, or count what it tells. All others see only what they have made themselves: Docker gets stuck
    // over a container that is paused while somebody else begins a program in it.
    [integrationTests('alone/*')],
  ],
  workbench: () => [filesIn('workbench').map((name) => ['--timeout', '240000', '--exit', `out/workbench/${name}.test.js`])],
};

const given = process.argv.slice(2);
const only = given.indexOf('--only'); // for the bench, with the parts behind it
if (only >= 0) given.splice(only, 2, `--only=${given[only + 1] ?? ''}`);
const names = given.filter((argument) => !argument.startsWith('-'));
const flags = given.filter((argument) => argument.startsWith('-'));
const kinds = names.length === 0 ? all : names;
const counts = { passed: 0, failed: 0, skipped: 0 };
/** What mocha and the others say of failures, to be said again at the end of a long output. */
const failures = [];
const start = Date.now();

for (const kind of kinds) {
  if (![...all, 'desktop', 'bench'].includes(kind)) {
    console.error(`There are no tests of the kind "${kind}". There are: ${[...all, 'desktop', 'bench'].join(', ')}.`);
    process.exit(2);
  }
}
await ensureNodeModules();
buildAll();
// What is slow to set up comes up while the quick checks run.
const wanted = [...new Set(kinds.flatMap((kind) => needs[kind] ?? []))];
const lab = wanted.length === 0 ? Promise.resolve(0) : run(process.execPath, ['out/lab/cli.js', 'up', ...wanted]);
for (const kind of kinds) {
  if (kind in needs && (await lab) !== 0) fail('The lab did not come up; see above.');
  else await runKind(kind);
}
const seconds = Math.round((Date.now() - start) / 1000);
if (!kinds.includes('bench')) {
  for (const failure of failures) console.log(`\nFailed: ${failure}`);
  console.log(`\nAll kinds took ${seconds} s.`);
  console.log(`${counts.passed} passed, ${counts.failed} failed${counts.skipped === 0 ? '' : `, ${counts.skipped} skipped`}`);
}
// A test that is skipped because something is missing has not shown anything.
process.exit(counts.failed > 0 || counts.skipped > 0 ? 1 : 0);

async function runKind(kind) {
  if (kind === 'check') return count(await run(process.execPath, ['test/check.mjs']), 'check');
  if (kind === 'bench') return count(await run(process.execPath, ['out/bench/main.js', ...flags]), 'bench');
  if (kind === 'desktop') return count(await run(process.execPath, ['out/workbench/desktop.js']), 'desktop');
  console.log(`\n${kind} tests`);
  for (const round of rounds[kind]()) {
    const jobs = round.entries();
    // The first shows what it does as it does it; the others at their end, so that the lines of each stay together.
    const work = async () => {
      for (const [index, args] of jobs) await runMocha(kind, args, index === 0);
    };
    await Promise.all(Array.from({ length: workers[kind] }, work));
  }
}

async function runMocha(kind, args, isShown) {
  let output = '';
  const code = await run(process.execPath, ['node_modules/mocha/bin/mocha.js', '--no-color', ...args], (text) => {
    output += text;
    if (isShown) process.stdout.write(text);
  });
  if (!isShown) process.stdout.write(output);
  const [passing, failing, pending] = ['passing', 'failing', 'pending'].map((word) => Number(new RegExp(`^\\s+(\\d+) ${word}`, 'm').exec(output)?.[1] ?? 0));
  counts.passed += passing;
  counts.failed += failing;
  if (failing > 0) failures.push(`${args.at(-1)}\n${output.slice(output.search(/^\s+\d+ failing/m)).trimEnd()}`);
  counts.skipped += pending;
  if (code !== 0 && failing === 0) fail(`The ${kind} tests ended with exit code ${code}.`);
  if (code === 0 && passing === 0) fail(`None of the ${kind} tests of ${args.at(-1)} was run.`);
}

function integrationTests(files) {
  return ['--timeout', '180000', '--exit', `out/integration/${files}.test.js`];
}

/** The files of a folder, the longest first, so that no worker is left with one of those while the others have none. */
function filesIn(folder) {
  const place = new URL(`${folder}/`, import.meta.url);
  const size = (name) => statSync(new URL(name, place)).size;
  return readdirSync(place)
    .filter((name) => name.endsWith('.test.ts'))
    .toSorted((a, b) => size(b) - size(a))
    .map((name) => name.replace(/\.test\.ts$/, ''));
}

function count(code, what) {
  if (code === 0) counts.passed += 1;
  else fail(`${what} failed.`);
}

function fail(message) {
  console.error(message);
  failures.push(message);
  counts.failed += 1;
}

function run(program, args, onOutput) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', onOutput === undefined ? 'inherit' : 'pipe', 'inherit'] });
    child.stdout?.on('data', (bytes) => onOutput(bytes.toString('utf8')));
    child.on('error', () => resolve(1));
    child.on('close', (code) => resolve(code ?? 1));
  });
}
