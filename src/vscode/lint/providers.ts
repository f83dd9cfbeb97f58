import {
  CodeAction,
  CodeActionKind,
  CodeLens,
  Hover,
  MarkdownString,
  Range,
  WorkspaceEdit,
  type CancellationToken,
  type CodeActionContext,
  type CodeActionProvider,
  type CodeLensProvider,
  type HoverProvider,
  type Position,
  type TextDocument,
} from 'vscode';
import { fixesFor } from '../../lint/fixes/fixes';
import { ruleOf } from '../../lint/rules/all';
import { answersTo } from '../../lint/live/told';
import { sourceText } from '../present/lintText';
import type { Subject } from '../present/subject';
import { translate as t } from '../translate';
import type { CommandId } from '../contributions';
import type { FileDatabase } from './database';
import { rangeOf, type ShownFinding } from './document';
import { showDuplicatesCommand } from './duplicates';
import type { OpenMigration, Warnings } from './warnings';

/** Says in a hover what the database knows, and what to do. */
export function hoverProvider(warnings: Warnings): HoverProvider {
  return {
    provideHover: (document: TextDocument, position: Position): Hover | undefined => {
      const migration = warnings.of(document);
      const here = migration?.shown.filter(({ diagnostic }) => diagnostic.range.contains(position)) ?? [];
      return migration === undefined || here.length === 0 ? undefined : new Hover(here.map((each) => hoverText(migration, each)));
    },
  };
}

/** Everything from databases and files goes in as text, never as Markdown. */
function hoverText({ facts }: OpenMigration, { finding, severity }: ShownFinding): MarkdownString {
  const rule = ruleOf(finding.rule);
  const text = new MarkdownString();
  text
    .appendMarkdown('**')
    .appendText(rule?.title ?? finding.rule)
    .appendMarkdown('**')
    .appendText(` (${severity})`);
  const answers = answersTo(finding, facts);
  if (facts !== undefined && answers.length > 0) {
    text.appendMarkdown('\n\n').appendText(`${sourceText(t, facts, new Date())}: ${answers.map((each) => each.text).join('; ')}`);
  }
  if (rule !== undefined) text.appendMarkdown('\n\n').appendText(rule.remedy);
  return text;
}

/** What can be done about the warnings here. */
export function fixProvider(warnings: Warnings): CodeActionProvider {
  return {
    provideCodeActions: (document: TextDocument, _range: Range, { diagnostics }: CodeActionContext, token: CancellationToken): CodeAction[] => {
      const migration = warnings.of(document);
      if (migration === undefined || migration.version !== document.version || token.isCancellationRequested) return [];
      const meant = migration.shown.filter(({ diagnostic }) =>
        diagnostics.some((each) => each.range.isEqual(diagnostic.range) && codeOf(each.code) === codeOf(diagnostic.code)),
      );
      const actions = meant.flatMap((shown) => actionsFor(migration, shown));
      // Silencing comes last, whatever it is that is silenced.
      return [...actions.filter(({ isSilence }) => !isSilence), ...actions.filter(({ isSilence }) => isSilence)].map(({ action }) => action);
    },
  };
}

function codeOf(code: ShownFinding['diagnostic']['code']): string {
  return typeof code === 'object' ? String(code.value) : String(code ?? '');
}

interface Offered {
  readonly action: CodeAction;
  readonly isSilence: boolean;
}

function actionsFor({ document, linted }: OpenMigration, { finding, diagnostic }: ShownFinding): readonly Offered[] {
  const offered = fixesFor({ text: document.getText(), migration: linted.migration, finding }).map((fix): Offered => {
    const action = new CodeAction(fix.title, CodeActionKind.QuickFix);
    action.diagnostics = [diagnostic];
    action.isPreferred = fix.preferred;
    action.edit = new WorkspaceEdit();
    for (const { from, to, text } of fix.edits) action.edit.replace(document.uri, rangeOf(document, { from, to }), text);
    return { action, isSilence: fix.silences === true };
  });
  const duplicates = finding.questions?.find((question) => question.kind === 'duplicates');
  if (duplicates === undefined) return offered;
  const action = new CodeAction(t('Open a query that finds the duplicates'), CodeActionKind.QuickFix);
  action.diagnostics = [diagnostic];
  action.command = { title: action.title, command: showDuplicatesCommand, arguments: [duplicates.table, duplicates.columns] };
  return [{ action, isSilence: false }, ...offered];
}

/** Says above a revision whether the database has it, and offers a backup and a rehearsal while it has not. */
export function lensProvider(warnings: Warnings): CodeLensProvider {
  return {
    onDidChangeCodeLenses: (listener, thisArg) => warnings.onDidChange(() => listener.call(thisArg)),
    provideCodeLenses: (document: TextDocument): CodeLens[] => {
      const open = warnings.of(document);
      const revision = open?.linted.migration.revision;
      if (open?.database === undefined || revision === undefined) return [];
      const { database, state } = open;
      const range = new Range(document.positionAt(revision.span.from), document.positionAt(revision.span.from));
      const databases = [{ name: database.target.database.name, state }, ...database.others];
      const lenses = databases.map((each) => new CodeLens(range, { title: stateTitle(each), command: '' }));
      if (state === 'applied') return lenses;
      const { target, migration } = database;
      lenses.push(commandLens(range, t('Back up now'), 'containerDatabases.backUp', { kind: 'database', ...target }));
      if (state !== 'pending' || migration === undefined) return lenses;
      return [...lenses, commandLens(range, t('Rehearse on a copy'), 'containerDatabases.rehearse', { kind: 'migration', ...target, ...migration })];
    },
  };
}

function stateTitle({ name, state }: FileDatabase['others'][number]): string {
  const words = { applied: t('{0}: applied', name), pending: t('{0}: pending', name), unknown: t('{0}: state unknown', name) };
  const icons = { applied: '$(pass)', pending: '$(circle-outline)', unknown: '$(question)' };
  return `${icons[state]} ${words[state]}`;
}

function commandLens(range: Range, title: string, command: CommandId, subject: Subject): CodeLens {
  return new CodeLens(range, { title, command, arguments: [{ subject }] });
}
