import type { Rule } from '../rule';
import { asked, nameOf } from './support';

/** A unique constraint or index is added. */
export const uniqueAdd: Rule = {
  id: 'unique-add',
  title: 'A unique constraint or index is added',
  severity: 'high',
  why: 'Duplicates make it fail. Nobody can write while the index is built, and ADD UNIQUE keeps readers out as well.',
  remedy: 'Look for duplicates, build the unique index CONCURRENTLY, then attach it with ADD CONSTRAINT … USING INDEX.',
  source: 'https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-ADD-TABLE-CONSTRAINT-USING-INDEX',
  bad: [
    `«op.create_unique_constraint»('uq', 'users', ['email'])`,
    `«op.create_index»('uq', 'users', ['email'], unique=True)`,
    'ALTER TABLE users «ADD CONSTRAINT uq UNIQUE (email)»;',
  ],
  good: [
    'ALTER TABLE users ADD CONSTRAINT uq UNIQUE USING INDEX uq_users_email;',
    'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS uq ON users (email);',
    `op.create_table('users', sa.Column('email', sa.Text()))
op.create_unique_constraint('uq', 'users', ['email'])`,
  ],
  statement: (statement, around) => {
    const unique =
      statement.kind === 'addUnique' && !statement.usingIndex
        ? statement
        : statement.kind === 'createIndex' && statement.unique && !statement.concurrently
          ? statement
          : undefined;
    if (unique === undefined || around.isIdle(unique.table)) return undefined;
    const { table, columns, focus } = unique;
    const partial = unique.kind === 'createIndex' && unique.partial;
    const message = `${columns.length === 0 ? 'What it covers' : columns.join(', ')} must be unique in ${nameOf(table)}: duplicates make it fail, and the table is locked while the index is built.`;
    return { span: focus, message, questions: columns.length === 0 || partial ? [] : asked(table, (table) => [{ kind: 'duplicates', table, columns }]) };
  },
};
