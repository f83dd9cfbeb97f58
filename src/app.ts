import { homedir } from 'node:os';
import path from 'node:path';
import { Backups, type BackupSettings } from './backup/backups';
import { HaltedStore } from './backup/volume/halted';
import { createSchedules } from './backup/schedule/createSchedules';
import type { ScheduleRunner } from './backup/schedule/runner';
import type { Schedules } from './backup/schedule/schedules';
import { Healths } from './health/healths';
import { SizeHistory } from './health/sizeHistory';
import { readHostFacts, reachableCandidates } from './engine/readContexts';
import { InventoryKeeper } from './inventory/keeper';
import { matchesAny } from './inventory/wanted';
import { Migrations } from './migrations/migrations';
import { Rehearsals } from './migrations/update/rehearsals';
import { Updates } from './migrations/update/updates';
import type { Logger } from './protocol/logger';
import { stateFolder } from './operations/stateFolder';
import { Journal } from './restore/journal';
import { Moves } from './restore/move/moves';
import { Restores } from './restore/restores';
import { Diagnoses } from './persistence/diagnose/diagnoses';
import { SmokeTests } from './persistence/smoke/smokeTests';
import { Snapshots } from './snapshot/snapshots';
import { volumeEntrySchema } from './restore/volume/journal';
import { Guards } from './persistence/volumes/guards';
import { Volumes } from './persistence/volumes/volumes';
import { VolumeRestores } from './restore/volume/volumeRestores';
import { EntryStore } from './operations/entryStore';

/** What editor and command line each answer in their own way. */
export interface AppSettings {
  /** An endpoint that the user named; undefined or empty to search. */
  readonly endpoint: () => string | undefined;
  readonly backupFolder: () => string;
  /** The rules for old backups as the user wrote them; left out, everything is kept. */
  readonly retention?: () => unknown;
  /** What new backups are encrypted with where nobody says otherwise; left out, they are not. */
  readonly encryption?: BackupSettings['encryption'];
  /** Where every backup is copied to as well; left out or empty, nowhere. */
  readonly offsite?: () => string;
  /** The only projects that are looked at, by name, where `*` stands for anything; left out or empty, all of them. */
  readonly projects?: () => readonly string[];
  /** Folders in which Compose files are looked for. */
  readonly folders: () => readonly string[];
  /** Our command line, for schedulers of the host; the program that runs by default. */
  readonly commandLine?: string;
}

/** Everything that the product can do, put together once; the editor and the command line both build it. */
export interface App {
  readonly inventory: InventoryKeeper;
  readonly backups: Backups;
  readonly restores: Restores;
  readonly smokeTests: SmokeTests;
  readonly diagnoses: Diagnoses;
  readonly migrations: Migrations;
  readonly rehearsals: Rehearsals;
  readonly updates: Updates;
  readonly snapshots: Snapshots;
  readonly volumeRestores: VolumeRestores;
  readonly volumes: Volumes;
  readonly moves: Moves;
  readonly schedules: Schedules;
  readonly healths: Healths;
  /** Runs what is due once somebody makes it look, as the editor does. */
  readonly scheduleRunner: ScheduleRunner;
  /** How large databases were at earlier looks. */
  readonly sizes: SizeHistory;
}

export function createApp(settings: AppSettings, log: Logger): App {
  const state = stateFolder({ platform: process.platform, home: homedir(), env: process.env });
  const inventory = new InventoryKeeper({
    endpoints: async () => reachableCandidates(await readHostFacts(settings.endpoint())),
    folders: settings.folders,
    isWanted: (project) => matchesAny(project, settings.projects?.() ?? []),
    environment: process.env,
    log,
  });
  const journal = new Journal(path.join(state, 'journal'));
  const volumeJournal = new EntryStore(path.join(state, 'volumeJournal'), volumeEntrySchema);
  const halted = new HaltedStore(path.join(state, 'halted'));
  const backups = new Backups(inventory, {
    backupFolder: settings.backupFolder,
    fallbackFolder: path.join(homedir(), 'container-databases'),
    retention: settings.retention ?? (() => undefined),
    offsite: settings.offsite ?? (() => ''),
    halted,
    restoring: async () => (await journal.isOpen()) || volumeJournal.isOpen(),
    ...(settings.encryption === undefined ? {} : { encryption: settings.encryption }),
  });
  const volumeRestores = new VolumeRestores(inventory, backups, volumeJournal, log);
  const smokeTests = new SmokeTests(inventory, backups, path.join(state, 'smoke'));
  const restores = new Restores(inventory, backups, journal, async () => [...(await smokeTests.recover()), ...(await volumeRestores.recover())]);
  const volumes = new Volumes(inventory, backups, new Guards(inventory, backups, halted));
  const { commandLine = process.argv[1] ?? '', endpoint } = settings;
  const scheduling = createSchedules({ folder: path.join(state, 'schedules'), inventory, backups, log, commandLine, endpoint });
  const healths = new Healths(inventory, backups, scheduling.schedules);
  const snapshots = new Snapshots(inventory, journal);
  const moves = new Moves(inventory, backups, restores);
  const migrations = new Migrations(inventory, backups, path.join(state, 'migrations'));
  const rehearsals = new Rehearsals(inventory, restores, migrations);
  const updates = new Updates(inventory, backups, restores, migrations, rehearsals, healths);
  const diagnoses = new Diagnoses(inventory, backups);
  const sizes = new SizeHistory(path.join(state, 'sizes'));
  return {
    inventory,
    backups,
    restores,
    snapshots,
    volumeRestores,
    volumes,
    moves,
    smokeTests,
    diagnoses,
    migrations,
    rehearsals,
    updates,
    healths,
    sizes,
    ...scheduling,
  };
}
