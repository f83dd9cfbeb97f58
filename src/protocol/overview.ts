import { hasShape, isObject } from './guards';

export type Tone = 'good' | 'warning' | 'bad';

/** Something that a part of the overview leads to; the host knows what its id means. */
export interface OverviewLink {
  readonly id: string;
  readonly label: string;
}

export interface OverviewFact {
  readonly name: string;
  readonly value: string;
  readonly tone?: Tone;
}

export interface OverviewTable {
  readonly columns: readonly { readonly title: string; readonly numeric?: boolean }[];
  readonly rows: readonly (readonly string[])[];
  /** What is left out at the end, in a line. */
  readonly more?: string;
}

/** A part of the overview. What there is nothing to say of is left out by whoever makes it. */
export interface OverviewSection {
  readonly id: string;
  readonly title: string;
  /** One word on how it is, and one sentence. */
  readonly verdict?: { readonly tone: Tone; readonly word: string; readonly sentence?: string };
  readonly facts?: readonly OverviewFact[];
  readonly table?: OverviewTable;
  readonly links: readonly OverviewLink[];
}

export interface OverviewView {
  readonly heading: string;
  readonly subheading: string;
  readonly state: { readonly tone: Tone; readonly word: string };
  readonly actions: readonly OverviewLink[];
  readonly sections: readonly OverviewSection[];
  readonly labels: { readonly loading: string; readonly actions: string };
}

/** What the host sends. */
export type OverviewMessage =
  { readonly kind: 'overview'; readonly view: OverviewView } | { readonly kind: 'failure'; readonly message: string; readonly remedy: string };

/** What the view sends. */
export type OverviewRequest = { readonly kind: 'ready' } | { readonly kind: 'open'; readonly id: string };

/** Whether the host has sent this. */
export function isOverviewMessage(value: unknown): value is OverviewMessage {
  if (!isObject(value)) return false;
  if (value['kind'] === 'failure') return hasShape(value, { message: 'string', remedy: 'string' });
  return (
    value['kind'] === 'overview' &&
    isObject(value['view']) &&
    hasShape(value['view'], { heading: 'string', sections: 'array', actions: 'array', state: 'object' })
  );
}

/** Whether the view may have sent this. */
export function isOverviewRequest(value: unknown): value is OverviewRequest {
  return isObject(value) && (value['kind'] === 'ready' || (value['kind'] === 'open' && typeof value['id'] === 'string'));
}
