/** Ids that package.json contributes. A test holds both sides equal. */
export const commandIds = [
  'containerDatabases.backUp',
  'containerDatabases.restore',
  'containerDatabases.undoRestore',
  'containerDatabases.verifyBackup',
  'containerDatabases.showBackup',
  'containerDatabases.revealBackup',
  'containerDatabases.deleteBackup',
  'containerDatabases.backUpVolume',
  'containerDatabases.downloadBackup',
  'containerDatabases.pruneBackups',
  'containerDatabases.scheduleBackups',
  'containerDatabases.changeSchedule',
  'containerDatabases.removeSchedule',
  'containerDatabases.openPsql',
  'containerDatabases.showLogs',
  'containerDatabases.start',
  'containerDatabases.stop',
  'containerDatabases.restart',
  'containerDatabases.copyConnectionString',
  'containerDatabases.copyName',
  'containerDatabases.showDatabases',
  'containerDatabases.showProblem',
  'containerDatabases.refresh',
  'containerDatabases.showOutput',
] as const;

export type CommandId = (typeof commandIds)[number];

export const settingKeys = [
  'containerDatabases.endpoint',
  'containerDatabases.backupFolder',
  'containerDatabases.retention',
  'containerDatabases.statusBar',
  'containerDatabases.logLevel',
  'containerDatabases.offsite',
] as const;

export const databasesView = 'containerDatabases.databases';

/** What the view's welcome texts depend on; see `viewsWelcome` in package.json. */
export const stateContextKey = 'containerDatabases.state';

/** The type of the tasks that start services. */
export const taskType = 'containerDatabases';
