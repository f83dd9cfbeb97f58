import type { Column, Effect, Span, TableName } from '../model';
import { columnOf, defaultOf, sqlType } from './types';
import { isTrue, mappedText, plainText, type Call, type Value } from './value';

/** What one call does: several things, where Alembic puts them into one. */
export interface Operation {
  readonly effect: Effect;
  /** What a warning underlines; the name of the operation when left out. */
  readonly focus?: Span;
}

type Reader = (call: Arguments) => readonly Operation[];

/** The arguments of an operation. In a batch the table is that of the batch, and is not among them. */
class Arguments {
  constructor(
    readonly call: Call,
    private readonly batch: TableName | 'none' | undefined,
  ) {}

  get inBatch(): boolean {
    return this.batch !== 'none';
  }

  value(index: number, name: string): Value | undefined {
    return this.call.keywords.get(name)?.value ?? this.call.args[index];
  }

  text(index: number, name: string): string | undefined {
    return plainText(this.value(index, name));
  }

  /** For positions that come after the table, which a batch leaves out. */
  after(index: number, name: string): Value | undefined {
    return this.value(this.inBatch ? index - 1 : index, name);
  }

  flag(name: string): boolean {
    return isTrue(this.call.keywords.get(name)?.value);
  }

  span(name: string): Span | undefined {
    return this.call.keywords.get(name)?.span;
  }

  table(index: number, name = 'table_name', schemaName = 'schema'): TableName | undefined {
    if (this.batch !== 'none') return this.batch;
    return tableNamed(this.text(index, name), this.text(-1, schemaName));
  }

  names(index: number, name: string): readonly string[] {
    const value = this.after(index, name);
    const items = value?.kind === 'list' ? value.items : value === undefined ? [] : [value];
    const texts = items.map((item) => (item.kind === 'text' ? item.text.text : undefined));
    return texts.every((text) => text !== undefined) ? texts : [];
  }
}

export function tableNamed(name: string | undefined, schema?: string): TableName | undefined {
  if (name === undefined) return undefined;
  return schema === undefined ? { name } : { schema, name };
}

const named = (name: string | undefined): { readonly name?: string } => (name === undefined ? {} : { name });

const readers: Readonly<Record<string, Reader>> = {
  create_table: (given) => {
    const columns = given.call.args.slice(1).flatMap((part) => columnOf(part) ?? []);
    return [{ effect: { kind: 'createTable', table: given.table(0), columns, ifNotExists: given.flag('if_not_exists') } }];
  },
  drop_table: (given) => [{ effect: { kind: 'dropTable', table: given.table(0), cascade: false } }],
  rename_table: (given) => [{ effect: { kind: 'renameTable', table: given.table(0, 'old_table_name'), to: given.text(1, 'new_table_name') } }],
  add_column: (given) => {
    const column = columnOf(given.after(1, 'column'));
    return column === undefined ? [] : addedColumn(given.table(0), column);
  },
  drop_column: (given) => [{ effect: { kind: 'dropColumn', table: given.table(0), column: plainText(given.after(1, 'column_name')) } }],
  alter_column: alterColumn,
  create_index: (given) => {
    const effect: Effect = {
      kind: 'createIndex',
      table: given.table(1),
      columns: given.names(2, 'columns'),
      ...named(given.text(0, 'index_name')),
      unique: given.flag('unique'),
      partial: given.span('postgresql_where') !== undefined,
      concurrently: given.flag('postgresql_concurrently'),
      ifNotExists: given.flag('if_not_exists'),
    };
    return [{ effect }];
  },
  drop_index: (given) => {
    const schema = given.text(-1, 'schema');
    const effect: Effect = {
      kind: 'dropIndex',
      table: given.table(1),
      ...named(given.text(0, 'index_name')),
      ...(schema === undefined ? {} : { schema }),
      concurrently: given.flag('postgresql_concurrently'),
      ifExists: given.flag('if_exists'),
    };
    return [{ effect }];
  },
  create_foreign_key: (given) => {
    const effect: Effect = {
      kind: 'addForeignKey',
      ...named(given.text(0, 'constraint_name')),
      table: given.table(1, 'source_table', 'source_schema'),
      target: tableNamed(plainText(given.after(2, 'referent_table')), given.text(-1, 'referent_schema')),
      columns: given.names(3, 'local_cols'),
      targetColumns: given.names(4, 'remote_cols'),
      notValid: given.flag('postgresql_not_valid'),
    };
    return [{ effect }];
  },
  create_check_constraint: (given) => {
    const condition = given.after(2, 'condition');
    const expression = mappedText(condition)?.text;
    const effect: Effect = {
      kind: 'addCheck',
      ...named(given.text(0, 'constraint_name')),
      table: given.table(1),
      ...(expression === undefined ? {} : { expression }),
      notValid: given.flag('postgresql_not_valid'),
    };
    return [{ effect }];
  },
  create_unique_constraint: (given) => {
    const columns = given.names(2, 'columns');
    return [{ effect: { kind: 'addUnique', ...named(given.text(0, 'constraint_name')), table: given.table(1), columns, usingIndex: false } }];
  },
  create_primary_key: (given) => {
    const columns = given.names(2, 'columns');
    return [{ effect: { kind: 'addPrimaryKey', ...named(given.text(0, 'constraint_name')), table: given.table(1), columns, usingIndex: false } }];
  },
  create_exclude_constraint: (given) => other(given.table(1)),
  drop_constraint: (given) => [{ effect: { kind: 'dropConstraint', ...named(given.text(0, 'constraint_name')), table: given.table(1) } }],
  bulk_insert: () => [{ effect: { kind: 'insertRows', table: undefined } }],
  create_table_comment: () => [],
  drop_table_comment: () => [],
};

function other(table: TableName | undefined): readonly Operation[] {
  return [{ effect: { kind: 'other', ...(table === undefined ? {} : { locks: table }) } }];
}

/** A new column, and what comes with it as a statement of its own. */
export function addedColumn(table: TableName | undefined, column: Column): readonly Operation[] {
  const focus = column.span;
  const operations: Operation[] = [{ effect: { kind: 'addColumn', table, column }, focus }];
  const columns = [column.name];
  if (column.references !== undefined) {
    operations.push({ effect: { kind: 'addForeignKey', table, columns, target: column.references, targetColumns: [], notValid: false }, focus });
  }
  if (column.unique === true) operations.push({ effect: { kind: 'addUnique', table, columns, usingIndex: false }, focus });
  return operations;
}

/** `alter_column` changes as many things as it is given arguments. */
function alterColumn(given: Arguments): readonly Operation[] {
  const table = given.table(0);
  const column = plainText(given.after(1, 'column_name'));
  const operations: Operation[] = [];
  const add = (name: string, effect: Effect): void => {
    const focus = given.span(name);
    operations.push(focus === undefined ? { effect } : { effect, focus });
  };
  const keyword = (name: string): Value | undefined => given.call.keywords.get(name)?.value;
  const type = keyword('type_');
  if (type !== undefined) {
    const using = plainText(keyword('postgresql_using'));
    const types = { type: sqlType(type), existingType: sqlType(keyword('existing_type')) };
    add('type_', { kind: 'setType', table, column, ...types, ...(using === undefined ? {} : { using }) });
  }
  const nullable = keyword('nullable');
  if (nullable?.kind === 'boolean') add('nullable', { kind: nullable.value ? 'dropNotNull' : 'setNotNull', table, column });
  const to = keyword('new_column_name') ?? keyword('name');
  if (to !== undefined) add(keyword('new_column_name') === undefined ? 'name' : 'new_column_name', { kind: 'renameColumn', table, column, to: plainText(to) });
  if (keyword('server_default') !== undefined && defaultOf(keyword('server_default')) !== undefined) operations.push(...other(table));
  return operations;
}

/** What an operation of Alembic does; undefined for a name that is none. `batch` is `none` outside of a batch. */
export function operationsOf(name: string, call: Call, batch: TableName | 'none' | undefined): readonly Operation[] | undefined {
  const reader = Object.hasOwn(readers, name) ? readers[name] : undefined;
  return reader?.(new Arguments(call, batch));
}
