import { formatCount } from '../../protocol/format';
import type { Check, Validation } from './validate';

const signs: Readonly<Record<Check['state'], string>> = { good: '✓', bad: '✗', note: '!', unknown: '?' };

/** Lines of a long list that are shown. */
const most = 20;

/** What was found, line by line, for people. */
export function validationLines(name: string, { checks, objects, rows }: Validation): readonly string[] {
  const worst = checks.some(({ state }) => state === 'bad') ? `${name} is not sound.` : `${name} is sound, as far as could be looked at.`;
  const counts = Object.entries(objects).map(([kind, count]) => `${formatCount(count)} ${kind}`);
  const total =
    rows === undefined
      ? []
      : [`${formatCount(Object.values(rows).reduce((sum, count) => sum + count, 0))} rows in ${formatCount(Object.keys(rows).length)} tables`];
  return [worst, '', ...checks.flatMap(checkLines), '', ...total, ...(counts.length === 0 ? [] : [counts.join(', ')])];
}

function checkLines({ id, state, count, message, remedy, found }: Check): readonly string[] {
  const shown = found.slice(0, most).map((each) => `    ${each.replaceAll(/\s+/g, ' ')}`);
  return [
    `${signs[state]} ${id} (${formatCount(count)}): ${message}`,
    ...shown,
    ...(found.length > most ? [`    and ${formatCount(found.length - most)} more`] : []),
    ...(remedy === undefined ? [] : [`    ${remedy}`]),
  ];
}
