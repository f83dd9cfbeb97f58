import type { Default } from '../model';

/** Functions that give the same for all rows of a statement (`pg_proc.provolatile` is not `v`), and types and words that look like calls. */
const constant = new Set(
  (
    'now transaction_timestamp statement_timestamp timezone to_timestamp to_date date_trunc make_interval make_date age date_part extract coalesce nullif cast ' +
    'lower upper concat json_build_object jsonb_build_object json_build_array jsonb_build_array to_json to_jsonb array string_to_array md5 length abs round floor ceil ' +
    'current_setting current_timestamp localtimestamp current_time localtime greatest least format left right replace trim btrim row in values any all encode decode ' +
    'varchar char character numeric decimal bit varbit timestamp timestamptz time timetz interval float'
  ).split(' '),
);

/** What an SQL expression is as a default. It may give another value for each row where it calls a function that is not known. */
export function sqlDefault(sql: string): Default {
  const bare = sql.replaceAll(/'(?:[^']|'')*'/g, "''");
  const called = [...bare.matchAll(/([a-z_][\w$.]*)\s*\(/gi)].map(([, name = '']) => name.toLowerCase().replace(/^pg_catalog\./, ''));
  const calls = called.filter((name) => !constant.has(name));
  return calls.length === 0 ? { volatile: false } : { volatile: true, calls };
}
