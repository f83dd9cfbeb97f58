import { commands } from 'vscode';
import { look } from '../../health/look';
import { readOverview } from '../../health/overview';
import { readTables } from '../../health/statistics';
import type { DatabaseTarget } from '../../inventory/target';
import { messageOf } from '../../protocol/failure';
import { isOverviewRequest, type OverviewMessage, type OverviewRequest, type OverviewSection } from '../../protocol/overview';
import type { CommandContext } from '../commands/command';
import { findDatabaseTool } from '../commands/openDatabaseTool';
import { commandIds, type CommandId } from '../contributions';
import { DatabaseView } from '../databasePanels';
import { overviewView } from '../present/overviewView';
import type { Subject } from '../present/subject';
import { clock, translate as t } from '../translate';
import { overviewSources } from './sources';

/** Shows what is worth knowing of a database in an editor. It is read again when it comes into sight and when its backups change. */
export function showOverview(context: CommandContext, target: DatabaseTarget): void {
  context.panels.show('overview', target, t('Overview of {0}', target.database.name), (panel) => {
    const overview = new Overview(context, target, panel);
    const load = (): void => {
      if (panel.visible) void overview.attempt(() => overview.load());
    };
    return [
      panel.webview.onDidReceiveMessage((message: unknown) => {
        if (isOverviewRequest(message)) void overview.attempt(() => overview.answer(message));
      }),
      panel.onDidChangeViewState(load),
      context.shelf.onDidChange(load),
      context.watch.onDidChange(load),
      context.health.onDidChange(load),
      context.migrations.shelf.onDidChange(load),
    ];
  });
}

class Overview extends DatabaseView<OverviewMessage> {
  async answer(request: OverviewRequest): Promise<void> {
    if (request.kind === 'ready') return this.load();
    const id = commandIds.find((each) => each === request.id);
    if (id !== undefined) await commands.executeCommand(id, { subject: subjectFor(id, await this.present()) });
  }

  async load(): Promise<void> {
    const target = await this.present();
    const { inventory } = await this.context.app();
    const server = inventory.serverOf(target.service);
    const read = await look(server, target.database.name, async (session) => ({ overview: await readOverview(session), tables: await readTables(session) }));
    const all = this.context.shelf.of(target.project);
    const backups = all.filter(({ manifest }) => manifest?.database === target.database.name && manifest.service === target.service.name);
    const tool = await findDatabaseTool(this.context, target.project);
    this.post({ kind: 'overview', view: overviewView(t, { target, ...read, backups, tool, others: await this.others(target) }, clock()) });
  }

  /** One source that fails takes nothing from the others. */
  private async others(target: DatabaseTarget): Promise<readonly OverviewSection[]> {
    const read = overviewSources.map(async (source) => {
      try {
        return await source(this.context, target);
      } catch (error) {
        this.context.log.warn(`A part of the overview of ${target.database.name} cannot be told: ${messageOf(error)}`);
        return undefined;
      }
    });
    return (await Promise.all(read)).filter((section) => section !== undefined);
  }
}

const ofService = new Set<CommandId>([
  'containerDatabases.restart',
  'containerDatabases.stop',
  'containerDatabases.followLogs',
  'containerDatabases.testPersistence',
  'containerDatabases.diagnoseData',
  'containerDatabases.checkCorruption',
  'containerDatabases.showLogs',
]);

/** What a command of a link is called on. */
function subjectFor(id: CommandId, target: DatabaseTarget): Subject {
  const { project, service } = target;
  if (id === 'containerDatabases.backUpVolume') return { kind: 'volume', project, service };
  return ofService.has(id) ? { kind: 'service', project, service } : { kind: 'database', ...target };
}
