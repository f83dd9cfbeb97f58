import { ViewColumn, window } from 'vscode';
import { targetName } from '../../inventory/target';
import { updateLines } from '../../migrations/update/reportText';
import { placeText } from '../present/migrationQuestion';
import { healthSettings } from '../settings';
import { translate as t } from '../translate';
import type { Command } from './command';
import { isAboutMigrations, targetMigrations } from './migrationTarget';

/** Upgrades a database with a net: backed up, rehearsed on a copy, validated, and taken back if that is wished. */
export const updateSafely: Command = {
  id: 'containerDatabases.updateSafely',
  enabled: isAboutMigrations,
  async run(context, subject) {
    const chosen = await targetMigrations(context, subject, t('Update which database?'));
    if (chosen === undefined) return undefined;
    if (chosen.found.status.pending.length === 0) {
      void window.showInformationMessage(t('Every migration of "{0}" is applied.', chosen.database.name));
      return undefined;
    }
    const { migrations, updates } = await context.app();
    const to = chosen.revision === undefined ? ({ kind: 'all' } as const) : ({ kind: 'revision', revision: chosen.revision.id } as const);
    const plan = await context.operation(t('Looking for the tool of the migrations'), (operation) =>
      migrations.plan(chosen, chosen.found, { kind: 'upgrade', to }, operation),
    );
    const { dependents } = chosen.service;
    const restoreOnFailure = t('Update, and restore if it fails');
    const detail = [
      t(
        'It is backed up, and the migrations are rehearsed on a copy made of the backup. Only when they run through there, "{0}" is run {1}.',
        plan.text,
        placeText(t, plan),
      ),
      t('Afterwards the database is validated, and compared with what it was.'),
      ...(dependents.length === 0 ? [] : [t('Then what uses it and runs is restarted: {0}.', dependents.join(', '))]),
    ].join('\n\n');
    const pressed = await window.showWarningMessage(t('Update "{0}"?', chosen.database.name), { modal: true, detail }, restoreOnFailure, t('Update'));
    if (pressed === undefined) return undefined;
    const key = await context.encryption.forNew(chosen.project.name, 'safety');
    const { channel } = context.migrations;
    const wishes = {
      restart: dependents.length > 0,
      health: healthSettings(),
      restoreOnFailure: pressed === restoreOnFailure,
      ...(key === undefined ? {} : { key }),
    };
    const report = await context.operation(t('Updating "{0}"', chosen.database.name), async (operation) => {
      try {
        return await updates.run(plan, { ...wishes, onOutput: (text) => channel.append(text) }, operation);
      } finally {
        await Promise.all([context.migrations.shelf.refresh(), context.shelf.refresh()]);
      }
    });
    await context.sqlResults.show(t('Update of {0}', chosen.database.name), `${updateLines(targetName(chosen), report).join('\n')}\n`, ViewColumn.Active);
    return report.state;
  },
};
