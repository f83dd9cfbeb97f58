import { findDatabase, targetName } from '../../inventory/target';
import { formatBytes, formatDuration } from '../../protocol/format';
import { folderOption, type CliCommand } from '../command';

/** Backs one database up. */
export const backupCommand: CliCommand = {
  name: 'backup',
  summary: 'back a database up, verified by reading it whole',
  argument: ['<target>', 'project/service/database, or any shorter form that fits only one'],
  options: [],
  run: async ({ app, terminal, signal, argument, options }) => {
    const start = performance.now();
    const target = findDatabase(app.inventory.current, argument);
    const backup = await app.backups.backUp(target, { reason: 'manual', ...folderOption(options) }, terminal.operation(signal));
    const milliseconds = performance.now() - start;
    const { manifest, file, sizeBytes } = backup;
    return {
      value: {
        file,
        sizeBytes,
        sha256: manifest?.sha256,
        verified: manifest?.verified,
        seconds: Math.round(milliseconds) / 1000,
        database: targetName(target),
      },
      lines: [file, `${formatBytes(sizeBytes)}, read whole, in ${formatDuration(milliseconds)}`],
    };
  },
};
