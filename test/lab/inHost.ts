import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { launchChromium } from './chromium';
import { step, waitFor } from './process';
import { ensureVSCode, type VSCodeVersion } from './vscodeInstall';
import { startVSCode, type VSCodeServer } from './vscodeServer';

/** What the suite in the extension host reports; see test/workbench/inHost/index.ts. */
export interface HostResults {
  readonly passed: number;
  readonly failed: number;
  readonly failures: readonly { readonly title: string; readonly error: string }[];
  readonly lines: readonly string[];
}

export interface InHostOptions {
  readonly version: VSCodeVersion;
  /** The folder that the window opens. */
  readonly folder: string;
  readonly extensionDevelopmentPath: string;
  /** A module that exports `run()`. */
  readonly testsPath: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Milliseconds for the whole suite; five minutes by default. */
  readonly timeout?: number;
}

/**
 * Runs a suite inside the extension host of a VS Code in Chromium, prints its lines as they come, and gives its results.
 * Throws, with the end of the log, when the suite cannot start, when the extension host ends before it, or after the timeout.
 */
export async function runInHost(options: InHostOptions): Promise<HostResults> {
  const install = await ensureVSCode(options.version);
  const scratch = await mkdtemp(path.join(tmpdir(), 'container-databases-in-host-'));
  const resultsFile = path.join(scratch, 'results.json');
  const env = { ...options.env, CONTAINER_DATABASES_TEST_RESULTS: resultsFile };
  const browser = await launchChromium();
  try {
    const server = await startVSCode(install, { dataFolder: path.join(scratch, 'data'), development: true, env });
    try {
      return await step(`in-host suite in VS Code ${options.version}`, async () => {
        const page = await browser.newPage();
        await page.goto(server.url(options.folder, { extensionDevelopmentPath: options.extensionDevelopmentPath, extensionTestsPath: options.testsPath }));
        return results(server, page, resultsFile, options.timeout ?? 300_000);
      });
    } finally {
      await server.stop();
    }
  } finally {
    await browser.close();
    await rm(scratch, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function results(server: VSCodeServer, page: Page, file: string, timeout: number): Promise<HostResults> {
  const started = Date.now();
  const printNews = linePrinter(`${file}.lines`);
  let pageCrashed = false;
  page.on('crash', () => (pageCrashed = true));
  const finished = async (): Promise<boolean> => {
    const obstacle = pageCrashed ? 'The page crashed' : await hostEnd(server);
    printNews();
    if (existsSync(file)) return true; // asked after the obstacle, for the host ends by itself when all is done
    if (obstacle !== undefined) throw new Error(`${obstacle}, before the suite was finished`);
    if (!existsSync(`${file}.lines`) && Date.now() - started > 60_000) throw new Error('The suite did not start within 60 s');
    return false;
  };
  try {
    await waitFor('the in-host suite', finished, timeout);
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${await logTail(server)}`, { cause: error });
  }
  return JSON.parse(readFileSync(file, 'utf8')) as HostResults;
}

/** Prints what has been added to the file since the last call. */
function linePrinter(file: string): () => void {
  let printed = 0;
  return () => {
    if (!existsSync(file)) return;
    const text = readFileSync(file, 'utf8');
    process.stderr.write(text.slice(printed));
    printed = text.length;
  };
}

/** How the extension host ended; undefined while it runs. The browser is not told, but the server logs it. */
async function hostEnd(server: VSCodeServer): Promise<string | undefined> {
  const log = await readLogs(server, 'remoteagent.log');
  return /Extension Host Process exited with code: \S+, signal: \S+(?=\.)/.exec(log)?.[0];
}

async function logTail(server: VSCodeServer): Promise<string> {
  const noise = /^\tfile:\/\/|Accessing a resource scoped configuration|^\s*$/; // the list of extensions, mostly
  const tail = (text: string): string =>
    text
      .split('\n')
      .filter((line) => !noise.test(line))
      .slice(-30)
      .join('\n');
  const [host, agent] = await Promise.all([readLogs(server, 'remoteexthost.log'), readLogs(server, 'remoteagent.log')]);
  return `--- remoteexthost.log\n${tail(host)}\n--- remoteagent.log\n${tail(agent)}`;
}

async function readLogs(server: VSCodeServer, name: string): Promise<string> {
  const files = await readdir(server.logsFolder, { recursive: true }).catch(() => []);
  const found = files.filter((file) => path.basename(file) === name).toSorted();
  return (await Promise.all(found.map(async (file) => readFile(path.join(server.logsFolder, file), 'utf8')))).join('');
}
