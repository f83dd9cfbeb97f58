import assert from 'node:assert/strict';
import { mergeDataScript, reportScript } from '../../../../src/restore/merge/mergeDataSql';
import { planMerge, type MergePlan } from '../../../../src/restore/merge/plan';
import type { MergeConflict } from '../../../../src/restore/facts';
import { valueTables } from '../../../../src/restore/part/runRows';

const planOf = (onConflict: MergeConflict): MergePlan =>
  planMerge(
    {
      tables: [
        { table: 'public.lines', columns: ['"order"', 'nr', 'note'], key: ['"order"', 'nr'], partitioned: false, divided: true },
        { table: 'public.orders', columns: ['id', 'parent'], key: ['id'], partitioned: true, divided: true },
      ],
      foreignKeys: [
        { name: 'o', child: 'public.lines', parent: 'public.orders', childColumns: ['"order"'], parentColumns: ['id'], full: false },
        { name: 'p', child: 'public.orders', parent: 'public.orders', childColumns: ['parent'], parentColumns: ['id'], full: false },
      ],
      sequences: [{ table: 'public.orders', column: 'id', sequence: 'public.orders_id_seq', increment: 1 }],
      uniqueKeys: [],
      ours: new Map([['public.lines', { columns: ['"order"', 'nr', 'seen', 'note'] }]]),
      keyColumns: [
        { table: 'public.orders', column: 'id', kind: 'number' },
        { table: 'public.lines', column: '"order"', kind: 'number' },
        { table: 'public.lines', column: 'nr', kind: 'number' },
      ],
    },
    onConflict,
  );
const position = (statements: readonly string[], fits: RegExp): number => {
  const at = statements.findIndex((statement) => fits.test(statement));
  assert.notEqual(at, -1, `no ${fits}`);
  return at;
};

describe('the statements of a merge', () => {
  it('give keys, then let references follow, then look at the table that refers', () => {
    const { end } = reportScript(planOf('renumber'));
    const steps = [
      /SET "cdb action".*public\.orders AS t/,
      /RECURSIVE/,
      /SET id = b\.base/,
      /UPDATE pg_temp\.cdb_new_0 AS n SET parent/,
      /UPDATE pg_temp\.cdb_new_1 AS n SET "order"/,
      /SET "cdb action".*public\.lines AS t/,
    ];
    const found = steps.map((step) => position(end, step));
    assert.deepEqual(
      found,
      found.toSorted((a, b) => a - b),
    );
    assert.equal(end.at(-1), 'ROLLBACK;');
    assert.doesNotMatch(end.join('\n'), /setval|INSERT INTO public|UPDATE (ONLY )?public|nextval/, 'a look changes nothing');
  });

  it('lock, decide, refuse, write in order, check, put sequences right, and mark, in one transaction', () => {
    const { begin, end, rows } = mergeDataScript(planOf('update'), { mark: 'COMMENT 1', since: '77' });
    assert.match(begin, /^BEGIN;[^]*LOCK TABLE public\.lines, public\.orders IN SHARE ROW EXCLUSIVE MODE;$/);
    assert.deepEqual(
      rows.map(({ read }) => read),
      ['COPY (SELECT id, parent FROM public.orders) TO STDOUT', 'COPY (SELECT "order", nr, note FROM public.lines) TO STDOUT'],
    );
    const steps = [
      /cdb table/,
      /INTO pg_temp\.cdb_guard/,
      /cdb_newer SELECT 'public\.orders'.*77/,
      /^DELETE FROM public\.orders AS t/,
      /^INSERT INTO public\.orders/,
      /^DELETE FROM ONLY public\.lines AS t/,
      /^INSERT INTO public\.lines \("order", nr, note, seen\) .*SELECT n\."order", n\.nr, n\.note, o\.seen/,
      /^INSERT INTO public\.lines/,
      /cdb_orphans SELECT/,
      /setval/,
      /^COMMENT 1;/,
      /^COMMIT/,
    ];
    const found = steps.map((step) => position(end, step));
    assert.deepEqual(
      found,
      found.toSorted((a, b) => a - b),
    );
    assert.equal(end.join('\n').match(/COMMIT|ROLLBACK/g)?.length, 1 + (end.join('\n').match(/ON COMMIT DROP/g)?.length ?? 0));
    assert.doesNotMatch(end.join('\n'), /SET id = b\.base/);
  });

  it('take values of another database as text, with the rows of partitions under the name of their table', () => {
    const whole = { name: 'a."T"', schema: 'a', table: 'T', sizeBytes: 1, members: [], columns: ['id', '"x y"'], holders: [{ schema: 'a', name: 'T' }] };
    const parts = { ...whole, name: 'a.p', table: 'p', columns: ['id'], holders: [{ schema: 'b', name: 'p"1' }] };
    assert.deepEqual(valueTables([whole, parts]).split('\n'), [
      'CREATE SCHEMA IF NOT EXISTS "a";',
      'CREATE SCHEMA IF NOT EXISTS "b";',
      'CREATE TABLE a."T" (id text, "x y" text);',
      'CREATE TABLE a.p (id text);',
      'CREATE TABLE "b"."p""1" () INHERITS (a.p);',
    ]);
  });
});
