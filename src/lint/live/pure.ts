import { mayHoldPlaceholder } from '../sql/mask';
import { loadSqlParser } from '../sql/parser';
import { sqlTokens } from '../sql/tokens';

/** Functions that only look at what they are given. */
const harmless = new Set(
  'lower upper length char_length octet_length abs round floor ceil trim btrim ltrim rtrim replace left right position substring strpos coalesce now date_part date_trunc extract age md5 starts_with jsonb_typeof jsonb_array_length array_length cardinality num_nonnulls num_nulls'.split(
    ' ',
  ),
);

/** Whether a condition that a file holds may be tried on a database: it reads its own row, and runs nothing of which nobody knows what it does. */
export async function isHarmless(expression: string): Promise<boolean> {
  // Anything that would end the condition and begin something else.
  if (sqlTokens(expression).some(({ kind, from, to }) => kind === 'sign' && expression.slice(from, to) === ';')) return false;
  const parse = await loadSqlParser();
  try {
    const tree = JSON.stringify(parse(`SELECT 1 WHERE (${expression}\n)`));
    if (/"(?:SubLink|ParamRef|intoClause|lockingClause|fromClause|groupClause|limitCount|sortClause)"|"op":"SETOP_(?!NONE)/.test(tree)) return false;
    if (mayHoldPlaceholder(tree)) return false;
    const called = [...tree.matchAll(/"funcname":(\[.*?\])/g)].map(([, names = '']) => [...names.matchAll(/"sval":"([^"]*)"/g)].map(([, name = '']) => name));
    return called.every((names) => harmless.has(names.at(-1) ?? '') && (names.length === 1 || names[0] === 'pg_catalog'));
  } catch {
    return false; // what cannot be parsed is not tried
  }
}
