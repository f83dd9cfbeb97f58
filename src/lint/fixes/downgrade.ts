import { tableText, type Migration, type Statement, type TableName } from '../model';
import { pythonText, type Fix } from './fix';

/** A downgrade that undoes what upgrade does, last first; where that cannot be done, one that says so. */
export function writtenDowngrade(text: string, { sections }: Migration): readonly Fix[] {
  const up = sections.find(({ direction }) => direction === 'up');
  const down = sections.find(({ direction }) => direction === 'down');
  if (up === undefined) return [];
  const undone = lasting(up.statements).toReversed().map(undo);
  const lost = undone.filter((line): line is { readonly lost: string } => typeof line === 'object');
  const body =
    lost.length > 0
      ? [`raise NotImplementedError(${pythonText(`What cannot be undone: ${[...new Set(lost.map((each) => each.lost))].join(', ')}. Restore a backup.`)})`]
      : undone.filter((line): line is string => typeof line === 'string');
  if (body.length === 0) return [];
  const lines = body.map((line) => `    ${line}`).join('\n');
  if (down === undefined) {
    const end = text.trimEnd().length;
    return [
      {
        title: 'Write downgrade() from upgrade()',
        edits: [{ from: end, to: text.length, text: `\n\n\ndef downgrade() -> None:\n${lines}\n` }],
        preferred: true,
      },
    ];
  }
  const empty = /^[^\n]*:[ \t]*(?:#[^\n]*)?\n(?:[ \t]*(?:"""[\s\S]*?"""|'''[\s\S]*?'''|#[^\n]*)?[ \t]*\n)*?([ \t]+)(pass|\.\.\.)[ \t]*(?=\n|$|#)/.exec(
    text.slice(down.heading.from),
  );
  if (empty === null) return [];
  const from = down.heading.from + empty[0].lastIndexOf(`${empty[1] ?? ''}${empty[2] ?? ''}`);
  return [{ title: 'Write downgrade() from upgrade()', edits: [{ from, to: down.heading.from + empty[0].trimEnd().length, text: lines }], preferred: true }];
}

/** Without what is made and taken away again on the way. */
function lasting(statements: readonly Statement[]): readonly Statement[] {
  const added = new Map(statements.flatMap((each) => (isNamedConstraint(each) ? [[each.name, each] as const] : [])));
  const passing = new Set<Statement>();
  for (const each of statements) {
    const made = each.kind === 'dropConstraint' && each.name !== undefined ? added.get(each.name) : undefined;
    if (made !== undefined && statements.indexOf(made) < statements.indexOf(each)) passing.add(made).add(each);
  }
  return statements.filter((each) => !passing.has(each));
}

function isNamedConstraint(
  statement: Statement,
): statement is Extract<Statement, { readonly name?: string; readonly table: unknown }> & { readonly name: string } {
  return /^add(Check|ForeignKey|Unique|PrimaryKey)$/.test(statement.kind) && 'name' in statement && statement.name !== undefined;
}

function place(table: TableName): string {
  return table.schema === undefined ? '' : `, schema=${pythonText(table.schema)}`;
}

/** The line that undoes a statement; undefined when nothing is to be done, and what is lost when nothing can be. */
function undo(statement: Statement): string | { readonly lost: string } | undefined {
  if ('table' in statement && statement.table === undefined && statement.kind !== 'insertRows')
    return { lost: 'a change of a table that the file does not name' };
  const table = 'table' in statement ? statement.table : undefined;
  const named = table === undefined ? '' : pythonText(table.name);
  const at = table === undefined ? '' : place(table);
  const column = 'column' in statement && typeof statement.column === 'string' ? pythonText(statement.column) : undefined;
  switch (statement.kind) {
    case 'createTable':
      return `op.drop_table(${named}${at})`;
    case 'addColumn':
      return `op.drop_column(${named}, ${pythonText(statement.column.name)}${at})`;
    case 'createIndex':
      return statement.name === undefined ? { lost: 'an index without a name' } : `op.drop_index(${pythonText(statement.name)}, table_name=${named}${at})`;
    case 'addForeignKey':
    case 'addUnique':
    case 'addCheck':
    case 'addPrimaryKey': {
      const types = { addForeignKey: 'foreignkey', addUnique: 'unique', addCheck: 'check', addPrimaryKey: 'primary' } as const;
      if (statement.name !== undefined) return `op.drop_constraint(${pythonText(statement.name)}, ${named}, type_=${pythonText(types[statement.kind])}${at})`;
      return statement.kind === 'addForeignKey' || statement.kind === 'addUnique' ? undefined : { lost: 'a constraint without a name' };
    }
    case 'renameTable':
      return statement.to === undefined ? { lost: 'a renaming' } : `op.rename_table(${pythonText(statement.to)}, ${named}${at})`;
    case 'renameColumn':
      return statement.to === undefined || column === undefined
        ? { lost: 'a renaming' }
        : `op.alter_column(${named}, ${pythonText(statement.to)}, new_column_name=${column}${at})`;
    case 'setNotNull':
      return column === undefined ? { lost: 'NOT NULL' } : `op.alter_column(${named}, ${column}, nullable=True${at})`;
    case 'validateConstraint':
    case 'setTimeout':
    case 'changeRows':
      return statement.kind === 'changeRows' && statement.what === 'delete' ? { lost: 'deleted rows' } : undefined;
    case 'other':
      return statement.locks === undefined ? undefined : { lost: `a change of ${tableText(statement.locks)}` };
    default:
      return { lost: lostBy[statement.kind] ?? 'a statement that cannot be read' };
  }
}

const lostBy: Readonly<Partial<Record<Statement['kind'], string>>> = {
  dropTable: 'a dropped table',
  dropColumn: 'a dropped column',
  setType: 'a changed type',
  dropCascade: 'what was dropped with all that needs it',
  disableTriggers: 'triggers that were on',
  truncate: 'emptied tables',
  insertRows: 'rows that were put in',
  dropConstraint: 'a dropped constraint',
  dropIndex: 'a dropped index',
  dropNotNull: 'NULLs that were allowed',
};
