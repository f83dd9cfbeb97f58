import type { Draft } from './draft';
import type { Statement } from './statements';

/** A draft as SQL for people to read, with its risks, and with what it leaves open. */
export function draftText({ before, statements, open }: Draft): string {
  const left = open.map(({ name, why }) => comment(`Left as it is: ${name}, since ${why}.`));
  if (before.length === 0 && statements.length === 0) return [...left, ''].join('\n');
  return [
    comment('A draft. Read it, and try it on a copy; nothing runs it by itself.'),
    ...left,
    '',
    ...(before.length === 0 ? [] : [comment('Outside of the transaction, since new labels can be used only after it.'), ...before.map(line), '']),
    'BEGIN;',
    "SET LOCAL search_path = '';",
    'SET LOCAL check_function_bodies = off;',
    '',
    ...statements.map(line),
    '',
    'COMMIT;',
    '',
  ].join('\n');
}

function line({ sql, risk }: Statement): string {
  return `${risk === undefined ? '' : `${comment(`RISK: ${risk}`)}\n`}${sql};`;
}

/** Names may hold line breaks; what stands behind one must not run. */
function comment(text: string): string {
  return `-- ${text.replaceAll(/[\r\n\u0085\u2028\u2029]+/g, ' ')}`;
}
