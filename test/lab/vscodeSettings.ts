import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { VSCodeVersion } from './vscodeInstall';

export type Theme = 'dark' | 'light' | 'hc-dark' | 'hc-light';
export type Settings = Readonly<Record<string, unknown>>;

interface ThemeName {
  /** As in the settings. */
  readonly id: string;
  /** As in the list of themes. */
  readonly label: string;
}

const highContrast: Readonly<Record<'hc-dark' | 'hc-light', ThemeName>> = {
  'hc-dark': { id: 'Default High Contrast', label: 'Dark High Contrast' },
  'hc-light': { id: 'Default High Contrast Light', label: 'Light High Contrast' },
};

/** The themes that each version has by default. */
export const themes: Readonly<Record<VSCodeVersion, Readonly<Record<Theme, ThemeName>>>> = {
  '1.139': { dark: { id: 'Dark 2026', label: 'Dark 2026' }, light: { id: 'Light 2026', label: 'Light 2026' }, ...highContrast },
  '1.100': { dark: { id: 'Default Dark Modern', label: 'Dark Modern' }, light: { id: 'Default Light Modern', label: 'Light Modern' }, ...highContrast },
};

/** Turns off what would otherwise open by itself, ask, move, or cover what a test looks for. */
const calm: Settings = {
  'window.autoDetectColorScheme': false,
  'window.autoDetectHighContrast': false,
  'window.restoreWindows': 'none',
  'workbench.startupEditor': 'none',
  'workbench.reduceMotion': 'on',
  'workbench.tips.enabled': false,
  'workbench.tree.enableStickyScroll': false, // rows that are drawn twice
  'workbench.enableExperiments': false,
  'workbench.layoutControl.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.disableAIFeatures': true,
  'chat.commandCenter.enabled': false,
  'security.workspace.trust.enabled': false,
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'update.showReleaseNotes': false,
  'git.enabled': false,
  'git.openRepositoryInParentFolders': 'never',
  'remote.autoForwardPorts': false,
  'files.simpleDialog.enable': true,
  'editor.minimap.enabled': false,
  'terminal.integrated.enablePersistentSessions': false,
  'terminal.integrated.gpuAcceleration': 'off', // drawn as text, which tests can read
};

/**
 * Adds to the user's settings of the server with this data folder, which code-server keeps in a file on the server. For
 * before a workbench is opened: an open one does not always notice. With a version, the calm settings and its dark theme are laid beneath them.
 */
export async function writeUserSettings(dataFolder: string, settings: Settings, version?: VSCodeVersion): Promise<void> {
  const file = path.join(dataFolder, 'data/User/settings.json');
  const base = version === undefined ? {} : { ...calm, 'workbench.colorTheme': themes[version].dark.id };
  const present = await readFile(file, 'utf8').then(
    (text) => JSON.parse(text) as Settings,
    () => ({}),
  );
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify({ ...base, ...present, ...settings }, undefined, 2));
}
