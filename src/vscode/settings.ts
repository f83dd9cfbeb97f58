import { ConfigurationTarget, workspace } from 'vscode';
import type { AppSettings } from '../app';
import type { HealthOptions } from '../health/healths';
import { readThresholds } from '../health/thresholds';
import type { Wishes } from '../lint/judge';
import { overridesOf, profiles } from '../lint/severity';

const section = 'containerDatabases';

/** The levels of the setting, from silent to talkative. */
export const logLevels = ['off', 'error', 'warning', 'info', 'debug'] as const;
export type ChosenLogLevel = (typeof logLevels)[number];

/** What the app asks for; read anew each time, since settings and folders change. */
export const appSettings: AppSettings = {
  endpoint: () => text('endpoint'),
  backupFolder: () => text('backupFolder'),
  retention: () => workspace.getConfiguration(section).get<unknown>('retention'),
  offsite: offsiteLocation,
  folders: () => (workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file').map(({ uri }) => uri.fsPath),
};

/** What the user wrote about the encryption of new backups; read anew each time, and not yet checked. */
export function encryptionSettings(): { readonly encryption: string; readonly recipients: readonly string[] } {
  const recipients = workspace.getConfiguration(section).get<unknown>('recipients', []);
  return {
    encryption: text('encryption'),
    recipients: Array.isArray(recipients) ? recipients.filter((each): each is string => typeof each === 'string' && each.trim() !== '') : [],
  };
}

/** Where backups are copied to; empty for nowhere. */
export function offsiteLocation(): string {
  return text('offsite');
}

/** From when on something counts, and addresses that must answer. Throws `THRESHOLDS_INVALID`. */
export function healthSettings(): HealthOptions {
  const configuration = workspace.getConfiguration(section);
  const urls = Object.entries(configuration.get<Record<string, unknown>>('healthUrls', {})).filter(
    (each): each is [string, string] => typeof each[1] === 'string',
  );
  return { thresholds: readThresholds(configuration.get<unknown>('healthLimits')), urls: Object.fromEntries(urls) };
}

export function notificationsWanted(): boolean {
  return workspace.getConfiguration(section).get<boolean>('notifications', true);
}

export async function turnNotificationsOff(): Promise<void> {
  await workspace.getConfiguration(section).update('notifications', false, ConfigurationTarget.Global);
}

/** How many snapshots of each database are kept; 0 for all. */
export function snapshotsKept(): number {
  return workspace.getConfiguration(section).get<number>('snapshotsKept', 0);
}

/** Whether something is said when a branch is checked out that does not know the migrations of a database. */
export function checkoutOffersWanted(): boolean {
  return workspace.getConfiguration(section).get<boolean>('offerSnapshots', true);
}

export async function stopCheckoutOffers(): Promise<void> {
  await workspace.getConfiguration(section).update('offerSnapshots', false, ConfigurationTarget.Global);
}

export function statusBarWanted(): boolean {
  return workspace.getConfiguration(section).get<boolean>('statusBar', true);
}

/** Whether migrations are warned in. */
export function lintWanted(): boolean {
  return workspace.getConfiguration(section).get<boolean>('lint.enabled', true);
}

/** How grave the user takes what migrations do; read anew each time. */
export function lintWishes(): Wishes {
  const profile = profiles.find((each) => each === text('lint.profile')) ?? 'production';
  return { profile, overrides: overridesOf(workspace.getConfiguration(section).get<unknown>('lint.severity')) };
}

export function chosenLogLevel(): ChosenLogLevel {
  const chosen = text('logLevel');
  return logLevels.find((level) => level === chosen) ?? 'info';
}

function text(key: string): string {
  return workspace.getConfiguration(section).get<string>(key, '').trim();
}
