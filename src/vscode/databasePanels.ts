import { Uri, ViewColumn, window, type Disposable, type WebviewPanel } from 'vscode';
import type { DatabaseTarget } from '../inventory/target';
import { targetName } from '../inventory/target';
import { asFailure } from '../protocol/failure';
import type { CommandContext } from './commands/command';
import { serviceGone } from './commands/targets';
import { presentService } from './present/subject';
import { pageHtml } from './webviewPage';

type ViewName = 'statistics' | 'activity' | 'overview';

/** The editors that show a database, one for each view of each database. */
export class DatabasePanels {
  private readonly open = new Map<string, WebviewPanel>();

  constructor(private readonly extension: Uri) {}

  /** Brings the view of a database to the front; when there is none, makes one, and has `attach` bring it to life. */
  show(view: ViewName, target: DatabaseTarget, title: string, attach: (panel: WebviewPanel) => readonly Disposable[]): WebviewPanel {
    const key = `${view} ${target.service.id} ${targetName(target)}`;
    const present = this.open.get(key);
    if (present !== undefined) {
      present.reveal();
      return present;
    }
    const resources = Uri.joinPath(this.extension, 'dist', 'webview');
    const options = { enableScripts: true, localResourceRoots: [resources] };
    const panel = window.createWebviewPanel(`containerDatabases.${view}`, title, ViewColumn.Active, options);
    const icon = (theme: string): Uri => Uri.joinPath(this.extension, 'media', `${view}${theme}.svg`);
    panel.iconPath = { light: icon('Light'), dark: icon('Dark') };
    this.open.set(key, panel);
    const listeners = attach(panel);
    panel.onDidDispose(() => {
      this.open.delete(key);
      for (const listener of listeners) listener.dispose();
    });
    panel.webview.html = pageHtml(panel.webview, resources, view, title);
    return panel;
  }
}

/** Sends something to the page in a panel. */
export function postTo(panel: WebviewPanel, message: unknown): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- not a window's: there is one receiver only
  void panel.webview.postMessage(message);
}

/** What every view of a database does with it. */
export class DatabaseView<Message> {
  constructor(
    readonly context: CommandContext,
    readonly target: DatabaseTarget,
    readonly panel: WebviewPanel,
  ) {}

  /** Where the database is now; a server that is too busy to be read for the tree can still be asked. Throws `SERVICE_GONE`. */
  async present(): Promise<DatabaseTarget> {
    const place = presentService(await this.context.inventory(), this.target.service);
    if (place === undefined) throw serviceGone(this.target.service);
    return { ...this.target, ...place };
  }

  post(message: Message): void {
    postTo(this.panel, message);
  }

  /** Does something, and shows in the view what goes wrong. */
  async attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const { code, message, remedy, stack } = asFailure(error);
      this.context.log.error(`${this.panel.title}: ${message} (${code})${code === 'UNEXPECTED' ? `\n${stack ?? ''}` : ''}`);
      postTo(this.panel, { kind: 'failure', message, remedy });
    }
  }
}
