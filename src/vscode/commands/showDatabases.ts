import { commands, QuickPickItemKind, ThemeIcon, window, type QuickPickItem } from 'vscode';
import type { Health } from '../../health/model';
import type { Inventory } from '../../inventory/model';
import { formatBytes } from '../../protocol/format';
import { databasesView, type CommandId } from '../contributions';
import { foundChoices } from '../present/healthText';
import { serviceIcon } from '../present/service';
import { missingDatabase, type Subject } from '../present/subject';
import { conditionText, joinParts, tablesText } from '../present/words';
import { translate as t } from '../translate';
import { databaseActions, serviceActions, type Action } from './actions';
import type { Command } from './command';

interface Choice extends QuickPickItem {
  readonly subject?: Subject;
  /** What helps at once, where that is known. */
  readonly command?: CommandId | undefined;
}

/** What a click on the status bar opens: what was found, each with what helps, and the databases, each with all that can be done. */
export const showDatabases: Command = {
  id: 'containerDatabases.showDatabases',
  enabled: () => true,
  async run(context) {
    const inventory = await context.inventory();
    const choices = [...healthChoices(inventory, context.health.all), ...databaseChoices(inventory)];
    const view = { label: t('Show in the side bar'), iconPath: new ThemeIcon('list-tree') };
    const chosen = await window.showQuickPick<Choice>([...choices, { label: '', kind: QuickPickItemKind.Separator }, view], {
      title: t('Container databases'),
      placeHolder: t('Choose a database to see what can be done'),
      matchOnDescription: true,
    });
    if (chosen === view) await commands.executeCommand(`${databasesView}.focus`);
    else if (chosen?.command !== undefined) await commands.executeCommand(chosen.command, { subject: chosen.subject });
    else if (chosen?.subject !== undefined) await runAction(chosen.label, chosen.subject);
  },
};

async function runAction(label: string, subject: Subject): Promise<void> {
  const actions: readonly Action[] = [...databaseActions(t), ...serviceActions(t)].filter(({ enabled }) => enabled(subject));
  const items = actions.map(({ id, label: text, icon }) => ({ label: text, iconPath: new ThemeIcon(icon), id }));
  const chosen = await window.showQuickPick<QuickPickItem & { readonly id: CommandId }>(items, { title: label, placeHolder: t('What is to be done?') });
  if (chosen !== undefined) await commands.executeCommand(chosen.id, { subject });
}

/** What deserves attention, above all else. */
function healthChoices(inventory: Inventory, healths: ReadonlyMap<string, Health>): readonly Choice[] {
  const found = foundChoices(t, inventory, healths).map(({ icon, ...choice }) => ({ ...choice, iconPath: new ThemeIcon(icon) }));
  return found.length === 0 ? [] : [{ label: t('Found'), kind: QuickPickItemKind.Separator }, ...found];
}

/** All databases, and the services without any, under the names of their projects. */
function databaseChoices({ projects }: Inventory): readonly Choice[] {
  return projects.flatMap((project) => [
    { label: project.name, kind: QuickPickItemKind.Separator },
    ...project.services.flatMap((service): readonly Choice[] => {
      const state = conditionText(t, service);
      const missing = missingDatabase(project, service);
      const icon = new ThemeIcon(service.databases.length > 0 ? 'database' : serviceIcon(service).id);
      if (service.databases.length === 0 && missing === undefined) {
        return [{ label: service.name, description: state, iconPath: icon, subject: { kind: 'service', project, service } }];
      }
      const present = service.databases.map((database) => ({
        label: database.name,
        description: joinParts(
          service.name,
          state,
          formatBytes(database.sizeBytes),
          database.tables === undefined ? undefined : tablesText(t, database.tables),
        ),
        iconPath: icon,
        subject: { kind: 'database', project, service, database } as const,
      }));
      if (missing === undefined) return present;
      const { databaseName } = missing;
      const lost = { label: databaseName, description: joinParts(service.name, t('missing')), iconPath: new ThemeIcon('warning') };
      return [...present, { ...lost, subject: { kind: 'missing database', project, service, databaseName } }];
    }),
  ]);
}
