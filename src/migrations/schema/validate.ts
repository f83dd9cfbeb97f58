import { countRows, listFilledTables, type RowCounts } from '../../postgres/catalogue';
import { identifier, literal } from '../../postgres/quote';
import type { Session } from '../../postgres/session';
import { messageOf } from '../../protocol/failure';
import type { ObjectKind, Schema } from './model';
import { readSchema } from './readSchema';

/** One question to a database, and how it was answered. */
export interface Check {
  readonly id: 'catalogue' | 'constraints' | 'references' | 'indexes' | 'sequences' | 'extensions' | 'migrations';
  /** `good`, `bad`: something will fail or has gone wrong; `note`: worth knowing; `unknown`: it could not be looked at. */
  readonly state: 'good' | 'bad' | 'note' | 'unknown';
  /** Of all that was looked at. */
  readonly count: number;
  readonly message: string;
  readonly remedy?: string;
  /** What was found, one by one. */
  readonly found: readonly string[];
}

export interface Validation {
  readonly checks: readonly Check[];
  /** How many objects there are of each kind. */
  readonly objects: Readonly<Partial<Record<ObjectKind, number>>>;
  /** Exact, where they were asked for. */
  readonly rows?: RowCounts;
}

export interface ValidationWishes {
  /** Reads every table: counts its rows, and looks for references to rows that are not there. */
  readonly deep?: boolean;
}

/** Looks whether a database is sound, and changes nothing. A question that fails is answered `unknown`. */
export async function validate(session: Session, { deep = false }: ValidationWishes = {}): Promise<Validation> {
  const schema = await readSchema(session).catch((error: unknown) => messageOf(error));
  const checks = [
    typeof schema === 'string' ? unreadable(schema) : readable(schema),
    await answered('constraints', () => checkConstraints(session)),
    ...(deep ? [await answered('references', () => checkReferences(session))] : []),
    await answered('indexes', () => checkIndexes(session)),
    await answered('sequences', () => checkSequences(session)),
    await answered('extensions', () => checkExtensions(session)),
  ];
  const rows = deep ? await countRows(session, await listFilledTables(session)) : undefined;
  return { checks, objects: typeof schema === 'string' ? {} : countKinds(schema), ...(rows === undefined ? {} : { rows }) };
}

function countKinds({ objects }: Schema): Validation['objects'] {
  const counts: Partial<Record<ObjectKind, number>> = {};
  for (const { kind } of objects.values()) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

function readable({ objects }: Schema): Check {
  return { id: 'catalogue', state: 'good', count: objects.size, message: 'All definitions can be read.', found: [] };
}

function unreadable(reason: string): Check {
  return {
    id: 'catalogue',
    state: 'bad',
    count: 0,
    message: `The definitions of the database cannot be read: ${reason}`,
    remedy: 'Restore the last good backup into a new database, and compare.',
    found: [],
  };
}

async function answered(id: Check['id'], ask: () => Promise<Omit<Check, 'id'>>): Promise<Check> {
  try {
    return { id, ...(await ask()) };
  } catch (error) {
    return { id, state: 'unknown', count: 0, message: `It could not be looked at: ${messageOf(error)}`, found: [] };
  }
}

/** The state of one check from what it found. */
function outcome(count: number, found: readonly string[], good: string, otherwise: Pick<Check, 'state' | 'message' | 'remedy'>): Omit<Check, 'id'> {
  return found.length === 0 ? { state: 'good', count, message: good, found } : { count, found, ...otherwise };
}

const ofUsers = "n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'";

async function checkConstraints(session: Session): Promise<Omit<Check, 'id'>> {
  const rows = await session.query<{ name: string; valid: boolean }>(
    `SELECT format('%I on %I.%I', k.conname, n.nspname, c.relname) AS name, k.convalidated AS valid
     FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE ${ofUsers} AND k.contype <> 'n' ORDER BY 1`,
  );
  const found = rows.filter(({ valid }) => !valid).map(({ name }) => name);
  return outcome(rows.length, found, 'Every constraint holds for all rows.', {
    state: 'note',
    message: 'Constraints hold for new rows only.',
    remedy: 'Look for rows that break them, then ALTER TABLE … VALIDATE CONSTRAINT.',
  });
}

interface ReferenceRow {
  readonly name: string;
  readonly child: string;
  readonly parent: string;
  readonly columns: readonly string[];
  readonly referenced: readonly string[];
}

/** Rows that refer to nothing cannot come about by statements, but by loads with triggers switched off, and by damage. */
async function checkReferences(session: Session): Promise<Omit<Check, 'id'>> {
  const names = (keys: string, relation: string): string =>
    `(SELECT array_agg(a.attname::text ORDER BY x.place) FROM unnest(${keys}) WITH ORDINALITY AS x(number, place) JOIN pg_attribute AS a ON a.attrelid = ${relation} AND a.attnum = x.number)`;
  const references = await session.query<ReferenceRow>(
    `SELECT format('%I on %I.%I', k.conname, n.nspname, c.relname) AS name, format('%I.%I', n.nspname, c.relname) AS child,
            (SELECT format('%I.%I', pn.nspname, p.relname) FROM pg_class AS p JOIN pg_namespace AS pn ON pn.oid = p.relnamespace WHERE p.oid = k.confrelid) AS parent,
            ${names('k.conkey', 'k.conrelid')} AS columns, ${names('k.confkey', 'k.confrelid')} AS referenced
     FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
     WHERE k.contype = 'f' AND k.convalidated AND k.conparentid = 0 AND ${ofUsers} ORDER BY 1`,
  );
  const found: string[] = [];
  for (const { name, child, parent, columns, referenced } of references) {
    const present = columns.map((column) => `c.${identifier(column)} IS NOT NULL`).join(' AND ');
    const same = columns.map((column, index) => `p.${identifier(referenced[index] ?? '')} = c.${identifier(column)}`).join(' AND ');
    const [row] = await session.query<{ count: number }>(
      `SELECT count(*) AS count FROM ${child} AS c WHERE ${present} AND NOT EXISTS (SELECT FROM ${parent} AS p WHERE ${same})`,
    );
    if ((row?.count ?? 0) > 0) found.push(`${name}: ${row?.count ?? 0} rows refer to nothing`);
  }
  return outcome(references.length, found, 'Every reference leads to a row.', {
    state: 'bad',
    message: 'Rows refer to rows that are not there.',
    remedy: 'Restore the missing rows from a backup, or remove what refers to them.',
  });
}

async function checkIndexes(session: Session): Promise<Omit<Check, 'id'>> {
  const rows = await session.query<{ name: string; good: boolean }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name, x.indisvalid AND x.indisready AND x.indislive AS good
     FROM pg_index AS x JOIN pg_class AS c ON c.oid = x.indexrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE ${ofUsers} ORDER BY 1`,
  );
  const found = rows.filter(({ good }) => !good).map(({ name }) => name);
  return outcome(rows.length, found, 'Every index is valid.', {
    state: 'bad',
    message: 'Indexes are invalid: they cost time and help nobody, and a unique one lets duplicates in.',
    remedy: 'REINDEX INDEX CONCURRENTLY, or drop them.',
  });
}

interface SequenceRow {
  readonly sequence: string;
  readonly table: string;
  readonly column: string;
  readonly increment: number;
}

const sequencesOfColumns = `
  SELECT DISTINCT format('%I.%I', sn.nspname, s.relname) AS sequence, format('%I.%I', n.nspname, c.relname) AS "table", a.attname AS column, q.seqincrement AS increment
  FROM pg_class AS s JOIN pg_namespace AS sn ON sn.oid = s.relnamespace JOIN pg_sequence AS q ON q.seqrelid = s.oid
    JOIN (SELECT d.objid AS sequence, d.refobjid AS relation, d.refobjsubid AS number FROM pg_depend AS d
          WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
          UNION SELECT d.refobjid, f.adrelid, f.adnum FROM pg_depend AS d JOIN pg_attrdef AS f ON f.oid = d.objid
          WHERE d.classid = 'pg_attrdef'::regclass AND d.refclassid = 'pg_class'::regclass) AS u ON u.sequence = s.oid
    JOIN pg_class AS c ON c.oid = u.relation JOIN pg_namespace AS n ON n.oid = c.relnamespace JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = u.number
  WHERE s.relkind = 'S' AND c.relkind IN ('r', 'p') AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype) AND ${ofUsers} ORDER BY 1`;

/** A sequence that is behind its column gives numbers that are taken, and inserting fails. */
async function checkSequences(session: Session): Promise<Omit<Check, 'id'>> {
  const sequences = await session.query<SequenceRow>(sequencesOfColumns);
  const found: string[] = [];
  for (const { sequence, table, column, increment } of sequences) {
    const [extreme, isTaken] = increment > 0 ? ['max', '<='] : ['min', '>='];
    const [row] = await session.query<{ next: number; reached: number }>(
      `SELECT next, reached FROM (SELECT CASE WHEN is_called THEN last_value + ${increment} ELSE last_value END AS next, (SELECT ${extreme}(${identifier(column)}) FROM ${table})::bigint AS reached
         FROM ${sequence}) AS s WHERE next ${isTaken} reached`,
    );
    if (row !== undefined)
      found.push(`${sequence} gives ${row.next} next, ${table}.${column} has reached ${row.reached}: SELECT setval(${literal(sequence)}, ${row.reached})`);
  }
  return outcome(sequences.length, found, 'Every sequence is ahead of its column.', {
    state: 'bad',
    message: 'Sequences give numbers that are taken; inserting will fail.',
    remedy: 'Set each behind the largest value, with the statement beside it.',
  });
}

async function checkExtensions(session: Session): Promise<Omit<Check, 'id'>> {
  const rows = await session.query<{ name: string; version: string; available: string | null }>(
    `SELECT x.extname AS name, x.extversion AS version, a.default_version AS available
     FROM pg_extension AS x LEFT JOIN pg_available_extensions AS a ON a.name = x.extname ORDER BY 1`,
  );
  const missing = rows.filter(({ available }) => available === null).map(({ name }) => `${name}: the server does not have its files`);
  const older = rows
    .filter(({ available, version }) => available !== null && available !== version)
    .map(({ name, version, available }) => `${name} ${version}, the server has ${available}`);
  return outcome(rows.length, [...missing, ...older], 'Every extension is there, and up to date.', {
    state: missing.length > 0 ? 'bad' : 'note',
    message: missing.length > 0 ? 'Extensions are not installed on this server; what uses them fails.' : 'Extensions are older than those of the server.',
    remedy: missing.length > 0 ? 'Use the image that the database was made with, or install them.' : 'ALTER EXTENSION … UPDATE, after a backup.',
  });
}
