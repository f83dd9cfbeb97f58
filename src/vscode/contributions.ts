/** Ids that package.json contributes. A test holds both sides equal. */
export const commandIds = [
  'containerDatabases.backUp',
  'containerDatabases.backUpWithOptions',
  'containerDatabases.restore',
  'containerDatabases.undoRestore',
  'containerDatabases.takeSnapshot',
  'containerDatabases.rollBack',
  'containerDatabases.renameSnapshot',
  'containerDatabases.deleteSnapshot',
  'containerDatabases.verifyBackup',
  'containerDatabases.testRestore',
  'containerDatabases.rebuildManifest',
  'containerDatabases.showBackup',
  'containerDatabases.compareBackups',
  'containerDatabases.revealBackup',
  'containerDatabases.copyPath',
  'containerDatabases.deleteBackup',
  'containerDatabases.backUpVolume',
  'containerDatabases.removeVolume',
  'containerDatabases.down',
  'containerDatabases.downWithVolumes',
  'containerDatabases.resetToFresh',
  'containerDatabases.dropDatabase',
  'containerDatabases.restoreVolume',
  'containerDatabases.undoVolumeRestore',
  'containerDatabases.inspectVolume',
  'containerDatabases.cloneVolume',
  'containerDatabases.importVolume',
  'containerDatabases.fixVolumeOwner',
  'containerDatabases.testPersistence',
  'containerDatabases.showPersistenceReport',
  'containerDatabases.checkCorruption',
  'containerDatabases.diagnoseData',
  'containerDatabases.copyDatabase',
  'containerDatabases.exportDatabases',
  'containerDatabases.importDatabases',
  'containerDatabases.downloadBackup',
  'containerDatabases.pruneBackups',
  'containerDatabases.sortBackups',
  'containerDatabases.filterBackups',
  'containerDatabases.clearBackupFilter',
  'containerDatabases.forgetPassphrase',
  'containerDatabases.scheduleBackups',
  'containerDatabases.changeSchedule',
  'containerDatabases.removeSchedule',
  'containerDatabases.showMigrations',
  'containerDatabases.openMigration',
  'containerDatabases.upgradeMigrations',
  'containerDatabases.downgradeMigrations',
  'containerDatabases.previewMigrations',
  'containerDatabases.newRevision',
  'containerDatabases.mergeHeads',
  'containerDatabases.stampRevision',
  'containerDatabases.askMigrationTool',
  'containerDatabases.assignMigrations',
  'containerDatabases.runInitAgain',
  'containerDatabases.rehearse',
  'containerDatabases.updateSafely',
  'containerDatabases.compareSchemas',
  'containerDatabases.draftChanges',
  'containerDatabases.mergeData',
  'containerDatabases.validateDatabase',
  'containerDatabases.openPsql',
  'containerDatabases.showLogs',
  'containerDatabases.showOverview',
  'containerDatabases.showStatistics',
  'containerDatabases.showActivity',
  'containerDatabases.runSql',
  'containerDatabases.followLogs',
  'containerDatabases.openDatabaseTool',
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
  'containerDatabases.encryption',
  'containerDatabases.recipients',
  'containerDatabases.statusBar',
  'containerDatabases.logLevel',
  'containerDatabases.offsite',
  'containerDatabases.healthLimits',
  'containerDatabases.healthUrls',
  'containerDatabases.notifications',
  'containerDatabases.lint.enabled',
  'containerDatabases.lint.profile',
  'containerDatabases.lint.severity',
  'containerDatabases.snapshotsKept',
  'containerDatabases.offerSnapshots',
] as const;

export const databasesView = 'containerDatabases.databases';

/** The view of all backups, by database. */
export const backupsView = 'containerDatabases.backups';

/** What the view's welcome texts depend on; see `viewsWelcome` in package.json. */
export const stateContextKey = 'containerDatabases.state';

/** What the welcome texts of the backups depend on. */
export const backupsContextKey = 'containerDatabases.backupsState';

/** Whether some of the backups may be hidden. */
export const filteredContextKey = 'containerDatabases.backupsFiltered';

/** The documents that compare two backups. */
export const comparisonScheme = 'container-databases-comparison';

/** The pages about rules for migrations. */
export const rulePageScheme = 'container-databases-rule';

/** The documents that show an object of a schema. */
export const schemaScheme = 'container-databases-schema';

/** The documents that show what SQL gave. */
export const sqlResultScheme = 'container-databases-result';

/** The type of the tasks that start services and check migrations. */
export const taskType = 'containerDatabases';
