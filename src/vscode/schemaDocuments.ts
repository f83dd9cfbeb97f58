import { commands, Uri, workspace, type Disposable } from 'vscode';
import type { ComparedObject } from '../migrations/schema/documents';
import { schemaScheme } from './contributions';

/** Comparisons whose texts are kept; those of older ones can no longer be shown. */
const most = 10;

/** The objects of compared schemas as documents, side by side in one editor with a difference for each. */
export class SchemaDocuments implements Disposable {
  /** By comparison, then by the path of the document. */
  private readonly texts = new Map<string, ReadonlyMap<string, string>>();
  private readonly registration: Disposable;
  private number = 0;

  constructor() {
    this.registration = workspace.registerTextDocumentContentProvider(schemaScheme, {
      provideTextDocumentContent: ({ authority, path }) => this.texts.get(authority)?.get(path) ?? '',
    });
  }

  /** Opens what differs, object by object, beneath the names of the two databases. */
  async show(names: readonly [left: string, right: string], objects: readonly ComparedObject[]): Promise<void> {
    this.number += 1;
    const authority = String(this.number);
    const texts = new Map<string, string>();
    const document = (side: string, name: string, text: string | undefined): Uri | undefined => {
      if (text === undefined) return undefined;
      const path = `/${side.replaceAll('/', ' › ')}/${name}.sql`;
      texts.set(path, text);
      return Uri.from({ scheme: schemaScheme, authority, path });
    };
    const resources = objects.map(({ kind, name, left, right }) => {
      const file = `${kind} ${name}`.replace(/[\p{Cc}/\\]/gu, '-');
      return [Uri.from({ scheme: schemaScheme, authority, path: `/${file}.sql` }), document(names[0], file, left), document(names[1], file, right)];
    });
    this.texts.set(authority, texts);
    for (const old of [...this.texts.keys()].slice(0, -most)) this.texts.delete(old);
    await commands.executeCommand('vscode.changes', names.join(' ↔ '), resources);
  }

  dispose(): void {
    this.registration.dispose();
  }
}
