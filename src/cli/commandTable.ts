import type { CliCommand, CliCommandGroup, EitherCommand, PlainCommand } from './command';

export type AnyCommand = CliCommand | PlainCommand | EitherCommand;

/** Every command by its first word. Each is loaded when it is meant: most need much that the others do not. */
export const commandTable: Readonly<Record<string, () => Promise<AnyCommand | CliCommandGroup>>> = {
  list: async () => (await import('./commands/list')).listCommand,
  info: async () => (await import('./commands/info')).infoCommand,
  health: async () => (await import('./commands/health')).healthCommand,
  stats: async () => (await import('./commands/stats')).statsCommand,
  backup: async () => (await import('./commands/backup')).backupCommand,
  backups: async () => (await import('./commands/backups')).backupsCommand,
  verify: async () => (await import('./commands/verify')).verifyCommand,
  prune: async () => (await import('./commands/prune')).pruneCommand,
  restore: async () => (await import('./commands/restore')).restoreCommand,
  undo: async () => (await import('./commands/undo')).undoCommand,
  snapshot: async () => (await import('./commands/snapshot')).snapshotCommands,
  rollback: async () => (await import('./commands/rollback')).rollbackCommand,
  lint: async () => (await import('./commands/lint')).lintCommand,
  schedule: async () => (await import('./commands/schedule')).scheduleCommands,
  offsite: async () => (await import('./commands/offsite')).offsiteCommands,
  smoke: async () => (await import('./commands/smoke')).smokeCommand,
  diagnose: async () => (await import('./commands/diagnose')).diagnoseCommand,
  migrations: async () => (await import('./commands/migrations')).migrationCommands,
  update: async () => (await import('./commands/update')).updateCommand,
  compare: async () => (await import('./commands/compare')).compareCommand,
  merge: async () => (await import('./commands/merge')).mergeCommand,
  validate: async () => (await import('./commands/validate')).validateCommand,
  volume: async () => (await import('./commands/volume')).volumeCommands,
  export: async () => (await import('./commands/move')).exportCommand,
  import: async () => (await import('./commands/move')).importCommand,
  doctor: async () => (await import('./commands/doctor')).doctorCommand,
};
