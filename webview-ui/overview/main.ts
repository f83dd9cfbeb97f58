// oxlint-disable-next-line import/no-unassigned-import -- esbuild makes the view's style sheet of it
import './main.css';
import {
  isOverviewMessage,
  type OverviewLink,
  type OverviewMessage,
  type OverviewRequest,
  type OverviewSection,
  type OverviewView,
} from '../../src/protocol/overview';
import { element, link, smallTable } from '../shared/dom';
import { Host } from '../shared/host';
import { button, registerToolkit } from '../shared/toolkit';

registerToolkit();
const content = document.getElementById('content') ?? document.body;
const host = new Host<OverviewMessage, OverviewRequest>(isOverviewMessage, receive);
host.send({ kind: 'ready' });

function receive(message: OverviewMessage): void {
  if (message.kind === 'overview') return show(message.view);
  content.querySelector('.notice')?.remove();
  content.prepend(element('div', { class: 'notice', role: 'alert' }, `${message.message} ${message.remedy}`));
}

/** Draws everything anew; where the focus was, it is again. */
function show(view: OverviewView): void {
  const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset['link'] : undefined;
  content.replaceChildren(headerOf(view), element('div', { class: 'cards' }, ...view.sections.map(cardOf)));
  if (focused !== undefined) content.querySelector<HTMLElement>(`[data-link="${CSS.escape(focused)}"]`)?.focus();
}

function headerOf({ heading, subheading, state, actions, labels }: OverviewView): HTMLElement {
  const title = element('div', { class: 'title' }, element('h1', {}, heading), element('span', { class: `badge tone-${state.tone}` }, state.word));
  const buttons = actions.map((action, index) =>
    marked(
      button(action.label, index === 0 ? 'primary' : 'secondary', () => open(action)),
      action,
    ),
  );
  return element(
    'header',
    {},
    element('div', {}, title, element('p', { class: 'quiet' }, subheading)),
    element('div', { class: 'actions', role: 'group', 'aria-label': labels.actions }, ...buttons),
  );
}

function cardOf({ id, title, verdict, facts = [], table, links }: OverviewSection): HTMLElement {
  const heading = `section-${id}`;
  const ways = links.map((each) =>
    marked(
      link(each.label, () => open(each)),
      each,
    ),
  );
  const parts = [
    element('div', { class: 'card-head' }, element('h2', { id: heading }, title), ...(ways.length === 0 ? [] : [element('div', { class: 'links' }, ...ways)])),
  ];
  if (verdict !== undefined)
    parts.push(element('p', { class: 'verdict' }, element('strong', { class: `tone-${verdict.tone}` }, verdict.word), verdict.sentence ?? ''));
  if (facts.length > 0) {
    const lines = facts.flatMap(({ name, value, tone }) => [
      element('dt', {}, name),
      element('dd', { class: tone === undefined ? '' : `tone-${tone}` }, value),
    ]);
    parts.push(element('dl', { class: 'facts' }, ...lines));
  }
  if (table !== undefined) {
    parts.push(smallTable(title, table.columns, table.rows));
    if (table.more !== undefined) parts.push(element('p', { class: 'quiet more' }, table.more));
  }
  return element('section', { class: 'card', 'aria-labelledby': heading }, ...parts);
}

function open({ id }: OverviewLink): void {
  host.send({ kind: 'open', id });
}

function marked(made: HTMLElement, { id }: OverviewLink): HTMLElement {
  made.dataset['link'] = id;
  return made;
}
