import type { Rule } from '../rule';
import { typedColumn } from './support';

/** char(n) pads with blanks. */
export const typeChar: Rule = {
  id: 'type-char',
  title: 'char(n) pads with blanks',
  severity: 'low',
  development: 'off',
  why: 'char(n) fills up with blanks, which comparisons then ignore in surprising ways.',
  remedy: 'Use text.',
  source: 'https://www.postgresql.org/docs/current/datatype-character.html',
  bad: ['ALTER TABLE users «ADD COLUMN code char(3)»;'],
  good: ['ALTER TABLE users ADD COLUMN code text;'],
  statement: (statement) => typedColumn(statement, /^char\(/, 'is padded with blanks; text is not'),
};
