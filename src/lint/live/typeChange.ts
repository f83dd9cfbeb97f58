import { identifier } from '../../postgres/quote';
import type { Session } from '../../postgres/session';
import { formatCount } from '../../protocol/format';
import { isWidening } from '../rules/support';
import type { Answer } from './answered';
import type { LiveTable } from './table';

/** What a change of type meets: what the column is now, whether the table is written anew, and values that do not fit. */
export async function typeAnswer(session: Session, table: LiveTable, column: string, wanted: string | undefined): Promise<Answer | undefined> {
  const [now] = await session.query<{ type: string }>(
    'SELECT format_type(atttypid, atttypmod) AS type FROM pg_attribute WHERE attrelid = $1::int8::oid AND attname = $2 AND NOT attisdropped',
    [table.oid, column],
  );
  if (now === undefined) return { text: `there is no column ${column} yet` };
  const is = `${column} is ${now.type}`;
  // Written into a statement, so only what looks like the name of a type, and what Postgres knows as one.
  if (wanted === undefined || !/^[\w. ]+(\(\d+(,\d+)?\))?(\[\])?$/.test(wanted)) return { text: is };
  const change = await changeOf(session, now.type, wanted);
  if (change === undefined) return { text: is };
  const rewrite = change.needsUsing ? undefined : rewrites(change);
  const using = change.needsUsing ? `; it does not become ${wanted} without USING` : '';
  const facts = `${is}${using}${rewrite === undefined ? '' : `; the table is ${rewrite ? '' : 'not '}rewritten`}`;
  const raised = change.needsUsing ? { raised: 'high' as const } : {};
  if (session.major < 16) return { text: facts, ...raised };
  const sql = `SELECT count(*) FILTER (WHERE NOT pg_input_is_valid(${identifier(column)}::text, $1)) AS n, count(*) AS all FROM ${table.rows} t`;
  const [row] = await session.query<{ n: number; all: number }>(sql, [wanted]);
  const failing = row?.n ?? 0;
  const at = table.isLarge ? 'at least ' : '';
  if (failing === 0) return { text: `${facts}; all ${formatCount(row?.all ?? 0)} values that were looked at read as ${wanted}`, ...raised };
  return { text: `${facts}; ${at}${formatCount(failing)} ${failing === 1 ? 'value does' : 'values do'} not read as ${wanted}`, raised: 'very high' };
}

/** A change between two types, as Postgres sees it. */
interface TypeChange {
  readonly from: string;
  readonly to: string;
  readonly isSame: boolean;
  /** Of `pg_cast`: by a function, as they are in memory, or by their texts. */
  readonly method: 'f' | 'b' | 'i' | null;
  /** Whether somebody has to write `USING`. */
  readonly needsUsing: boolean;
}

/** Undefined for what is no type there. */
async function changeOf(session: Session, from: string, to: string): Promise<TypeChange | undefined> {
  const plain = (type: string): string => type.replace(/\(.*\)/, '');
  // To a text everything is converted by itself; domains and arrays are converted by what they are made of.
  const [row] = await session.query<Omit<TypeChange, 'from' | 'to'>>(
    `SELECT f.oid = t.oid AS "isSame", c.castmethod::text AS method, f.oid <> t.oid AND f.typtype = 'b' AND t.typtype = 'b' AND 'A' NOT IN (f.typcategory, t.typcategory) ` +
      `AND CASE WHEN c.oid IS NULL THEN t.typcategory <> 'S' ELSE c.castcontext = 'e' END AS "needsUsing" ` +
      'FROM pg_type f CROSS JOIN pg_type t LEFT JOIN pg_cast c ON c.castsource = f.oid AND c.casttarget = t.oid WHERE f.oid = to_regtype($1) AND t.oid = to_regtype($2)',
    [plain(from), plain(to)],
  );
  return row === undefined ? undefined : { from, to, ...row };
}

/** Whether each row is written anew; undefined where that cannot be told without trying. */
function rewrites({ from, to, isSame, method }: TypeChange): boolean | undefined {
  if (/^timestamp/.test(from) && /^timestamp/.test(to)) return undefined; // by the time zone of the session, and how exact both are
  if (!isSame && (method === 'f' || method === 'i')) return true;
  if (!isSame && method === null) return /^(text|varchar|character varying)\b/.test(to) ? true : undefined;
  if (!/\(/.test(to)) return false;
  const short = (type: string): string => type.replace('character varying', 'varchar');
  return /^(varchar|numeric)\(/.test(short(to)) ? !isWidening(short(from), short(to)) : undefined;
}
