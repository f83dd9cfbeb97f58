import { Uri, ViewColumn, window, type WebviewPanel } from 'vscode';
import { isReportRequest, type ReportView } from '../../protocol/reportView';
import { postTo } from '../databasePanels';
import { pageHtml } from '../webviewPage';

/** What a panel shows, and does when the reader presses something. */
export interface ShownReport {
  readonly view: ReportView;
  readonly act: (action: string) => Promise<void>;
}

interface OpenReport {
  readonly panel: WebviewPanel;
  shown: ShownReport;
}

/** The editors that show reports, one for each key; one that is still being written is followed. */
export class ReportPanels {
  private readonly open = new Map<string, OpenReport>();

  constructor(private readonly extension: Uri) {}

  /** Brings a report to the front. */
  show(key: string, shown: ShownReport): void {
    const present = this.open.get(key);
    if (present !== undefined) {
      this.update(key, shown);
      return present.panel.reveal();
    }
    const resources = Uri.joinPath(this.extension, 'dist', 'webview');
    const title = shown.view.heading;
    const panel = window.createWebviewPanel('containerDatabases.report', title, ViewColumn.Active, { enableScripts: true, localResourceRoots: [resources] });
    const icon = (theme: string): Uri => Uri.joinPath(this.extension, 'media', `report${theme}.svg`);
    panel.iconPath = { light: icon('Light'), dark: icon('Dark') };
    const made = { panel, shown };
    this.open.set(key, made);
    const listener = panel.webview.onDidReceiveMessage((message: unknown) => {
      if (!isReportRequest(message)) return;
      if (message.kind === 'ready') send(made);
      else void made.shown.act(message.id);
    });
    panel.onDidDispose(() => {
      this.open.delete(key);
      listener.dispose();
    });
    panel.webview.html = pageHtml(panel.webview, resources, 'report', title);
  }

  /** Shows what has changed, where the report is open. */
  update(key: string, shown: ShownReport): void {
    const present = this.open.get(key);
    if (present === undefined) return;
    present.shown = shown;
    send(present);
  }
}

function send({ panel, shown }: OpenReport): void {
  postTo(panel, { kind: 'report', view: shown.view });
}
