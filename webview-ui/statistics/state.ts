import type { Order } from '../shared/virtualGrid';

/** What the user chose; it outlives a reload of the view. */
export interface State {
  readonly tab: string;
  readonly filter: string;
  readonly bySchema: boolean;
  readonly order: Order;
  readonly indexFilter: string;
  readonly findingsOnly: boolean;
  readonly indexOrder: Order;
  /** The table that is shown from near; 0 for none. */
  readonly open: number;
}

const initial: State = {
  tab: 'tables',
  filter: '',
  bySchema: false,
  order: { by: 'total', descending: true },
  indexFilter: '',
  findingsOnly: false,
  indexOrder: { by: 'state', descending: false },
  open: 0,
};

/** What an earlier life of the view has kept, as far as it can be used. */
export function readState(value: unknown): State {
  const kept = typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  const text = (key: 'tab' | 'filter' | 'indexFilter'): string => (typeof kept[key] === 'string' ? kept[key] : initial[key]);
  return {
    tab: ['tables', 'indexes', 'growth'].includes(text('tab')) ? text('tab') : initial.tab,
    filter: text('filter'),
    bySchema: kept['bySchema'] === true,
    order: readOrder(kept['order']) ?? initial.order,
    indexFilter: text('indexFilter'),
    findingsOnly: kept['findingsOnly'] === true,
    indexOrder: readOrder(kept['indexOrder']) ?? initial.indexOrder,
    open: typeof kept['open'] === 'number' ? kept['open'] : initial.open,
  };
}

function readOrder(value: unknown): Order | undefined {
  const { by, descending } = typeof value === 'object' && value !== null ? (value as { by?: unknown; descending?: unknown }) : {};
  return typeof by === 'string' && typeof descending === 'boolean' ? { by, descending } : undefined;
}
