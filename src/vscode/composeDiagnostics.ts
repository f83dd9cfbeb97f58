import path from 'node:path';
import { Diagnostic, DiagnosticSeverity, Disposable, languages, Range, workspace, type TextDocument } from 'vscode';
import { isComposeFileName } from '../compose/fileNames';
import type { Logger } from '../protocol/logger';
import { messageOf } from '../protocol/failure';

/** Milliseconds of quiet after which a text that is being typed is read again. */
const quiet = 300;

/** Keeps the doctor's findings shown in open Compose files. Reads their texts only, so no engine and no trust is needed. */
export function registerComposeDiagnostics(log: Logger): Disposable {
  const collection = languages.createDiagnosticCollection('container-databases');
  const waiting = new Map<string, NodeJS.Timeout>();
  const read = async (document: TextDocument): Promise<void> => {
    const { version } = document;
    const found = await diagnosticsOf(document);
    if (!document.isClosed && document.version === version) collection.set(document.uri, [...found]);
  };
  const schedule = (document: TextDocument, delay: number): void => {
    if (!isComposeFileName(path.posix.basename(document.uri.path))) return;
    const key = document.uri.toString();
    clearTimeout(waiting.get(key));
    const later = (): void => {
      waiting.delete(key);
      read(document).catch((error: unknown) => log.error(`${key} could not be examined: ${messageOf(error)}`));
    };
    waiting.set(key, setTimeout(later, delay));
  };
  const forget = ({ uri }: TextDocument): void => {
    clearTimeout(waiting.get(uri.toString()));
    waiting.delete(uri.toString());
    collection.delete(uri);
  };
  for (const document of workspace.textDocuments) schedule(document, 0);
  return Disposable.from(
    collection,
    workspace.onDidOpenTextDocument((document) => schedule(document, 0)),
    workspace.onDidChangeTextDocument(({ document }) => schedule(document, quiet)),
    workspace.onDidCloseTextDocument(forget),
    new Disposable(() => {
      for (const timer of waiting.values()) clearTimeout(timer);
    }),
  );
}

async function diagnosticsOf(document: TextDocument): Promise<readonly Diagnostic[]> {
  const { findingsInText } = await import('../persistence/doctor/documentFindings');
  return findingsInText(document.getText()).map(({ range, severity, message, code }) => {
    const place = new Range(document.positionAt(range.start), document.positionAt(range.end));
    const diagnostic = new Diagnostic(place, message, severity === 'danger' ? DiagnosticSeverity.Warning : DiagnosticSeverity.Information);
    diagnostic.source = 'Container Databases';
    diagnostic.code = code;
    return diagnostic;
  });
}
