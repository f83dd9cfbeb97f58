import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { ensureChromium, launchChromium } from './chromium';
import { ensureEngine, findProject, startDemo, stopDemo, type DemoProject } from './demo';
import { labFolder, repositoryRoot } from './paths';
import { tryRun, waitFor } from './process';
import { ensureVSCode } from './vscodeInstall';
import { startVSCode, type VSCodeServer } from './vscodeServer';
import { Workbench } from './workbench';

const container = 'Container Databases';
const view = 'Databases';

async function main(flags: readonly string[]): Promise<void> {
  await ensureEngine();
  if (flags.includes('--once')) return once();
  const project = (await findProject()) ?? (await startDemo());
  console.error(`Opening ${project.folder}`);
  if (await opensInInstalledEditor(project)) return;
  const server = await startWorkbench();
  console.log(`VS Code is open at ${server.url(project.folder)}`);
  console.log('Press Ctrl+C to end it. Containers go on running.');
  await new Promise((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve));
  await server.stop();
}

/** The user's own VS Code, where there is one and a screen to show it on. */
async function opensInInstalledEditor({ folder }: DemoProject): Promise<boolean> {
  const hasScreen = process.platform !== 'linux' || process.env['DISPLAY'] !== undefined || process.env['WAYLAND_DISPLAY'] !== undefined;
  const version = await tryRun('code', ['--version']).catch(() => ({ code: 1 }));
  if (!hasScreen || version.code !== 0) return false;
  const code = await new Promise<number>((resolve) => {
    const args = ['--new-window', `--extensionDevelopmentPath=${repositoryRoot}`, folder];
    spawn('code', args, { stdio: 'inherit' })
      .once('error', () => resolve(1))
      .once('close', (result) => resolve(result ?? 1));
  });
  return code === 0;
}

async function startWorkbench(): Promise<VSCodeServer> {
  const install = await ensureVSCode('1.139');
  return startVSCode(install, { dataFolder: labFolder('start'), extensions: [repositoryRoot] });
}

/** What a user does first, from nothing to a backup. */
async function once(): Promise<void> {
  const demo = await startDemo();
  await ensureChromium();
  const server = await startWorkbench();
  const browser = await launchChromium();
  try {
    const before = new Set<string>(await backupsIn(demo));
    const workbench = await Workbench.open(browser, server, demo.folder, { size: { width: 1400, height: 900 } });
    await workbench.openView(container);
    const tree = workbench.tree(view);
    const database = [demo.project, demo.service, demo.database];
    await tree.row(database, 60_000);
    console.error('The side bar shows the demo database');
    await tree.contextMenu(database, 'Back up database');
    const file = await waitFor('the backup', async () => (await backupsIn(demo)).find((name) => !before.has(name)));
    console.log(path.join(demo.folder, 'backups', file));
  } finally {
    await browser.close();
    await server.stop();
    await stopDemo(demo);
  }
}

/** Finished backups: those that have their manifest. */
async function backupsIn({ folder }: DemoProject): Promise<readonly string[]> {
  const names: readonly string[] = await readdir(path.join(folder, 'backups')).catch(() => []);
  return names.filter((name) => names.includes(`${name}.json`));
}

void main(process.argv.slice(2)).then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
