import path from 'node:path';
import { CodeAction, CodeActionKind, languages, Range, Uri, WorkspaceEdit, type Diagnostic, type Disposable, type TextDocument } from 'vscode';
import { isComposeFileName } from '../compose/fileNames';
import type { ComposeFix } from '../persistence/doctor/fixes/fix';
import { composeFixTitle } from './present/composeFixText';
import { translate as t } from './translate';

/** Offers to mend what the doctor says of a Compose file. What parses it is loaded when first asked for. */
export function registerComposeFixes(): Disposable {
  return languages.registerCodeActionsProvider(
    { pattern: '**/*.{yml,yaml}' },
    {
      provideCodeActions: async (document, _range, { diagnostics }) => {
        const own = diagnostics.filter(({ source }) => source === 'Container Databases');
        return own.length === 0 || !isComposeFileName(path.posix.basename(document.uri.path)) ? [] : actionsFor(document, own);
      },
    },
    { providedCodeActionKinds: [CodeActionKind.QuickFix] },
  );
}

/** The text may have changed since the diagnostics were shown, so it is read again. */
async function actionsFor(document: TextDocument, diagnostics: readonly Diagnostic[]): Promise<CodeAction[]> {
  const [{ findingsInText }, { fixesFor }] = await Promise.all([import('../persistence/doctor/documentFindings'), import('../persistence/doctor/fixes/fixes')]);
  const { version } = document;
  const text = document.getText();
  const findings = findingsInText(text);
  if (document.version !== version) return [];
  return diagnostics.flatMap((diagnostic) => {
    const finding = findings.find(({ code, range }) => code === diagnostic.code && document.offsetAt(diagnostic.range.start) === range.start);
    return finding === undefined ? [] : fixesFor(text, finding).map((fix) => actionOf(document, diagnostic, fix));
  });
}

function actionOf(document: TextDocument, diagnostic: Diagnostic, { kind, edits, files }: ComposeFix): CodeAction {
  const action = new CodeAction(composeFixTitle(t, kind), CodeActionKind.QuickFix);
  action.diagnostics = [diagnostic];
  action.edit = new WorkspaceEdit();
  for (const { path: name, content } of files) {
    action.edit.createFile(Uri.joinPath(document.uri, '..', ...name.split('/')), { contents: Buffer.from(content), ignoreIfExists: true });
  }
  for (const { start, end, text } of edits) action.edit.replace(document.uri, new Range(document.positionAt(start), document.positionAt(end)), text);
  return action;
}
