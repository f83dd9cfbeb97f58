import { realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import type { InventoryKeeper } from '../../inventory/keeper';
import type { Logger } from '../../protocol/logger';
import type { Backups } from '../backups';
import { Installer } from './install';
import { launchOf } from './launch';
import { takeLock, type HeldLock } from './owner';
import { RunRecords } from './records';
import { runProgram } from './runProgram';
import { ScheduleRunner } from './runner';
import { Schedules } from './schedules';
import { ScheduleStore } from './store';

export interface SchedulingSettings {
  /** Where schedules, records and locks lie. */
  readonly folder: string;
  readonly inventory: InventoryKeeper;
  readonly backups: Backups;
  readonly log: Logger;
  /** The file of our command line. */
  readonly commandLine: string;
  readonly endpoint: () => string | undefined;
}

/** The schedules of this host, and what runs them while the editor is open. */
export function createSchedules(settings: SchedulingSettings): { readonly schedules: Schedules; readonly scheduleRunner: ScheduleRunner } {
  const { folder, inventory, backups, log, commandLine, endpoint } = settings;
  const lock = (name: string): Promise<HeldLock | undefined> => takeLock(path.join(folder, 'locks', `${name}.lock`));
  const schedules = new Schedules({
    store: new ScheduleStore(folder),
    records: new RunRecords(path.join(folder, 'runs')),
    installer: new Installer({ platform: process.platform, home: homedir(), env: process.env, run: runProgram, lock: () => lock('crontab') }),
    inventory,
    backups,
    claim: lock,
    launch: () =>
      launchOf({
        program: process.execPath,
        script: realPath(commandLine),
        isElectron: process.versions['electron'] !== undefined,
        env: process.env,
        endpoint: endpoint(),
      }),
  });
  const after = (milliseconds: number, work: () => void): (() => void) => {
    const timer = setTimeout(work, milliseconds);
    timer.unref();
    return () => clearTimeout(timer);
  };
  const scheduleRunner = new ScheduleRunner({ ...schedules.runParts(), read: () => schedules.read(), own: () => lock('editor'), after, log });
  return { schedules, scheduleRunner };
}

/** An installed program is a link, and the link may go where the program stays. */
function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return path.resolve(file);
  }
}
