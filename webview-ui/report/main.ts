// oxlint-disable-next-line import/no-unassigned-import -- esbuild makes the view's style sheet of it
import './main.css';
import { isReportMessage, type ReportAction, type ReportMessage, type ReportRequest, type ReportStep, type ReportView } from '../../src/protocol/reportView';
import { element } from '../shared/dom';
import { Host } from '../shared/host';
import { button, registerToolkit } from '../shared/toolkit';

registerToolkit();
const content = document.getElementById('content') ?? document.body;
const verdict = element('p', { class: 'verdict', role: 'status' });
const host = new Host<ReportMessage, ReportRequest>(isReportMessage, ({ view }) => show(view));
host.send({ kind: 'ready' });

const marks: Readonly<Record<ReportStep['state'], string>> = { waiting: '○', running: '●', done: '✓', failed: '✗', skipped: '–', open: '→' };

/** Draws everything anew; only the verdict stays, so that it is read out when it changes. */
function show(view: ReportView): void {
  const { tone, word, sentence } = view.verdict;
  const said = `${word} ${sentence}`;
  if (verdict.dataset['said'] !== said) verdict.replaceChildren(element('strong', { class: tone === undefined ? '' : `tone-${tone}` }, word), ` ${sentence}`);
  verdict.dataset['said'] = said;
  const facts = view.facts.flatMap(({ name, value }) => [element('dt', {}, name), element('dd', {}, value)]);
  const remarks = view.remarks.map((remark) => element('p', { class: 'remark' }, remark));
  const parts = [
    element('h1', {}, view.heading),
    element('p', { class: 'quiet' }, view.subheading),
    verdict,
    ...remarks,
    ...actionsOf(view),
    ...(facts.length === 0 ? [] : [element('dl', { class: 'facts' }, ...facts)]),
    ...view.sections.flatMap(({ title, steps }, index) => [
      element('h2', { id: `section-${index}` }, title),
      element('ol', { class: 'steps', 'aria-labelledby': `section-${index}` }, ...steps.map(stepOf)),
    ]),
  ];
  const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset['action'] : undefined;
  content.replaceChildren(...parts);
  if (focused !== undefined) content.querySelector<HTMLElement>(`[data-action="${CSS.escape(focused)}"]`)?.focus();
}

function actionsOf({ actions, actionsLabel }: ReportView): readonly HTMLElement[] {
  if (actions.length === 0) return [];
  const buttons = actions.map((action, index) => actionButton(action, index === 0 ? 'primary' : 'secondary'));
  return [element('div', { class: 'actions', role: 'group', 'aria-label': actionsLabel }, ...buttons)];
}

function actionButton({ id, label }: ReportAction, appearance: 'primary' | 'secondary'): HTMLElement {
  const made = button(label, appearance, () => host.send({ kind: 'action', id }));
  made.dataset['action'] = id;
  return made;
}

function stepOf({ title, state, word, time, evidence, action }: ReportStep): HTMLElement {
  const head = element(
    'div',
    { class: 'step-head' },
    element('span', { class: 'mark', 'aria-hidden': 'true' }, marks[state]),
    element('span', { class: 'step-title' }, title),
    element('span', { class: 'word' }, word),
    element('span', { class: 'number' }, time),
  );
  return element('li', { class: state }, head, ...evidenceOf(evidence), ...(action === undefined ? [] : [actionButton(action, 'secondary')]));
}

/** Names with values; a plain list where nothing has a name. */
function evidenceOf(evidence: ReportStep['evidence']): readonly HTMLElement[] {
  if (evidence.length === 0) return [];
  if (evidence.every(({ name }) => name === '')) return [element('ul', { class: 'lines' }, ...evidence.map(({ value }) => element('li', {}, value)))];
  return [element('dl', { class: 'evidence' }, ...evidence.flatMap(({ name, value }) => [element('dt', {}, name), element('dd', {}, value)]))];
}
