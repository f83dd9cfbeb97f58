import { hasShape, isObject } from './guards';
import type { Tone } from './overview';

/** Something that the reader can have done; the host knows what its id means. */
export interface ReportAction {
  readonly id: string;
  readonly label: string;
}

/** A step that was done, a check that was made, or a way that can be gone. */
export interface ReportStep {
  readonly title: string;
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'skipped' | 'open';
  /** The state in a word. */
  readonly word: string;
  /** Empty where it says nothing. */
  readonly time: string;
  readonly evidence: readonly { readonly name: string; readonly value: string }[];
  readonly action?: ReportAction;
}

/** What was tried and seen, and a verdict. */
export interface ReportView {
  readonly heading: string;
  readonly subheading: string;
  /** Without a tone while it is not known. */
  readonly verdict: { readonly tone?: Tone; readonly word: string; readonly sentence: string };
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  readonly sections: readonly { readonly title: string; readonly steps: readonly ReportStep[] }[];
  readonly remarks: readonly string[];
  readonly actions: readonly ReportAction[];
  readonly actionsLabel: string;
}

/** What the host sends. */
export interface ReportMessage {
  readonly kind: 'report';
  readonly view: ReportView;
}

/** What the view sends. */
export type ReportRequest = { readonly kind: 'ready' } | { readonly kind: 'action'; readonly id: string };

/** Whether the host has sent this. */
export function isReportMessage(value: unknown): value is ReportMessage {
  const isView = (view: unknown): boolean => isObject(view) && hasShape(view, { heading: 'string', verdict: 'object', sections: 'array', facts: 'array' });
  return isObject(value) && value['kind'] === 'report' && isView(value['view']);
}

/** Whether the view may have sent this. */
export function isReportRequest(value: unknown): value is ReportRequest {
  return isObject(value) && (value['kind'] === 'ready' || (value['kind'] === 'action' && typeof value['id'] === 'string'));
}
