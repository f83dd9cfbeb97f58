import type { Migration, Section, Statement, TableName } from './model';

/** What stands around a statement: what rules may look at besides it. */
export interface Around {
  readonly migration: Migration;
  readonly section: Section;
  /** Statements of the section that run before this one. */
  readonly before: readonly Statement[];
  readonly after: readonly Statement[];
  /** Whether nothing can be in a table, or it does not matter: it is made, or goes, in the same function. */
  readonly isIdle: (table: TableName | undefined) => boolean;
  /** The first statement that takes a lock which others wait behind, on a table that may be in use. */
  readonly firstLock: Statement | undefined;
}

const lockingKinds: ReadonlySet<Statement['kind']> = new Set<Statement['kind']>([
  'addColumn',
  'dropColumn',
  'renameColumn',
  'renameTable',
  'dropTable',
  'setNotNull',
  'dropNotNull',
  'setType',
  'addForeignKey',
  'addCheck',
  'addUnique',
  'addPrimaryKey',
  'dropConstraint',
  'disableTriggers',
]);

/** Each statement of a section with its surroundings, in time that grows with their number only. */
export function surroundings(migration: Migration, section: Section): readonly (readonly [Statement, Around])[] {
  const { statements } = section;
  const idleAt = idleTables(statements);
  const at = (index: number): ((table: TableName | undefined) => boolean) => {
    return (table) => table !== undefined && idleAt(table, index);
  };
  const firstLock = statements.find((statement, index) => isLocking(statement, at(index)));
  return statements.map((statement, index) => [
    statement,
    {
      migration,
      section,
      get before() {
        return statements.slice(0, index);
      },
      get after() {
        return statements.slice(index + 1);
      },
      isIdle: at(index),
      firstLock,
    },
  ]);
}

/** Where tables are made and dropped: between these a table is nobody's. */
function idleTables(statements: readonly Statement[]): (table: TableName, index: number) => boolean {
  const made = new Map<string, number>();
  const gone = new Map<string, number>();
  const key = ({ schema, name }: TableName): string => `${schema ?? 'public'}.${name}`;
  for (const [index, statement] of statements.entries()) {
    if (statement.kind === 'createTable' && statement.table !== undefined && !statement.ifNotExists) made.set(key(statement.table), index);
    if (statement.kind === 'dropTable' && statement.table !== undefined) gone.set(key(statement.table), index);
    if (statement.kind === 'renameTable' && statement.table !== undefined && statement.to !== undefined && made.has(key(statement.table))) {
      made.set(key({ ...statement.table, name: statement.to }), index);
    }
  }
  return (table, index) => (made.get(key(table)) ?? Number.POSITIVE_INFINITY) < index || (gone.get(key(table)) ?? -1) > index;
}

function isLocking(statement: Statement, isIdle: Around['isIdle']): boolean {
  switch (statement.kind) {
    case 'createIndex':
    case 'dropIndex':
      return !statement.concurrently && !isIdle(statement.table);
    case 'truncate':
      return statement.tables.some((table) => !isIdle(table));
    case 'other':
      return statement.locks !== undefined && !isIdle(statement.locks);
    default:
      return lockingKinds.has(statement.kind) && 'table' in statement && !isIdle(statement.table);
  }
}
