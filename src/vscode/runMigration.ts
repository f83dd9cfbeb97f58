import { window } from 'vscode';
import type { MigrationAction } from '../migrations/actions/action';
import { changesDatabase } from '../migrations/actions/action';
import type { ActionResult, ToolPlan } from '../migrations/migrations';
import type { FoundMigrations } from '../migrations/survey';
import type { DatabaseTarget } from '../inventory/target';
import { cancelledCode, Failure } from '../protocol/failure';
import type { CommandContext } from './commands/command';
import { migrationQuestion, placeText } from './present/migrationQuestion';
import { translate as t } from './translate';

/** Plans an action, asks where it changes the database, runs it and shows the tool's output. Undefined when the user thought better of it. */
export async function runMigration(
  context: CommandContext,
  target: DatabaseTarget,
  found: FoundMigrations,
  action: MigrationAction,
): Promise<ActionResult | undefined> {
  const { migrations } = await context.app();
  const plan = await context.operation(t('Looking for the tool of the migrations'), (operation) => migrations.plan(target, found, action, operation));
  const backup = changesDatabase(action) ? await wantsBackup(plan) : false;
  if (backup === undefined) return undefined;
  const key = backup ? await context.encryption.forNew(target.project.name, 'safety') : undefined;
  const { channel } = context.migrations;
  channel.appendLine(`$ ${plan.text}    # ${placeText(t, plan)}`);
  channel.show(true);
  try {
    const result = await context.operation(t('Running "{0}"', plan.text), (operation) =>
      migrations.run(plan, { backup, key: key ?? 'none', onOutput: (text) => channel.append(text) }, operation),
    );
    channel.appendLine('');
    return result;
  } catch (error) {
    if (error instanceof Failure && error.code !== cancelledCode) channel.appendLine(`${error.message} ${error.remedy}\n`);
    throw error;
  } finally {
    await Promise.all([context.migrations.shelf.refresh(), changesDatabase(action) ? context.shelf.refresh() : undefined]);
  }
}

async function wantsBackup(plan: ToolPlan): Promise<boolean | undefined> {
  const { message, detail, buttons } = migrationQuestion(t, plan);
  const pressed = await window.showWarningMessage(message, { modal: true, detail }, ...buttons);
  return pressed === undefined ? undefined : pressed === buttons[0];
}
