import { Uri, window } from 'vscode';
import path from 'node:path';
import { targetName } from '../../inventory/target';
import { pickOne } from '../picks';
import { translate as t } from '../translate';
import type { Command } from './command';
import { isAboutMigrations, targetMigrations } from './migrationTarget';

export const showMigrations: Command = {
  id: 'containerDatabases.showMigrations',
  enabled: isAboutMigrations,
  async run(context, subject) {
    const chosen = await targetMigrations(context, subject, t('Show the migrations of which database?'));
    if (chosen === undefined) return undefined;
    const { project, service, database, found } = chosen;
    await context.migrations.show({ kind: 'migrations', project, service, database, found });
    return targetName(chosen);
  },
};

export const openMigration: Command = {
  id: 'containerDatabases.openMigration',
  enabled: (subject) => subject === undefined || subject.kind === 'migration',
  async run(context, subject) {
    const chosen = await targetMigrations(context, subject, t('Open a migration of which database?'));
    const { source, status } = chosen?.found ?? {};
    if (chosen === undefined || source === undefined || status === undefined) return undefined;
    const choices = status.revisions.toReversed().map((value) => ({ label: value.name === '' ? value.id : value.name, description: value.id, value }));
    const revision = chosen.revision ?? (await pickOne(choices, t('Open which migration?')));
    if (revision === undefined || revision.file === '') return undefined;
    const file = path.join(source.base, revision.file);
    await window.showTextDocument(Uri.file(file));
    return file;
  },
};

export const assignMigrations: Command = {
  id: 'containerDatabases.assignMigrations',
  enabled: (subject) => subject === undefined || subject.kind === 'unclear migrations',
  async run({ migrations: { shelf } }, subject) {
    await shelf.refresh();
    const unclear = shelf.current?.unclear ?? [];
    const location = (each: (typeof unclear)[number]): string => each.source.facts.locations[0] ?? each.source.facts.root;
    const chosen =
      subject?.kind === 'unclear migrations'
        ? unclear.find((each) => location(each) === location(subject.unclear))
        : await pickOne(
            unclear.map((value) => ({ label: location(value), value })),
            t('Which migrations?'),
          );
    if (chosen === undefined) {
      void window.showInformationMessage(t('It is clear of all migrations which database they are for.'));
      return undefined;
    }
    const names = await window.showQuickPick([...chosen.choices], {
      title: t('{0}: for which databases?', location(chosen)),
      placeHolder: t('It is asked once'),
      canPickMany: true,
    });
    if (names === undefined || names.length === 0) return undefined;
    await shelf.assign(location(chosen), names);
    return names;
  },
};
