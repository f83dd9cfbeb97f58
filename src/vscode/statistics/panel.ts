import { env, Uri, window, workspace, type WebviewPanel } from 'vscode';
import path from 'node:path';
import { readIndexes } from '../../health/indexes';
import { look } from '../../health/look';
import { maintain, selectStatement } from '../../health/maintenance';
import { sampleOf, sizesOver, type SizeSample } from '../../health/sizeHistory';
import { countExactly, readTableName, readTables } from '../../health/statistics';
import { readTableDetail } from '../../health/tableDetail';
import { tablesAsCsv, tablesAsMarkdown } from '../../health/tableExport';
import { targetName, type DatabaseTarget } from '../../inventory/target';
import { withSession, type Session } from '../../postgres/session';
import { messageOf } from '../../protocol/failure';
import {
  isStatisticsRequest,
  type ExportFormat,
  type StatisticsMessage,
  type StatisticsRequest,
  type TableAction,
  type TableFigures,
} from '../../protocol/statistics';
import { makeBackups } from '../commands/backUp';
import type { CommandContext } from '../commands/command';
import { DatabaseView, postTo } from '../databasePanels';
import { statisticsView } from '../present/statisticsView';
import { clock, translate as t } from '../translate';

/** Shows the tables of a database in an editor, one of them from near if that is wished. */
export function showStatistics(context: CommandContext, target: DatabaseTarget, table?: number): void {
  const title = t('Tables of {0}', target.database.name);
  const panel = context.panels.show('statistics', target, title, (made) => {
    const statistics = new Statistics(context, target, made, table);
    return [
      made.webview.onDidReceiveMessage((message: unknown) => {
        if (isStatisticsRequest(message)) void statistics.attempt(() => statistics.answer(message));
      }),
    ];
  });
  if (table !== undefined) postTo(panel, { kind: 'open', oid: table } satisfies StatisticsMessage);
}

class Statistics extends DatabaseView<StatisticsMessage> {
  private tables: readonly TableFigures[] = [];
  private samples: readonly SizeSample[] = [];

  constructor(
    context: CommandContext,
    target: DatabaseTarget,
    panel: WebviewPanel,
    private first: number | undefined,
  ) {
    super(context, target, panel);
  }

  async answer(request: StatisticsRequest): Promise<void> {
    switch (request.kind) {
      case 'ready':
        return this.load();
      case 'refresh':
        await this.context.watch.refresh();
        return this.load();
      case 'indexes':
        return this.post({ kind: 'indexes', indexes: await this.ask((session) => readIndexes(session)) });
      case 'detail':
        return this.sendDetail(request.oid);
      case 'export':
        return this.export(request.format, request.oids);
      case 'run':
        return this.run(request.action, request.oid);
    }
  }

  private async ask<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const { service, database } = await this.present();
    const { inventory } = await this.context.app();
    return look(inventory.serverOf(service), database.name, work);
  }

  private async load(): Promise<void> {
    const { service, project, database } = await this.present();
    const { tables, sizeBytes } = await this.ask(async (session) => {
      const [size] = await session.query<{ bytes: number }>('SELECT pg_catalog.pg_database_size(current_database()) AS bytes');
      return { tables: await readTables(session), sizeBytes: size?.bytes ?? 0 };
    });
    this.tables = tables;
    this.samples = await this.remember(sizeBytes);
    const place = { name: database.name, service: `${project.name}/${service.name}`, sizeBytes };
    this.post({ kind: 'statistics', view: statisticsView(t, place, tables, sizesOver(this.samples), clock()) });
    if (this.first !== undefined) this.post({ kind: 'open', oid: this.first });
    this.first = undefined;
  }

  /** A past that cannot be kept is no reason to show nothing. */
  private async remember(sizeBytes: number): Promise<readonly SizeSample[]> {
    const sample = sampleOf(Date.now(), sizeBytes, this.tables);
    try {
      const { sizes } = await this.context.app();
      return await sizes.add(`${this.target.service.id}|${targetName(this.target)}`, sample);
    } catch (error) {
      this.context.log.warn(`The sizes of ${targetName(this.target)} cannot be remembered: ${messageOf(error)}`);
      return [sample];
    }
  }

  private async sendDetail(oid: number): Promise<void> {
    const detail = await this.ask((session) => readTableDetail(session, oid));
    const table = this.tables.find((each) => each.oid === oid);
    this.post({ kind: 'detail', detail: { ...detail, history: table === undefined ? [] : sizesOver(this.samples, table) } });
  }

  private async run(action: TableAction, oid: number): Promise<void> {
    const target = await this.present();
    const { inventory } = await this.context.app();
    const server = inventory.serverOf(target.service);
    const { schema, name, sql } = await this.ask((session) => readTableName(session, oid));
    const title = `${schema}.${name}`;
    switch (action) {
      case 'count': {
        const count = (signal: AbortSignal): Promise<number> =>
          look(server, target.database.name, (session) => countExactly(session, oid), { signal, statementTimeout: 0 });
        return this.post({ kind: 'count', oid, rows: await this.context.operation(t('Counting the rows of {0}', title), ({ signal }) => count(signal)) });
      }
      case 'analyze':
      case 'vacuum': {
        const message = action === 'analyze' ? t('Analyzing {0}', title) : t('Vacuuming {0}', title);
        await this.context.operation(message, ({ signal }) =>
          withSession(server, target.database.name, { signal }, (session) => maintain(session, action, oid)),
        );
        this.context.health.refresh();
        return this.load();
      }
      case 'copySql':
        await env.clipboard.writeText(await this.ask((session) => selectStatement(session, oid)));
        void window.showInformationMessage(t('Copied a SELECT of {0}.', title));
        return;
      case 'backUp': {
        const key = await this.context.encryption.forNew(target.project.name, 'manual');
        await makeBackups(this.context, [target], { reason: 'manual', key: key ?? 'none', scope: 'tables', tables: [sql] });
      }
    }
  }

  private async export(format: ExportFormat, oids: readonly number[]): Promise<void> {
    const byOid = new Map(this.tables.map((table) => [table.oid, table]));
    const chosen = oids.flatMap((oid) => byOid.get(oid) ?? []);
    const extension = format === 'csv' ? 'csv' : 'md';
    const folder = this.target.project.folder ?? workspace.workspaceFolders?.[0]?.uri.fsPath;
    const name = `${this.target.database.name.replace(/[^\p{L}\p{N}_-]/gu, '_')}_tables.${extension}`;
    const file = await window.showSaveDialog({
      title: format === 'csv' ? t('Export CSV') : t('Export Markdown'),
      filters: { [format === 'csv' ? 'CSV' : 'Markdown']: [extension] },
      ...(folder === undefined ? {} : { defaultUri: Uri.file(path.join(folder, name)) }),
    });
    if (file === undefined) return;
    await workspace.fs.writeFile(file, Buffer.from(format === 'csv' ? tablesAsCsv(chosen) : tablesAsMarkdown(chosen)));
    await window.showTextDocument(file, { preview: true });
  }
}
