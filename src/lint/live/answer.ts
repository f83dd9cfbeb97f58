import { identifier } from '../../postgres/quote';
import type { Session } from '../../postgres/session';
import { formatAge, formatBytes, formatCount } from '../../protocol/format';
import { tableText } from '../model';
import type { Severity } from '../severity';
import { shown, type Answer } from './answered';
import { dependentsOf, inboundKeys, lockHolders, lockTimeout, indexState, notNullProof, schemaContent, volatility } from './catalogue';
import { duplicates, orphans } from './groups';
import { isHarmless } from './pure';
import type { Question } from './question';
import { liveTable, type LiveTable } from './table';
import { typeAnswer } from './typeChange';

/** What only the surroundings of the database know. */
export interface Surroundings {
  /** The newest backup that was verified; undefined where backups are not known, null where there is none. */
  readonly lastBackup?: Date | null;
  readonly now: Date;
}

type TableQuestion = Extract<Question, { readonly table: unknown }>;

/** Answers one question; undefined when there is nothing to tell. Throws what Postgres says, such as a timeout. */
export async function answer(session: Session, question: Question, surroundings: Surroundings): Promise<Answer | undefined> {
  switch (question.kind) {
    case 'lastBackup':
      return backupAnswer(surroundings);
    case 'lockTimeout':
      return lockTimeout(session);
    case 'versions': {
      const rows = await session.query<{ version_num: string }>('SELECT version_num FROM alembic_version LIMIT 20');
      return { text: `the database is at ${rows.map(({ version_num: version }) => shown(version)).join(', ') || 'no revision'}` };
    }
    case 'volatility':
      return volatility(session, question.functions);
    case 'schema':
      return schemaContent(session, question.name);
    case 'index':
      return indexState(session, question.name, question.schema);
    case 'tableExists': {
      const table = await liveTable(session, question.table);
      return table === undefined ? undefined : { text: `a table ${tableText(question.table)} is already there`, raised: 'high' };
    }
    default: {
      const table = await liveTable(session, question.table);
      return table === undefined ? { text: `there is no table ${tableText(question.table)} yet` } : ofTable(session, question, table);
    }
  }
}

async function ofTable(session: Session, question: Exclude<TableQuestion, { readonly kind: 'tableExists' }>, table: LiveTable): Promise<Answer | undefined> {
  switch (question.kind) {
    case 'rows': {
      const rows = await rowCount(session, table);
      return { text: rowsText(rows), ...(question.fatal === true && rows.count > 0 ? { raised: 'high' as const } : {}) };
    }
    case 'size':
      return { text: `${formatBytes(table.sizeBytes)}, ${rowsText(await rowCount(session, table))}` };
    case 'locks':
      return lockHolders(session, table);
    case 'nulls':
      return columnCount(session, table, `${identifier(question.column)} IS NULL`, ['NULL', 'NULLs'], 'high');
    case 'proof':
      return notNullProof(session, table, question.column);
    case 'values':
      return columnCount(session, table, `${identifier(question.column)} IS NOT NULL`, ['value', 'values'], 'high');
    case 'violations':
      if (!(await isHarmless(question.expression))) return undefined;
      return columnCount(session, table, `NOT (${question.expression}\n)`, ['row that does not pass', 'rows that do not pass'], 'high');
    case 'touched':
      if (question.where === undefined) return { text: `${rowsText(await rowCount(session, table))} would be written` };
      if (!(await isHarmless(question.where))) return undefined;
      return columnCount(session, table, `(${question.where}\n)`, ['row would be written', 'rows would be written']);
    case 'type':
      return typeAnswer(session, table, question.column, question.type);
    case 'dependents':
      return dependentsOf(session, table, question.table, question.column);
    case 'inbound':
      return inboundKeys(session, table);
    case 'duplicates':
      return duplicates(session, table, question.columns, question.nullsCount === true);
    case 'orphans':
      return orphans(session, table, question);
  }
}

interface Rows {
  readonly count: number;
  readonly exact: boolean;
}

async function rowCount(session: Session, table: LiveTable): Promise<Rows> {
  if (table.isLarge && table.estimatedRows > 0) return { count: Math.round(table.estimatedRows), exact: false };
  const [row] = await session.query<{ n: number }>(`SELECT count(*) AS n FROM ${table.rows} t`);
  return { count: row?.n ?? 0, exact: !table.isLarge };
}

function rowsText({ count, exact }: Rows): string {
  const text = `${formatCount(count)} ${count === 1 ? 'row' : 'rows'}`;
  return exact ? text : `about ${text}`;
}

async function columnCount(
  session: Session,
  table: LiveTable,
  condition: string,
  words: readonly [one: string, many: string],
  raised?: Severity,
): Promise<Answer> {
  const sql = `SELECT count(*) FILTER (WHERE ${condition}) AS n, count(*) AS all FROM ${table.rows} t`;
  const [row] = await session.query<{ n: number; all: number }>(sql);
  const count = row?.n ?? 0;
  const found = `${count === 0 ? 'no' : formatCount(count)} ${count === 1 ? words[0] : words[1]}`;
  const text = table.isLarge
    ? `${count === 0 ? '' : 'at least '}${found} (only ${formatCount(row?.all ?? 0)} rows were looked at)`
    : `${found}, of ${formatCount(row?.all ?? 0)} ${row?.all === 1 ? 'row' : 'rows'}`;
  return raised === undefined || count === 0 ? { text } : { text, raised };
}

function backupAnswer({ lastBackup, now }: Surroundings): Answer | undefined {
  if (lastBackup === undefined) return undefined;
  if (lastBackup === null) return { text: 'no verified backup', raised: 'high' };
  const isOld = now.getTime() - lastBackup.getTime() > 24 * 3_600_000;
  return { text: `the last verified backup was made ${formatAge(lastBackup, now)}`, ...(isOld ? { raised: 'high' as const } : {}) };
}
