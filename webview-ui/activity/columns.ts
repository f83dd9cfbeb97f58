import { formatDuration } from '../../src/protocol/format';
import type { ActivityView, LockFigures, SessionFigures, SessionState, SlowQuery } from '../../src/protocol/activity';
import { element } from '../shared/dom';
import type { Column } from '../shared/virtualGrid';

const tones: Readonly<Partial<Record<SessionState, string>>> = { active: 'tone-good', blocked: 'tone-bad', 'idle in transaction': 'tone-warning' };
const ranks: Readonly<Record<SessionState, number>> = { blocked: 5, 'idle in transaction': 4, active: 3, other: 2, idle: 1, background: 0 };

/** A state as a word with its colour. */
export function stateOf(state: SessionState, { labels }: ActivityView): HTMLElement {
  return element('span', { class: tones[state] ?? 'quiet' }, labels[state]);
}

/** A query in one line. */
export function oneLine(query: string): string {
  return query.replace(/\s+/g, ' ').trim();
}

/** Milliseconds, as short as can be read; a dash where nothing lasts. */
export function lasting(milliseconds: number | null): string {
  if (milliseconds === null) return '–';
  if (milliseconds < 10) return milliseconds > 0 && milliseconds < 0.1 ? '<0.1 ms' : `${Number(milliseconds.toFixed(1))} ms`;
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : formatDuration(milliseconds);
}

export function sessionColumns(view: ActivityView): readonly Column<SessionFigures>[] {
  const { labels } = view;
  return [
    { key: 'pid', title: labels.pid, track: '4rem', numeric: true, from: 300, cell: ({ pid }) => String(pid), value: ({ pid }) => pid },
    { key: 'state', title: labels.state, track: 'minmax(6.5rem, 8.5rem)', cell: ({ state }) => stateOf(state, view), value: ({ state }) => -ranks[state] },
    {
      key: 'duration',
      title: labels.duration,
      track: '5.5rem',
      numeric: true,
      from: 360,
      cell: ({ stateMs }) => lasting(stateMs),
      value: ({ stateMs }) => stateMs,
    },
    {
      key: 'transaction',
      title: labels.transaction,
      track: '7rem',
      numeric: true,
      from: 1180,
      cell: ({ transactionMs }) => lasting(transactionMs),
      value: ({ transactionMs }) => transactionMs,
    },
    { key: 'user', title: labels.user, track: '6rem', from: 860, cell: ({ user }) => user ?? '–', value: ({ user }) => user },
    {
      key: 'application',
      title: labels.application,
      track: '8rem',
      from: 720,
      cell: ({ application }) => application || '–',
      value: ({ application }) => application,
    },
    {
      key: 'waitsFor',
      title: labels.waitsFor,
      track: '9.5rem',
      from: 1080,
      cell: ({ waitsFor }) => waitsFor ?? '–',
      value: ({ waitsFor }) => waitsFor,
    },
    { key: 'query', title: labels.query, track: 'minmax(3rem, 1fr)', mono: true, cell: ({ query }) => oneLine(query) || '–', value: ({ query }) => query },
  ];
}

export function lockColumns({ labels }: ActivityView): readonly Column<LockFigures>[] {
  const state = (granted: boolean): HTMLElement => element('span', { class: granted ? 'quiet' : 'tone-bad' }, granted ? labels.granted : labels.ungranted);
  return [
    { key: 'pid', title: labels.pid, track: '4rem', numeric: true, cell: ({ pid }) => String(pid), value: ({ pid }) => pid },
    { key: 'object', title: labels.object, track: 'minmax(5rem, 1.5fr)', cell: ({ object }) => object.replace(/^public\./, ''), value: ({ object }) => object },
    { key: 'mode', title: labels.mode, track: 'minmax(7rem, 1fr)', from: 420, cell: ({ mode }) => mode, value: ({ mode }) => mode },
    { key: 'granted', title: labels.state, track: 'minmax(4rem, 6rem)', cell: ({ granted }) => state(granted), value: ({ granted }) => Number(granted) },
  ];
}

export function slowColumns({ labels, language }: ActivityView): readonly Column<SlowQuery>[] {
  const number = { numeric: true } as const;
  return [
    { key: 'query', title: labels.query, track: 'minmax(8rem, 1fr)', mono: true, cell: ({ query }) => oneLine(query), value: ({ query }) => query },
    {
      key: 'calls',
      title: labels.calls,
      track: '5rem',
      ...number,
      from: 480,
      cell: ({ calls }) => calls.toLocaleString(language),
      value: ({ calls }) => calls,
    },
    { key: 'total', title: labels.total, track: '5rem', ...number, cell: ({ totalMs }) => lasting(totalMs), value: ({ totalMs }) => totalMs },
    { key: 'mean', title: labels.mean, track: '5.5rem', ...number, from: 380, cell: ({ meanMs }) => lasting(meanMs), value: ({ meanMs }) => meanMs },
    { key: 'longest', title: labels.longest, track: '6rem', ...number, from: 620, cell: ({ maxMs }) => lasting(maxMs), value: ({ maxMs }) => maxMs },
    { key: 'rows', title: labels.rows, track: '5rem', ...number, from: 700, cell: ({ rows }) => rows.toLocaleString(language), value: ({ rows }) => rows },
  ];
}
