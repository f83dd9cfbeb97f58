import { Failure } from '../../protocol/failure';
import { formatBytes, formatCount } from '../../protocol/format';
import { findService } from '../../inventory/target';
import { confirmationMissing, textOption, type CliCommand } from '../command';
import { decryptionKeyOf, decryptionOptions } from '../encryptionKeys';

const target = ['<target>', 'project/service, or any shorter form that fits only one'] as const;

/** Puts a service's databases into a folder for another machine. */
export const exportCommand: CliCommand = {
  name: 'export',
  summary: 'back all databases of a service up for another machine, with its roles and a short manifest',
  argument: target,
  options: [['--to <path>', 'a new folder, or one file whose name ends with .tar']],
  run: async ({ app, terminal, signal, argument, options }) => {
    const to = textOption(options, 'to');
    if (to === undefined) throw new Failure('USAGE', 'It is not said where to.', 'Add --to FOLDER, or --to FILE.tar.');
    const result = await app.moves.export(findService(app.inventory.current, argument), to, terminal.operation(signal));
    const lines = result.databases.map(({ name, sizeBytes }) => `${name}: ${formatBytes(sizeBytes)}`);
    return { value: result, lines: [...lines, `Take ${result.to} to the other machine, and "import" it there.`] };
  },
};

/** Restores what another machine exported. */
export const importCommand: CliCommand = {
  name: 'import',
  summary: 'restore what was exported on another machine, with the roles that are missing here',
  argument: ['<path>', 'the folder, or the file that ends with .tar'],
  options: [
    ['--into <target>', 'project/service that gets the databases'],
    ['--yes', 'do it without asking'],
    ['--dry-run', 'print what it holds, and do nothing'],
    ...decryptionOptions,
  ],
  run: async ({ app, terminal, signal, argument, options }) => {
    const into = textOption(options, 'into');
    if (into === undefined) throw new Failure('USAGE', 'It is not said where to.', 'Add --into TARGET.');
    const place = findService(app.inventory.current, into);
    const bundle = await app.moves.read(argument);
    const lines = bundle.databases.map(({ name, sizeBytes }) => {
      const present = place.service.databases.some((database) => database.name === name);
      return `restore "${name}" (${formatBytes(sizeBytes)})${present ? '; the present one is backed up, and kept for a day as undo' : ''}`;
    });
    if (options['dryRun'] === true) return { value: { export: bundle, steps: lines }, lines };
    if (options['yes'] !== true) {
      lines.forEach((line) => terminal.note(`- ${line}`));
      throw confirmationMissing(`This restores databases into ${place.project.name}/${place.service.name}.`);
    }
    const result = await app.moves.import(argument, place, await decryptionKeyOf(options), terminal.operation(signal));
    const done = result.databases.map(({ database, tables, rows }) => `${database}: ${formatCount(tables)} tables, ${formatCount(rows)} rows`);
    return { value: result, lines: [...done, ...(result.roles === 0 ? [] : [`Roles that were missing: ${result.roles}`])] };
  },
};
