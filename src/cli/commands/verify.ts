import type { Backup } from '../../backup/catalogue';
import type { Inventory, Service } from '../../inventory/model';
import { findService } from '../../inventory/target';
import { Failure } from '../../protocol/failure';
import { textOption, type CliCommand } from '../command';

/** Proves that a backup is what was written and reads whole. */
export const verifyCommand: CliCommand = {
  name: 'verify',
  summary: 'verify a backup: its checksum, and that pg_restore reads it whole',
  argument: ['<file>', 'a backup'],
  options: [['--target <service>', 'the running service whose pg_restore reads it; by default the one that it was made of']],
  run: async ({ app, terminal, signal, argument, options }) => {
    const start = performance.now();
    const backup = await app.backups.read(argument);
    const service = readerFor(app.inventory.current, backup, textOption(options, 'target'));
    const verified = await app.backups.verify(backup, app.inventory.serverOf(service), terminal.operation(signal));
    return {
      value: { file: backup.file, sizeBytes: backup.sizeBytes, verified, seconds: Math.round(performance.now() - start) / 1000 },
      lines: [`${backup.file} is what was written, and reads whole.`],
    };
  },
};

/** The service that a backup was made of, else any that runs a version that can read it. */
function readerFor(inventory: Inventory, { manifest, file }: Backup, wished: string | undefined): Service {
  if (wished !== undefined) return findService(inventory, wished).service;
  const running = inventory.projects.flatMap(({ services }) => services).filter(({ state }) => state === 'running');
  const own = running.find((service) => service.projectName === manifest?.project && service.name === manifest.service);
  const major = Number.parseInt(manifest?.toolVersion ?? '0', 10);
  const any = running.find((service) => (service.postgres.major ?? 0) >= major);
  const found = own ?? any;
  if (found !== undefined) return found;
  throw new Failure(
    'NO_READER',
    `No running service can read ${file}: it needs pg_restore of Postgres ${major || 'any version'}.`,
    'Start the service that it was made of, then verify again.',
  );
}
