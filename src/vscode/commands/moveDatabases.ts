import { Uri, window } from 'vscode';
import path from 'node:path';
import { formatBytes, formatCount } from '../../protocol/format';
import type { ImportResult } from '../../restore/move/moves';
import { askFirst } from '../askFirst';
import { pickOne } from '../picks';
import { clock, translate as t } from '../translate';
import type { Command } from './command';
import { reveal } from './revealBackup';
import { targetService } from './targets';

export const exportDatabases: Command = {
  id: 'containerDatabases.exportDatabases',
  enabled: (subject) => subject === undefined || (subject.kind === 'service' && subject.service.state === 'running'),
  async run(context, subject) {
    const place = await targetService(context, subject, ({ databases }) => databases.length > 0, t('Export the databases of which service?'));
    if (place === undefined) return undefined;
    const { project, service } = place;
    const day = clock().now.toISOString().slice(0, 10);
    const defaultUri = Uri.file(path.join(project.folder ?? '', `${project.name}-${service.name}-${day}.tar`));
    const file = await window.showSaveDialog({
      title: t('Export for another machine'),
      saveLabel: t('Export'),
      defaultUri,
      filters: { [t('One file')]: ['tar'], [t('A folder')]: ['*'] },
    });
    if (file === undefined) return undefined;
    const { moves } = await context.app();
    const result = await context.operation(t('Exporting {0}', service.name), (operation) => moves.export(place, file.fsPath, operation));
    const size = formatBytes(result.databases.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
    const message = t(
      'Exported {0} of {1}: {2}, with the roles. "Import databases…" on the other machine takes it.',
      namesText(result.databases),
      service.name,
      size,
    );
    context.log.info(`${message} ${result.to}`);
    void window.showInformationMessage(message, t('Reveal')).then((pressed) => (pressed === undefined ? undefined : reveal(context, result.to)));
    return result.to;
  },
};

export const importDatabases: Command = {
  id: 'containerDatabases.importDatabases',
  enabled: (subject) => subject === undefined || (subject.kind === 'service' && subject.service.state === 'running'),
  async run(context, subject) {
    const place = await targetService(context, subject, ({ state }) => state === 'running', t('Import databases into which service?'));
    if (place === undefined) return undefined;
    const from = await pickOne(
      [
        { label: t('One file'), value: 'file' as const },
        { label: t('A folder'), value: 'folder' as const },
      ],
      t('What was exported on the other machine?'),
    );
    if (from === undefined) return undefined;
    const what =
      from === 'file' ? { canSelectFiles: true, filters: { [t('Exported databases')]: ['tar'] } } : { canSelectFolders: true, canSelectFiles: false };
    const [chosen] = (await window.showOpenDialog({ title: t('Import databases'), openLabel: t('Import'), ...what })) ?? [];
    if (chosen === undefined) return undefined;
    const { moves } = await context.app();
    const bundle = await moves.read(chosen.fsPath);
    const { project, service } = place;
    const lines = bundle.databases.map(({ name, sizeBytes }) =>
      service.databases.some((database) => database.name === name)
        ? t('"{0}" ({1}) replaces the present one, which is backed up, and kept for a day as undo.', name, formatBytes(sizeBytes))
        : t('"{0}" ({1}) is made.', name, formatBytes(sizeBytes)),
    );
    const detail = [
      t('Exported from {0}, Postgres {1}', `${bundle.project}/${bundle.service}`, bundle.serverVersion),
      ...lines,
      t('Roles that are missing are made first.'),
    ];
    const message = t('Import {0} databases into {1}?', bundle.databases.length, `${project.name}/${service.name}`);
    if (!(await askFirst({ message, detail: detail.map((line) => `• ${line}`).join('\n'), button: t('Import') }))) return undefined;
    let result: ImportResult;
    try {
      result = await context.operation(t('Importing into {0}', service.name), (operation) => moves.import(chosen.fsPath, place, undefined, operation));
    } finally {
      await Promise.all([context.watch.refresh(), context.shelf.refresh()]);
    }
    const rows = formatCount(result.databases.reduce((sum, each) => sum + each.rows, 0));
    void window.showInformationMessage(t('Imported {0}: {1} rows.', namesText(bundle.databases), rows));
    return result;
  },
};

function namesText(databases: readonly { readonly name: string }[]): string {
  return databases.map(({ name }) => `"${name}"`).join(', ');
}
