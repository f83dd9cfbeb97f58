import { formatBytes } from '../../src/protocol/format';

/** Puts values in place of `{0}`, `{1}`. */
export function fill(text: string, ...values: readonly (string | number)[]): string {
  return text.replace(/\{(\d)\}/g, (_, index: string) => String(values[Number(index)] ?? ''));
}

/** Bytes, with nothing at all for none: a column of zeros tells little. */
export function bytesText(bytes: number): string {
  return bytes === 0 ? '–' : formatBytes(bytes);
}

/** How long ago, in the user's language: `3 days ago`. */
export function agoText(then: number, now: number, language: string): string {
  const units: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
    ['day', 86_400_000],
    ['hour', 3_600_000],
    ['minute', 60_000],
  ];
  const passed = Math.max(0, now - then);
  const [unit, length] = units.find(([, milliseconds]) => passed >= milliseconds) ?? ['second', 1000];
  return new Intl.RelativeTimeFormat(language, { style: 'short', numeric: 'auto' }).format(-Math.floor(passed / length), unit);
}
