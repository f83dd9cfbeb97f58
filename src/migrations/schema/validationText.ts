import { formatCount } from '../../protocol/format';
import type { Check, Validation } from './validate';

const signs: Readonly<Record<Check['state'], string>> = { good: '✓', bad: '✗', note: '!', unknown: '?' };

/** Lines of a long list that are shown. */
const most = 20;

/** What was found, line by line, for people. */
export function validationLines(name: string, { checks, objects, rows }: Validation): readonly string[] {
  const has = (state: Check['state']): boolean => checks.some((check) => check.state === state);
  const verdict = has('bad') ? 'is not sound' : has('unknown') ? 'could not be looked at as a whole' : 'is sound';
  const counts = Object.entries(objects).map(([kind, count]) => `${kind}: ${formatCount(count)}`);
  const total =
    rows === undefined
      ? []
      : [`${formatCount(Object.values(rows).reduce((sum, count) => sum + count, 0))} rows in ${formatCount(Object.keys(rows).length)} tables`];
  return [`${name} ${verdict}.`, '', ...checks.flatMap(checkLines), '', ...total, ...(counts.length === 0 ? [] : [counts.join(' · ')])];
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
