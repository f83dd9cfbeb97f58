import { existsSync } from 'node:fs';
import path from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { ensurePackages } from './apt';
import { step, tryRun } from './process';

const names = ['chromium', 'google-chrome', 'google-chrome-stable', 'chromium-browser'];

// Without a desktop there is no sandbox for root and no GPU; and nothing here may talk to the network by itself.
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
];

/** Gives the path of a Chromium: one that is there, or Debian's, installed together with fonts. */
export async function ensureChromium(): Promise<string> {
  await ensureFonts();
  const found = installedBrowser();
  if (found !== undefined) return found;
  await ensurePackages(['chromium']);
  const installed = installedBrowser();
  if (installed === undefined) throw new Error('Debian’s package chromium is installed, but there is no program chromium on PATH');
  return installed;
}

function installedBrowser(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  return names.flatMap((name) => folders.map((folder) => path.join(folder, name))).find((file) => existsSync(file));
}

/** Without any font the workbench shows boxes; without a colour one, emoji in names do. */
async function ensureFonts(): Promise<void> {
  const has = async (pattern: string): Promise<boolean> =>
    tryRun('fc-list', [pattern, 'family']).then(
      ({ stdout }) => stdout.trim() !== '',
      () => false,
    );
  const [text, emoji] = await Promise.all([has(':spacing=mono'), has(':lang=und-zsye')]);
  await ensurePackages([...(text ? [] : ['fonts-dejavu-core']), ...(emoji ? [] : ['fonts-noto-color-emoji'])]);
}

/** Starts a headless Chromium, driven by playwright. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = await ensureChromium();
  return step('started Chromium', () => chromium.launch({ executablePath, args: [...flags], headless: true }));
}
