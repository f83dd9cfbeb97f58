import { Uri, ViewColumn, window, workspace, type Disposable } from 'vscode';
import { sqlResultScheme } from './contributions';

/** Results that are kept; older ones can no longer be shown. */
const most = 20;

/** The results of SQL as documents that cannot be changed and need not be saved. */
export class SqlResultDocuments implements Disposable {
  private readonly texts = new Map<string, string>();
  private readonly registration: Disposable;
  private number = 0;

  constructor() {
    this.registration = workspace.registerTextDocumentContentProvider(sqlResultScheme, {
      provideTextDocumentContent: ({ path }) => this.texts.get(path) ?? '',
    });
  }

  /** Opens a result, beside what was run unless said otherwise. */
  async show(name: string, text: string, viewColumn = ViewColumn.Beside): Promise<void> {
    this.number += 1;
    const uri = Uri.from({ scheme: sqlResultScheme, path: `/${name.replace(/[\p{Cc}/\\]/gu, '-')} ${this.number}.txt` });
    this.texts.set(uri.path, text);
    for (const path of [...this.texts.keys()].slice(0, -most)) this.texts.delete(path);
    await window.showTextDocument(await workspace.openTextDocument(uri), { viewColumn, preview: true, preserveFocus: true });
  }

  dispose(): void {
    this.registration.dispose();
  }
}
