import assert from 'node:assert/strict';
import { changeOf } from '../../../src/migrations/schema/alter';
import { compareSchemas } from '../../../src/migrations/schema/compareSchemas';
import { comparedObjects } from '../../../src/migrations/schema/documents';
import { draftChanges } from '../../../src/migrations/schema/draft';
import { draftText } from '../../../src/migrations/schema/draftText';
import { keyOf, type Facts, type Schema, type SchemaObject } from '../../../src/migrations/schema/model';
import { privilegeStatements } from '../../../src/migrations/schema/statements';

function object(kind: SchemaObject['kind'], name: string, more: Partial<SchemaObject> = {}): SchemaObject {
  return { kind, name, facts: {}, sql: `${kind} ${name}`, ...more };
}

function schema(objects: readonly SchemaObject[], needs: Readonly<Record<string, readonly string[]>> = {}): Schema {
  return {
    objects: new Map(objects.map((each) => [keyOf(each), each])),
    needs: new Map(Object.entries(needs).map(([key, all]) => [key, new Set(all)])),
  };
}

const column = (name: string, facts: Facts): SchemaObject =>
  object('column', `a.${name}`, { table: 'a', facts: { column: name, ...facts }, sql: `${name} ${facts['type'] ?? ''}` });

describe('compared schemas', () => {
  const parts = [
    object('table', 'a'),
    column('x', { type: 'int' }),
    object('index', 'i', { table: 'a' }),
    object('comment', 'COLUMN a.x', { of: 'column a.x' }),
  ];

  it('tell of a table that is missing once, and not of its parts', () => {
    assert.deepEqual(
      compareSchemas(schema(parts), schema([])).map(({ state, kind, name }) => [state, kind, name]),
      [['only left', 'table', 'a']],
    );
  });

  it('show a table as one object with all its parts, on the side that has it', () => {
    const [left, right] = [schema(parts), schema([object('table', 'a')])];
    const [only, ...others] = comparedObjects(left, right, compareSchemas(left, right));
    assert.deepEqual(others, []);
    assert.equal(only?.left, 'table a (\n  x int\n);\n\nindex i;\n\ncomment COLUMN a.x;\n');
    assert.equal(only.right, 'table a ();\n');
  });
});

describe('the draft of a change', () => {
  it('drops what depends on a column of another type, and makes it again', () => {
    const view = object('view', 'v');
    const needs = { 'view v': ['column a.x', 'table a'] };
    const left = schema([object('table', 'a'), column('x', { type: 'int' }), view], needs);
    const right = schema([object('table', 'a'), column('x', { type: 'bigint' }), view], needs);
    assert.deepEqual(
      draftChanges(left, right).statements.map(({ sql }) => sql),
      ['DROP VIEW v', 'ALTER TABLE a ALTER COLUMN x TYPE bigint USING x::bigint', 'view v'],
    );
  });

  it('leaves open what would cost data, and does not touch it', () => {
    const left = schema([object('enum', 'e', { facts: { labels: "'a', 'b'" } })]);
    const right = schema([object('enum', 'e', { facts: { labels: "'a'" } })]);
    const draft = draftChanges(left, right);
    assert.deepEqual([draft.before, draft.statements], [[], []]);
    assert.deepEqual(
      draft.open.map(({ name }) => name),
      ['enum e'],
    );
  });

  it('adds labels where they belong, those with commas and quotes too', () => {
    const labelled = (labels: string): SchemaObject => object('enum', 'e', { facts: { labels } });
    const change = changeOf(labelled("'b', 'd'"), labelled("'a', 'b', 'it''s, well', 'd'"));
    assert.deepEqual(change.kind === 'in place' && change.before?.map(({ sql }) => sql), [
      "ALTER TYPE e ADD VALUE 'a' BEFORE 'b'",
      "ALTER TYPE e ADD VALUE 'it''s, well' AFTER 'b'",
    ]);
  });

  it('keeps names with line breaks inside of its remarks', () => {
    const open = [{ name: 'table "a\nDROP DATABASE x; --"', why: 'so\r\nit is' }];
    const lines = draftText({ before: [], statements: [], open }).split('\n');
    assert.deepEqual(lines, ['-- Left as it is: table "a DROP DATABASE x; --", since so it is.', '']);
  });

  it('grants and revokes from what everybody has by default', () => {
    assert.deepEqual(
      privilegeStatements('FUNCTION f()', undefined, { owner: 'EXECUTE', reader: 'EXECUTE' }).map(({ sql }) => sql),
      ['REVOKE ALL ON FUNCTION f() FROM PUBLIC', 'GRANT EXECUTE ON FUNCTION f() TO reader'],
    );
    assert.deepEqual(
      privilegeStatements('TABLE t', { owner: 'SELECT', reader: 'SELECT' }, { reader: 'SELECT', 'reader with grant option': 'UPDATE' }).map(({ sql }) => sql),
      ['REVOKE ALL ON TABLE t FROM reader', 'GRANT SELECT ON TABLE t TO reader', 'GRANT UPDATE ON TABLE t TO reader WITH GRANT OPTION'],
    );
  });
});
