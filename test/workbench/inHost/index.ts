import { appendFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Mocha from 'mocha';
import type { HostResults } from '../../lab/inHost';

/**
 * Runs all tests that lie beside this file, inside VS Code's extension host, which calls this function. Throws when one
 * fails, for a desktop VS Code; the lab's browser cannot see that, so the results also go to the file that the lab names.
 */
export async function run(): Promise<void> {
  const resultsFile = process.env['CONTAINER_DATABASES_TEST_RESULTS'];
  const lines: string[] = [];
  const print = (line: string): void => {
    lines.push(line);
    if (resultsFile === undefined) console.log(line);
    else appendFileSync(`${resultsFile}.lines`, `${line}\n`);
  };
  print('in-host suite started');
  const failures: HostResults['failures'][number][] = [];
  const passed = await runMocha(print, (title, error) => failures.push({ title, error: error.stack ?? error.message })).catch((error: unknown) => {
    failures.push({ title: 'loading the tests', error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    return 0;
  });
  if (resultsFile !== undefined) writeWhole(resultsFile, { passed, failed: failures.length, failures, lines });
  if (failures.length > 0) throw new Error(`${failures.length} in-host tests failed`);
}

/** Gives the number of passed tests. */
async function runMocha(print: (line: string) => void, onFailure: (title: string, error: Error) => void): Promise<number> {
  class LineReporter extends Mocha.reporters.Base {
    constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
      super(runner, options);
      runner.on('pass', (test) => print(`  ✔ ${test.fullTitle()} (${test.duration ?? 0} ms)`));
      runner.on('pending', (test) => print(`  - ${test.fullTitle()}`));
      runner.on('fail', (test, error: Error) => {
        print(`  ✘ ${test.fullTitle()}: ${error.message}`);
        onFailure(test.fullTitle(), error);
      });
    }
  }
  const mocha = new Mocha({ ui: 'bdd', timeout: 30_000, reporter: LineReporter });
  for (const name of readdirSync(__dirname).toSorted()) if (name.endsWith('.test.js')) mocha.addFile(path.join(__dirname, name));
  await mocha.loadFilesAsync();
  return new Promise((resolve) => {
    const runner = mocha.run(() => resolve(runner.stats?.passes ?? 0));
  });
}

/** By rename, for the lab reads the file as soon as it is there. */
function writeWhole(file: string, results: HostResults): void {
  writeFileSync(`${file}.partial`, JSON.stringify(results));
  renameSync(`${file}.partial`, file);
}
