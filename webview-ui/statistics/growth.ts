import { formatBytes } from '../../src/protocol/format';
import type { StatisticsView } from '../../src/protocol/statistics';
import { lineChart } from '../shared/chart';
import { element } from '../shared/dom';

/** How the database grew, from what was seen at earlier looks. */
export function growthOf({ history, labels, language }: StatisticsView): readonly HTMLElement[] {
  const hint = element('p', { class: 'quiet' }, labels.growthHint);
  const [first, last] = [history[0], history.at(-1)];
  if (first === undefined || last === undefined || history.length < 2) return [element('p', { class: 'empty' }, labels.noGrowth), hint];
  const moment = (at: number): string => new Date(at).toLocaleString(language, { dateStyle: 'medium', timeStyle: 'short' });
  const difference = last.bytes - first.bytes;
  const facts: readonly (readonly [string, string])[] = [
    [labels.from, `${moment(first.at)}: ${formatBytes(first.bytes)}`],
    [labels.to, `${moment(last.at)}: ${formatBytes(last.bytes)}`],
    [labels.change, `${difference < 0 ? '−' : '+'}${formatBytes(Math.abs(difference))}`],
  ];
  const label = facts.map(([name, value]) => `${name} ${value}`).join(', ');
  return [
    element('dl', { class: 'facts' }, ...facts.flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, value)])),
    element('div', {}, lineChart(history.map(({ at, bytes }) => ({ x: at, y: bytes })), { width: 800, height: 160 }, label), axisOf(moment(first.at), moment(last.at))), // prettier-ignore
    hint,
  ];
}

function axisOf(from: string, to: string): HTMLElement {
  return element('div', { class: 'axis', 'aria-hidden': 'true' }, element('span', {}, from), element('span', {}, to));
}
