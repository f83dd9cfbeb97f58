// oxlint-disable-next-line import/no-unassigned-import -- esbuild makes the view's style sheet of it
import './main.css';
import {
  isMigrationHistoryMessage,
  type GraphRow,
  type MigrationHistory,
  type MigrationHistoryMessage,
  type MigrationViewAction,
  type MigrationViewMessage,
} from '../../src/protocol/migrationGraph';
import { element } from '../shared/dom';
import { Host } from '../shared/host';
import { button, registerToolkit, textField } from '../shared/toolkit';
import { RevisionList } from './revisionList';

registerToolkit();
const content = document.getElementById('content') ?? document.body;
const host = new Host<MigrationHistoryMessage, MigrationViewMessage>(isMigrationHistoryMessage, ({ history }) => show(history));
const list = new RevisionList(
  (row) => choose(row),
  (row) => run('open', row),
);
const head = element('div', { class: 'top' });
const count = element('span', { class: 'quiet', role: 'status' });
const empty = element('p', { class: 'quiet' });
const details = element('section', { class: 'details', 'aria-live': 'polite' });
let bar: HTMLElement | undefined;
let shown: MigrationHistory | undefined;
let filter = '';
host.send({ kind: 'ready' });

function show(history: MigrationHistory): void {
  const isFirst = shown === undefined;
  shown = history;
  // The field is made once, so that typing in it is not interrupted.
  bar ??= element(
    'div',
    { class: 'bar' },
    count,
    textField(history.labels.filter, '', (text) => {
      filter = text.trim().toLowerCase();
      drawRows();
    }),
  );
  head.replaceChildren(
    headerOf(history),
    ...history.problems.map(({ message, remedy }) => element('div', { class: 'problem', role: 'alert' }, element('strong', {}, message), ` ${remedy}`)),
  );
  if (isFirst) content.replaceChildren(head, bar, list.element, empty, details);
  drawRows();
  const at = list.selection;
  if (at !== undefined) choose(at);
  else details.replaceChildren(element('p', { class: 'quiet' }, history.labels.choose));
  if (isFirst) list.select(history.rows.find(({ state }) => state === 'current')?.id);
}

function drawRows(): void {
  if (shown === undefined) return;
  const { rows, labels } = shown;
  const fitting = rows.filter(({ id, name, labels: own }) => [id, name, ...own].some((text) => text.toLowerCase().includes(filter)));
  count.textContent = labels.shown.replace('{0}', String(fitting.length)).replace('{1}', String(rows.length));
  empty.textContent = fitting.length === 0 ? labels.nothingFits : '';
  list.show(shown, fitting, filter !== '');
}

function headerOf({ heading, subheading, status, actions, labels }: MigrationHistory): HTMLElement {
  const state = element('p', { class: status.isGood ? 'status good' : 'status' }, status.text);
  const title = element('div', {}, element('h1', {}, heading), element('p', { class: 'quiet' }, subheading), state);
  const buttons = actions.map((action) => button(labels.actions[action], action === 'upgradeAll' ? 'primary' : 'secondary', () => run(action)));
  return element('header', {}, title, element('div', { class: 'actions' }, ...buttons));
}

/** What is known of the selected revision, and what can be done with it. */
function choose(row: GraphRow): void {
  if (shown === undefined) return;
  const { labels } = shown;
  const { id, name, date, file, parents, state, risk } = row;
  const lineage = parents.length === 0 ? [] : [(parents.length > 1 ? labels.merges : labels.follows).replace('{0}', parents.join(', '))];
  const facts = [labels.states[state], date, ...lineage, file].filter((text) => text !== '').join(' · ');
  const possible: readonly MigrationViewAction[] =
    state === 'unknown' || file === ''
      ? []
      : ['open', ...(state === 'pending' ? (['upgrade', 'preview'] as const) : state === 'applied' ? (['downgrade'] as const) : [])];
  details.replaceChildren(
    element(
      'div',
      {},
      element('h2', {}, name === '' ? id : name, ' ', element('span', { class: 'code quiet' }, id)),
      element('p', { class: 'quiet' }, facts),
      ...(risk === undefined ? [] : [element('p', {}, risk.sentence)]),
    ),
    element('div', { class: 'actions' }, ...possible.map((action) => button(labels.actions[action], 'secondary', () => run(action, row)))),
  );
}

function run(action: MigrationViewAction, row?: GraphRow): void {
  if (row !== undefined && row.file === '') return;
  host.send({ kind: 'run', action, ...(row === undefined ? {} : { revision: row.id }) });
}
