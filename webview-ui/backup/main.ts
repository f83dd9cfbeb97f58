// oxlint-disable-next-line import/no-unassigned-import -- esbuild makes the view's style sheet of it
import './main.css';
import {
  isBackupDetailsMessage,
  type BackupDetails,
  type BackupDetailsMessage,
  type BackupFact,
  type BackupViewMessage,
} from '../../src/protocol/backupDetails';
import { element } from '../shared/dom';
import { Host } from '../shared/host';
import { button, registerToolkit } from '../shared/toolkit';
import { TableList } from './tableList';

registerToolkit();
const content = document.getElementById('content') ?? document.body;
const host = new Host<BackupDetailsMessage, BackupViewMessage>(isBackupDetailsMessage, ({ details }) => show(details));
const tables = new TableList(host);
host.send({ kind: 'ready' });

function show(details: BackupDetails): void {
  const parts = [headerOf(details), proofOf(details), factsOf(details)];
  if (details.tables !== undefined) parts.push(tables.show(details.tables, details.labels, details.language));
  content.replaceChildren(...parts);
}

function headerOf({ heading, subheading, labels }: BackupDetails): HTMLElement {
  const actions = (['restore', 'verify', 'reveal', 'copyPath'] as const).map((action) =>
    button(labels.actions[action], action === 'restore' ? 'primary' : 'secondary', () => host.send({ kind: 'run', action })),
  );
  const title = element('div', {}, element('h1', {}, heading), element('p', { class: 'quiet' }, subheading));
  return element('header', {}, title, element('div', { class: 'actions' }, ...actions));
}

function proofOf({ verification }: BackupDetails): HTMLElement {
  const { good, word, sentence } = verification;
  return element('div', { class: good ? 'proof good' : 'proof', role: 'status' }, element('strong', {}, word), element('span', {}, sentence));
}

function factsOf({ facts, labels }: BackupDetails): HTMLElement {
  const heading = element('h2', { id: 'facts' }, labels.facts);
  const list = element('dl', {}, ...facts.flatMap((fact) => [element('dt', {}, fact.name), valueOf(fact, labels.actions.copyChecksum)]));
  return element('section', { 'aria-labelledby': 'facts' }, heading, list);
}

function valueOf({ value, copy }: BackupFact, copyLabel: string): HTMLElement {
  if (copy !== 'checksum') return element('dd', { class: copy === 'path' ? 'code' : '' }, value);
  const link = element('button', { type: 'button', class: 'link' }, copyLabel);
  link.addEventListener('click', () => host.send({ kind: 'run', action: 'copyChecksum' }));
  return element('dd', { class: 'code' }, value, ' ', link);
}
