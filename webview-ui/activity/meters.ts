import type { ActivitySnapshot, ActivityView } from '../../src/protocol/activity';
import { lineChart } from '../shared/chart';
import { element, type Content } from '../shared/dom';
import { fill } from '../shared/words';
import type { Rate } from './rates';

/** The share of the connections from which on there are few left. */
const few = 0.8;

/** Connections, transactions and cache hits, each as a number and a small chart. */
export function metersOf({ labels, language }: ActivityView, { connections, counters }: ActivitySnapshot, rates: readonly Rate[]): readonly HTMLElement[] {
  const last = rates.at(-1);
  const share = connections.most === 0 ? 0 : connections.used / connections.most;
  const all = counters.blocksHit + counters.blocksRead;
  const hits = last?.hits ?? (all === 0 ? undefined : counters.blocksHit / all);
  const perSecond = last === undefined ? '–' : last.transactions.toLocaleString(language, { maximumFractionDigits: last.transactions < 10 ? 1 : 0 });
  return [
    meter(`connections${share >= few ? ' near' : ''}`, labels.connections, fill(labels.ofMost, connections.used, connections.most), [barOf(share)]),
    meter('transactions', labels.transactions, fill(labels.perSecond, perSecond), [
      lineChart(rates.map(({ at, transactions }) => ({ x: at, y: transactions })), { width: 200, height: 26, least: 1 }), // prettier-ignore
    ]),
    meter('cache', labels.cacheHits, hits === undefined ? '–' : `${(hits * 100).toFixed(1)} %`, [
      lineChart(rates.flatMap(({ at, hits: each }) => (each === undefined ? [] : [{ x: at, y: each }])), { width: 200, height: 26, least: 1 }), // prettier-ignore
    ]),
  ];
}

function meter(name: string, title: string, value: string, chart: readonly Content[]): HTMLElement {
  const head = element('div', { class: 'meter-head' }, element('span', { class: 'quiet' }, title), element('strong', {}, value));
  return element('div', { class: `meter ${name}` }, head, ...chart);
}

function barOf(share: number): HTMLElement {
  const part = element('div');
  part.style.setProperty('--share', Math.min(1, share).toFixed(3));
  return element('div', { class: 'stacked', 'aria-hidden': 'true' }, part);
}
