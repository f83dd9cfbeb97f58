import assert from 'node:assert/strict';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { launchChromium } from '../../lab/chromium';
import { repositoryRoot } from '../../lab/paths';
import { ensureVSCode, type VSCodeVersion } from '../../lab/vscodeInstall';
import { startVSCode, type VSCodeServer } from '../../lab/vscodeServer';
import type { Theme } from '../../lab/vscodeSettings';
import { Workbench } from '../../lab/workbench';
import { seriousIn } from './axe';
import { startStack, type Stack } from './stack';

export const themes: readonly Theme[] = ['dark', 'light', 'hc-dark', 'hc-light'];

export interface EditorOptions {
  readonly version?: VSCodeVersion;
  /** Done with the stack before the editor opens. */
  readonly prepare?: (stack: Stack) => Promise<unknown>;
}

/** A stack of its own, and the editor with the extension on its folder. */
export interface Editor {
  readonly stack: Stack;
  readonly workbench: Workbench;
  /** What the pages were refused by their policy, so far. */
  readonly refusals: readonly string[];
}

/**
 * Has an editor open while the tests of a suite run, with the view of the databases in front; the stack takes the name. Tests
 * that fail leave a picture. Gives what is open; to be called once the suite has begun.
 */
export function useEditor(name: string, { version = '1.139', prepare }: EditorOptions = {}): () => Editor {
  let stack: Stack | undefined;
  let browser: Browser | undefined;
  let server: VSCodeServer | undefined;
  let workbench: Workbench | undefined;
  const refusals: string[] = [];

  before(async () => {
    stack = await startStack(name);
    await prepare?.(stack);
    browser = await launchChromium();
    const env = { CONTAINER_DATABASES_STATE: path.join(stack.folder, '.state'), CONTAINER_DATABASES_PROJECT: `${name}*` };
    server = await startVSCode(await ensureVSCode(version), { dataFolder: path.join(stack.folder, '.vscode-server'), extensions: [repositoryRoot], env });
    workbench = await Workbench.open(browser, server, stack.folder, { size: { width: 1400, height: 900 } });
    workbench.page.on('console', (message) => {
      if (!/Content Security Policy|Refused to/.test(message.text())) return;
      refusals.push(`${message.text()} (${message.location().url}:${message.location().lineNumber})`);
    });
    await workbench.openView('Container Databases');
    await workbench.tree('Databases').row([name, 'postgres', 'reims'], 120_000);
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench?.screenshot(`failed ${this.currentTest.title}`);
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
    await stack?.remove();
  });

  return () => {
    if (stack === undefined || workbench === undefined) throw new Error('The editor is not open yet');
    return { stack, workbench, refusals };
  };
}

/** Has axe look at the pages of webviews in a theme, and takes pictures of them, wide, and in two themes narrow as well. */
export async function lookAt(workbench: Workbench, theme: Theme, views: Readonly<Record<string, string>>): Promise<void> {
  await workbench.setTheme(theme);
  for (const [title, name] of Object.entries(views)) {
    assert.deepEqual(await seriousIn(await workbench.webview(title)), [], name);
    await workbench.screenshot(`${name} ${theme}`);
    if (theme !== 'light' && theme !== 'hc-dark') continue;
    await workbench.page.setViewportSize({ width: 700, height: 900 });
    await workbench.screenshot(`${name} ${theme} narrow`);
    await workbench.page.setViewportSize({ width: 1400, height: 900 });
  }
}
