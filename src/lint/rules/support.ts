import type { Question } from '../live/question';
import { isSameTable, tableText, type Column, type Migration, type Statement, type StatementOf, type TableName, type TypeName } from '../model';
import type { Around } from '../around';
import type { Report } from '../rule';

/** A table as a sentence names it. */
export function nameOf(table: TableName | undefined): string {
  return table === undefined ? 'a table' : tableText(table);
}

/** Words as a sentence. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  return `${trimmed.charAt(0).toUpperCase()}${trimmed.slice(1)}${/[.!?]$/.test(trimmed) ? '' : '.'}`;
}

/** Whether an index is one that the same function made on a table of its own. */
export function isOfNewIndex(name: string | undefined, around: Around): boolean {
  return around.before.some((each) => each.kind === 'createIndex' && each.name === name && name !== undefined && around.isIdle(each.table));
}

/** Looks at statements of a kind that are about tables which may be in use. */
export function onExisting<Kind extends Statement['kind']>(
  statement: Statement,
  around: Around,
  kind: Kind,
  look: (statement: StatementOf<Kind>) => Report | undefined,
): Report | undefined {
  if (statement.kind !== kind || ('table' in statement && around.isIdle(statement.table))) return undefined;
  return look(statement as StatementOf<Kind>);
}

/** Questions about a table, where it is known which. */
export function asked(table: TableName | undefined, questions: (table: TableName) => readonly Question[]): readonly Question[] {
  return table === undefined ? [] : questions(table);
}

/** Whether adding a column writes the whole table anew. */
export function isRewrite(column: Column): boolean {
  return column.default?.volatile === true || column.generated !== undefined;
}

/** Whether a CHECK that was validated before has proven that a column holds no NULL. */
export function isProvenNotNull(table: TableName | undefined, column: string, { before }: Around): boolean {
  return before.some((check, index) => {
    if (check.kind !== 'addCheck' || !isSameTable(check.table, table)) return false;
    const proves = new RegExp(`^\\(*"?${column.replaceAll(/[^\w]/g, '\\$&')}"?\\s+is\\s+not\\s+null\\)*$`, 'i').test(check.expression?.trim() ?? '');
    const validated = before.slice(index).some((each) => each.kind === 'validateConstraint' && isSameTable(each.table, table) && each.name === check.name);
    return proves && (validated || !check.notValid);
  });
}

/** Whether Postgres only changes its catalogue: a longer varchar, or text. */
export function isWidening(from: TypeName, to: TypeName): boolean {
  const length = (type: TypeName): number | undefined => {
    if (type === 'text' || type === 'varchar') return Number.POSITIVE_INFINITY;
    const size = /^varchar\((\d+)\)$/.exec(type ?? '')?.[1];
    return size === undefined ? undefined : Number(size);
  };
  const [old, wanted] = [length(from), length(to)];
  if (old !== undefined && wanted !== undefined) return wanted >= old;
  const [oldNumber, newNumber] = [from, to].map((type) => /^numeric\((\d+)(?:,(\d+))?\)$/.exec(type ?? ''));
  if (oldNumber === null || oldNumber === undefined || newNumber === null || newNumber === undefined) return false;
  return (oldNumber[2] ?? '0') === (newNumber[2] ?? '0') && Number(newNumber[1]) >= Number(oldNumber[1]);
}

/** Whether a statement loses data that may be there. */
export function isDestructive(statement: Statement, around: Around): boolean {
  if (statement.kind === 'truncate') return statement.tables.some((table) => !around.isIdle(table));
  if (statement.kind === 'changeRows') return statement.what === 'delete' && !around.isIdle(statement.table);
  if (statement.kind === 'dropCascade') return ['schema', 'type', 'domain', 'extension', 'owned'].includes(statement.what);
  return (statement.kind === 'dropTable' || statement.kind === 'dropColumn') && !around.isIdle(statement.table);
}

/** Whether the way up makes a table; going back then drops it by intention. */
export function createsTable({ sections }: Migration, table: TableName | undefined): boolean {
  return sections.some(
    ({ direction, statements }) => direction === 'up' && statements.some((each) => each.kind === 'createTable' && isSameTable(each.table, table)),
  );
}

export function addsColumn({ sections }: Migration, table: TableName | undefined, column: string): boolean {
  const adds = (each: Statement): boolean => each.kind === 'addColumn' && isSameTable(each.table, table) && each.column.name === column;
  return sections.some(({ direction, statements }) => direction === 'up' && statements.some(adds));
}

/** The names that a statement gives to things. */
export function namesIn(statement: Statement): readonly string[] {
  switch (statement.kind) {
    case 'createTable':
      return [...(statement.table === undefined ? [] : [statement.table.name]), ...statement.columns.map(({ name }) => name)];
    case 'addColumn':
      return [statement.column.name];
    case 'renameColumn':
    case 'renameTable':
      return statement.to === undefined ? [] : [statement.to];
    case 'addForeignKey':
    case 'addCheck':
    case 'addUnique':
    case 'addPrimaryKey':
    case 'createIndex':
      return statement.name === undefined ? [] : [statement.name];
    default:
      return [];
  }
}

/** A new column of a type that is better avoided. */
export function typedColumn(statement: Statement, type: RegExp, what: string, fits: (column: Column) => boolean = () => true): Report | undefined {
  const columns = statement.kind === 'addColumn' ? [statement.column] : statement.kind === 'createTable' ? statement.columns : [];
  const found = columns.filter((column) => type.test(column.type ?? '') && fits(column));
  const [first] = found;
  if (first === undefined) return undefined;
  const names = found.map(({ name }) => name).join(', ');
  return { span: first.span, message: found.length === 1 ? `${names} ${what}.` : `${names}: each ${what}.` };
}
