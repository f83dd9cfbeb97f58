import type { Severity } from '../severity';

/** What the database answers: in words, and how much worse it makes the warning. */
export interface Answer {
  readonly text: string;
  readonly raised?: Severity;
}

/** A value of a stranger, short and on one line. */
export function shown(value: string): string {
  const plain = value.replaceAll(/\p{Cc}+/gu, ' ');
  return plain.length > 40 ? `${plain.slice(0, 39)}…` : plain;
}
