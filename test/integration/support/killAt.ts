import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { waitFor } from '../../lab/process';
import { startCli, type CliOptions, type CliResult } from './app';
import { tempFolder } from './shared';

/** A write of a restore's journal, counted from one, or its removal; and whether it has been done when the process dies. */
export type DeathPoint = `${'before' | 'after'} ${number}` | 'before removal';

// Loaded before the program. Killing oneself takes effect at once, so nothing comes between the write and the end.
const hook = `
const files = require('node:fs/promises');
const { rename, unlink } = files;
const point = process.env.CDB_DIE_AT;
const isEntry = (file) => /[\\\\/]journal[\\\\/][^\\\\/]+[.]json$/.test(String(file));
const dieAt = (here) => { if (here === point) process.kill(process.pid, 'SIGKILL'); };
let writes = 0;
files.rename = async (from, to) => {
  const count = isEntry(to) ? ++writes : 0;
  dieAt('before ' + count);
  await rename(from, to);
  dieAt('after ' + count);
};
files.unlink = async (file) => {
  if (isEntry(file)) dieAt('before removal');
  await unlink(file);
};
require('node:module').syncBuiltinESMExports();
`;

/** Runs the command line until it has come to this point, where it is killed. */
export async function cliKilledAt(point: DeathPoint, args: readonly string[], state: string): Promise<CliResult> {
  const file = path.join(await tempFolder('hook'), 'dieAt.cjs');
  await writeFile(file, hook);
  return (await startCli(args, { state, env: { CDB_DIE_AT: point, NODE_OPTIONS: `--require ${JSON.stringify(file)}` } })).ended;
}

/** Runs the command line, and kills it when what it says on standard error fits; `andWhen` is waited for, too. */
export async function cliKilledWhen(
  said: RegExp,
  args: readonly string[],
  options: CliOptions,
  andWhen: Promise<unknown> = Promise.resolve(),
): Promise<CliResult & { readonly pid: number | undefined }> {
  const { child, ended } = await startCli([...args, '--verbose'], options);
  let heard = '';
  await new Promise<void>((resolve) => {
    child.stderr?.on('data', (text: string) => {
      heard += text;
      if (said.test(heard)) resolve();
    });
    child.once('close', () => resolve());
  });
  await andWhen;
  child.kill('SIGKILL');
  const result = await ended;
  assert.equal(result.signal, 'SIGKILL', heard);
  return { ...result, pid: child.pid };
}

/** Waits for a moment that is short: with hardly a pause between two looks. */
export async function soon(what: string, probe: () => Promise<boolean>): Promise<void> {
  await waitFor(what, probe, 240_000, 2);
}
