import type { Backup } from '../../backup/catalogue';
import type { Inventory, Service } from '../../inventory/model';
import { findService } from '../../inventory/target';
import type { Proof } from '../../backup/verify';
import { Failure } from '../../protocol/failure';
import { formatCount } from '../../protocol/format';
import { decryptionKeyOf, decryptionOptions } from '../encryptionKeys';
import { choiceOption, textOption, type CliCommand } from '../command';

const levels = ['hash', 'read', 'restored'] as const;
const words = {
  hash: 'is what was written',
  read: 'is what was written, and reads whole',
  restored: 'was restored into a scratch database, with all its rows',
};

/** Proves that a backup is good, as far as is asked. */
export const verifyCommand: CliCommand = {
  name: 'verify',
  summary: 'verify a backup: its checksum, that it reads whole, or that it can be restored',
  argument: ['<file>', 'a backup'],
  options: [
    ['--level <level>', 'hash, read or restored; read when left out'],
    ['--target <service>', 'the running service whose programs do it; by default the one that it was made of'],
    ['--rebuild', 'read a dump that has lost its manifest, or never had one, and write one'],
    ...decryptionOptions,
  ],
  run: async ({ app, terminal, signal, argument, options }) => {
    const start = performance.now();
    const operation = terminal.operation(signal);
    const backup = await opened();
    const level = choiceOption(options, 'level', levels) ?? 'read';
    const { verified, ...counts } = await prove();
    const rows = counts.rows === undefined ? '' : ` (${formatCount(counts.rows)} rows)`;
    return {
      value: { file: backup.file, sizeBytes: backup.sizeBytes, level, verified, ...counts, seconds: Math.round(performance.now() - start) / 1000 },
      lines: [`${backup.file} ${words[level]}${rows}.`],
    };

    /** The backup, with a manifest where one is to be made. */
    async function opened(): Promise<Backup> {
      const found = await app.backups.read(argument);
      if (options['rebuild'] !== true || found.manifest !== undefined) return found;
      const service = readerFor(app.inventory.current, found, textOption(options, 'target'));
      await app.backups.rebuildManifest(found, service, undefined, operation);
      return app.backups.read(argument);
    }

    async function prove(): Promise<Proof> {
      if (level === 'hash') return app.backups.verify(backup, undefined, operation);
      const service = readerFor(app.inventory.current, backup, textOption(options, 'target'));
      const key = await decryptionKeyOf(options);
      const reader = { server: app.inventory.serverOf(service), ...(key === undefined ? {} : { key }) };
      return level === 'restored' ? app.restores.test(backup, reader, operation) : app.backups.verify(backup, reader, operation);
    }
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
