import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { launchChromium } from '../lab/chromium';
import { repositoryRoot } from '../lab/paths';
import { run, waitFor } from '../lab/process';
import { ensureVSCode } from '../lab/vscodeInstall';
import { startVSCode } from '../lab/vscodeServer';
import { Workbench } from '../lab/workbench';
import { startStack } from '../workbench/support/stack';

/** Milliseconds for which is measured, and those before it in which a start is over. */
const minute = 60_000;
const settling = 20_000;

export interface IdleTimes {
  /** Percent of one processor that the extension host takes while our view is hidden and nothing happens. */
  readonly withUs: number;
  /** The same where we are not installed. */
  readonly without: number;
}

/** Measures the whole extension host over a minute each, with a running database in the workspace and the item in the status bar. */
export async function measureIdle(): Promise<IdleTimes> {
  const stack = await startStack('reims-idle');
  const browser = await launchChromium();
  try {
    const without = await percentOf(browser, stack.folder, []);
    return { withUs: await percentOf(browser, stack.folder, [repositoryRoot]), without };
  } finally {
    await browser.close();
    await stack.remove();
  }
}

async function percentOf(browser: Browser, folder: string, extensions: readonly string[]): Promise<number> {
  const dataFolder = await mkdtemp(path.join(tmpdir(), 'container-databases-idle-'));
  const server = await startVSCode(await ensureVSCode('1.139'), { dataFolder, extensions, env: { CONTAINER_DATABASES_STATE: path.join(dataFolder, 'state') } });
  try {
    const workbench = await Workbench.open(browser, server, folder);
    if (extensions.length > 0) await workbench.statusBarItem('1 database').waitFor({ timeout: 120_000 });
    const pid = await waitFor('the extension host', () => extensionHost(dataFolder));
    await setTimeout(settling);
    const before = await secondsOf(pid);
    await setTimeout(minute);
    const percent = ((await secondsOf(pid)) - before) / (minute / 100_000);
    await workbench.close();
    return Math.round(percent * 100) / 100;
  } finally {
    await server.stop();
    await rm(dataFolder, { recursive: true, force: true });
  }
}

/** The process in which extensions run, of the server that has this folder. */
async function extensionHost(dataFolder: string): Promise<number | undefined> {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const [command, environment] = await Promise.all(['cmdline', 'environ'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')));
    if (command?.includes('--type=extensionHost') === true && environment?.includes(dataFolder) === true) return Number(pid);
  }
  return undefined;
}

/** Seconds of processor time that a process and those that it has waited for have taken. */
async function secondsOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return ticks / Number(await run('getconf', ['CLK_TCK']));
}
