import type { Operation, Progress } from '../../../src/operations/operation';

export interface FakeOperation extends Operation {
  readonly reports: Progress[];
  readonly lines: string[];
}

/** An operation that keeps what it is told. */
export function fakeOperation(signal: AbortSignal = new AbortController().signal): FakeOperation {
  const reports: Progress[] = [];
  const lines: string[] = [];
  const note = (message: string): void => void lines.push(message);
  return { signal, reports, lines, report: (progress) => void reports.push(progress), log: { debug: note, info: note, warn: note, error: note } };
}
