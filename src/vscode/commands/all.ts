import type { CommandId } from '../contributions';
import { clearBackupFilter, filterBackups, sortBackups } from './arrangeBackups';
import { backUp } from './backUp';
import { backUpWithOptions } from './backUpWithOptions';
import type { Command } from './command';
import { compareSchemas, draftSchemaChanges } from './compareSchemas';
import { checkCorruption } from './checkCorruption';
import { rehearse } from './rehearse';
import { mergeData } from './mergeData';
import { updateSafely } from './updateSafely';
import { validateDatabase } from './validateDatabase';
import { compareBackups } from './compareBackups';
import { copyConnectionString } from './copyConnectionString';
import { copyName } from './copyName';
import { copyPath } from './copyPath';
import { showActivity, showOverview, showStatistics } from './databaseViews';
import { diagnoseData } from './diagnoseData';
import { deleteBackup } from './deleteBackup';
import { followLogs } from './followLogs';
import { forgetPassphrase } from './forgetPassphrase';
import { askMigrationTool, mergeHeads, newRevision } from './reviseMigrations';
import { assignMigrations, openMigration, showMigrations } from './showMigrations';
import { downgradeMigrations, previewMigrations, stampRevision, upgradeMigrations } from './migrate';
import { openDatabaseTool } from './openDatabaseTool';
import { openPsql } from './openPsql';
import { runInitAgain } from './runInitAgain';
import { backUpVolume } from './backUpVolume';
import { downloadBackup } from './downloadBackup';
import { down, downWithVolumes, dropDatabase, removeVolume, resetToFresh } from './guards';
import { copyDatabase } from './copyDatabase';
import { exportDatabases, importDatabases } from './moveDatabases';
import { restoreVolume, undoVolumeRestore } from './restoreVolume';
import { cloneVolume, fixVolumeOwner, importVolume, inspectVolume } from './volumes';
import { pruneBackups } from './pruneBackups';
import { rebuildManifest } from './rebuildManifest';
import { refresh } from './refresh';
import { restart } from './restart';
import { restore } from './restore';
import { revealBackup } from './revealBackup';
import { runSql } from './runSql';
import { changeSchedule, removeSchedule, scheduleBackups } from './schedule';
import { showBackup } from './showBackup';
import { showDatabases } from './showDatabases';
import { showLogs } from './showLogs';
import { showOutput } from './showOutput';
import { showProblem } from './showProblem';
import { deleteSnapshot, renameSnapshot, rollBack, takeSnapshot } from './snapshots';
import { showPersistenceReport, testPersistence } from './smoke';
import { start } from './start';
import { stop } from './stop';
import { testRestore } from './testRestore';
import { undoRestore } from './undoRestore';
import { verifyBackup } from './verifyBackup';

/** Every command under its id: a missing one does not compile. */
const commands: Readonly<Record<CommandId, Command>> = {
  'containerDatabases.backUp': backUp,
  'containerDatabases.backUpWithOptions': backUpWithOptions,
  'containerDatabases.restore': restore,
  'containerDatabases.undoRestore': undoRestore,
  'containerDatabases.takeSnapshot': takeSnapshot,
  'containerDatabases.rollBack': rollBack,
  'containerDatabases.renameSnapshot': renameSnapshot,
  'containerDatabases.deleteSnapshot': deleteSnapshot,
  'containerDatabases.verifyBackup': verifyBackup,
  'containerDatabases.testRestore': testRestore,
  'containerDatabases.rebuildManifest': rebuildManifest,
  'containerDatabases.showBackup': showBackup,
  'containerDatabases.compareBackups': compareBackups,
  'containerDatabases.revealBackup': revealBackup,
  'containerDatabases.copyPath': copyPath,
  'containerDatabases.deleteBackup': deleteBackup,
  'containerDatabases.backUpVolume': backUpVolume,
  'containerDatabases.removeVolume': removeVolume,
  'containerDatabases.down': down,
  'containerDatabases.downWithVolumes': downWithVolumes,
  'containerDatabases.resetToFresh': resetToFresh,
  'containerDatabases.dropDatabase': dropDatabase,
  'containerDatabases.restoreVolume': restoreVolume,
  'containerDatabases.undoVolumeRestore': undoVolumeRestore,
  'containerDatabases.inspectVolume': inspectVolume,
  'containerDatabases.cloneVolume': cloneVolume,
  'containerDatabases.importVolume': importVolume,
  'containerDatabases.fixVolumeOwner': fixVolumeOwner,
  'containerDatabases.testPersistence': testPersistence,
  'containerDatabases.showPersistenceReport': showPersistenceReport,
  'containerDatabases.checkCorruption': checkCorruption,
  'containerDatabases.diagnoseData': diagnoseData,
  'containerDatabases.copyDatabase': copyDatabase,
  'containerDatabases.exportDatabases': exportDatabases,
  'containerDatabases.importDatabases': importDatabases,
  'containerDatabases.downloadBackup': downloadBackup,
  'containerDatabases.pruneBackups': pruneBackups,
  'containerDatabases.sortBackups': sortBackups,
  'containerDatabases.filterBackups': filterBackups,
  'containerDatabases.clearBackupFilter': clearBackupFilter,
  'containerDatabases.forgetPassphrase': forgetPassphrase,
  'containerDatabases.scheduleBackups': scheduleBackups,
  'containerDatabases.changeSchedule': changeSchedule,
  'containerDatabases.removeSchedule': removeSchedule,
  'containerDatabases.showMigrations': showMigrations,
  'containerDatabases.openMigration': openMigration,
  'containerDatabases.upgradeMigrations': upgradeMigrations,
  'containerDatabases.downgradeMigrations': downgradeMigrations,
  'containerDatabases.previewMigrations': previewMigrations,
  'containerDatabases.newRevision': newRevision,
  'containerDatabases.mergeHeads': mergeHeads,
  'containerDatabases.stampRevision': stampRevision,
  'containerDatabases.askMigrationTool': askMigrationTool,
  'containerDatabases.assignMigrations': assignMigrations,
  'containerDatabases.runInitAgain': runInitAgain,
  'containerDatabases.rehearse': rehearse,
  'containerDatabases.updateSafely': updateSafely,
  'containerDatabases.compareSchemas': compareSchemas,
  'containerDatabases.draftChanges': draftSchemaChanges,
  'containerDatabases.mergeData': mergeData,
  'containerDatabases.validateDatabase': validateDatabase,
  'containerDatabases.openPsql': openPsql,
  'containerDatabases.showLogs': showLogs,
  'containerDatabases.showOverview': showOverview,
  'containerDatabases.showStatistics': showStatistics,
  'containerDatabases.showActivity': showActivity,
  'containerDatabases.runSql': runSql,
  'containerDatabases.followLogs': followLogs,
  'containerDatabases.openDatabaseTool': openDatabaseTool,
  'containerDatabases.start': start,
  'containerDatabases.stop': stop,
  'containerDatabases.restart': restart,
  'containerDatabases.copyConnectionString': copyConnectionString,
  'containerDatabases.copyName': copyName,
  'containerDatabases.showDatabases': showDatabases,
  'containerDatabases.showProblem': showProblem,
  'containerDatabases.refresh': refresh,
  'containerDatabases.showOutput': showOutput,
};

export const allCommands: readonly Command[] = Object.values(commands);
