import type { Rule } from '../rule';

/** Something is dropped with whatever needs it. */
export const dropCascade: Rule = {
  id: 'drop-cascade',
  title: 'Something is dropped with whatever needs it',
  severity: 'high',
  why: 'CASCADE drops what the migration does not name: with a schema all its tables, with a type or an extension every column of it, with a function the triggers and defaults that call it.',
  remedy: 'Drop what needs it by name first, and leave out CASCADE: Postgres then refuses rather than lose something.',
  source: 'https://www.postgresql.org/docs/current/ddl-depend.html',
  bad: ['«DROP SCHEMA audit CASCADE»;', '«DROP TYPE kind CASCADE»;', "op.execute('«DROP EXTENSION IF EXISTS hstore CASCADE»')", '«DROP OWNED BY app CASCADE»;'],
  good: ['DROP SCHEMA audit;', 'DROP TYPE kind;', 'DROP VIEW totals;'],
  statement: (statement) => {
    if (statement.kind !== 'dropCascade') return undefined;
    const { what, names, focus } = statement;
    const subject = `${what === 'owned' ? 'What is owned by' : `The ${what}`} ${names.join(', ')}`;
    const rest = what === 'schema' ? 'with every table in it, and all their rows' : 'with whatever needs it: columns, views, defaults and triggers';
    const questions = what === 'schema' ? names.map((name) => ({ kind: 'schema' as const, name })) : [];
    return { span: focus, message: `${subject} is dropped ${rest}.`, questions, ...(what === 'schema' ? { severity: 'very high' as const } : {}) };
  },
};
