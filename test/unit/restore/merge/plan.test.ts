import assert from 'node:assert/strict';
import { orderTables } from '../../../../src/restore/merge/order';
import { planMerge, type MergeFacts } from '../../../../src/restore/merge/plan';
import type { ColumnKind } from '../../../../src/restore/merge/readUniqueKeys';
import type { ForeignKey } from '../../../../src/restore/part/readTables';
import { rejectsWith } from '../../operations/rejectsWith';

const refers = (child: string, parent: string, columns: readonly string[] = [`${parent}_id`], parentColumns: readonly string[] = ['id']): ForeignKey => ({
  name: `${child}_${parent}`,
  child,
  parent,
  childColumns: columns,
  parentColumns,
  full: false,
});
const table = (name: string, key: readonly string[], columns = key) => ({ table: name, columns: [...columns], key, partitioned: false, divided: true });
const column = (name: string, of: string, kind: ColumnKind = 'number') => ({ table: name, column: of, kind });
const facts = (rest: Partial<MergeFacts>): MergeFacts => ({
  tables: [],
  foreignKeys: [],
  sequences: [],
  uniqueKeys: [],
  keyColumns: [],
  ours: new Map(),
  ...rest,
});

describe('the order of merged tables', () => {
  it('has each after those that it refers to, whatever lies between them, and leaves the rest as named', () => {
    const keys = [refers('lines', 'orders'), refers('orders', 'people'), refers('people', 'people'), refers('orders', 'elsewhere')];
    assert.deepEqual(orderTables(['lines', 'free', 'orders', 'people'], keys), { tables: ['free', 'people', 'orders', 'lines'], circles: [] });
    assert.deepEqual(orderTables(['b', 'a'], []), { tables: ['b', 'a'], circles: [] });
  });

  it('keeps a circle together, before what refers to it and after what it needs', () => {
    const keys = [refers('a', 'b'), refers('b', 'c'), refers('c', 'a'), refers('c', 'base'), refers('leaf', 'b')];
    assert.deepEqual(orderTables(['leaf', 'a', 'b', 'c', 'base'], keys), { tables: ['base', 'a', 'b', 'c', 'leaf'], circles: [['a', 'b', 'c']] });
  });
});

describe('a merge', () => {
  it('gives new keys by the column that is the own of a table, best one with a sequence', () => {
    const sequence = { table: 'lines', column: 'number', sequence: 'public.s', increment: 2 };
    const plan = planMerge(
      facts({
        tables: [table('lines', ['order_id', 'at', 'number']), table('orders', ['id']), table('tags', ['order_id', 'name']), table('files', ['hash', 'token'])],
        foreignKeys: [refers('lines', 'orders', ['order_id']), refers('tags', 'orders', ['order_id'])],
        sequences: [sequence, { table: 'orders', column: 'id', sequence: 'public.down', increment: -1 }],
        keyColumns: [
          column('lines', 'order_id'),
          column('lines', 'at'),
          column('lines', 'number'),
          column('orders', 'id'),
          column('tags', 'order_id'),
          column('tags', 'name', 'other'),
          column('files', 'hash', 'other'),
          column('files', 'token', 'uuid'),
        ],
      }),
      'renumber',
    );
    assert.deepEqual(
      plan.tables.map(({ table: name, numbering }) => [name, numbering]),
      [
        ['orders', { kind: 'number', column: 'id' }],
        ['lines', { kind: 'number', column: 'number', sequence }],
        ['tags', undefined],
        ['files', { kind: 'uuid', column: 'token' }],
      ],
    );
  });

  it('follows references between columns of both sides, and looks at what is unique only where it can be told', () => {
    const unique = (uses: readonly string[]) => ({
      table: 'orders',
      name: uses.join('_'),
      primary: false,
      parts: uses,
      equals: uses.map(() => '='),
      where: null,
      nullsEqual: false,
      uses,
    });
    const plan = planMerge(
      facts({
        tables: [table('orders', ['id'], ['id', 'people_id', 'code']), table('people', ['id'])],
        foreignKeys: [refers('orders', 'people'), refers('orders', 'shops', ['code'], ['code']), refers('orders', 'people', ['only_here'])],
        uniqueKeys: [unique(['code']), unique(['only_here', 'code'])],
      }),
      'skip',
    );
    assert.deepEqual(
      plan.followed.map(({ name, childAt, parentAt }) => [name, childAt, parentAt]),
      [
        ['orders_people', 1, 0],
        ['orders_shops', 1, undefined],
      ],
    );
    assert.deepEqual(
      plan.tables.map(({ uniqueKeys }) => uniqueKeys.map(({ name }) => name)),
      [[], ['code']],
    );
    assert.equal(plan.foreignKeys.length, 3, 'all are checked in the end');
  });

  it('refuses new keys for tables that refer to one another, and tells of them otherwise', async () => {
    const circle = facts({
      tables: [table('a', ['id']), table('b', ['id'])],
      foreignKeys: [refers('a', 'b', ['id']), refers('b', 'a', ['id']), refers('a', 'a', ['id'])],
    });
    const { message } = await rejectsWith('TABLE_CIRCLE', () => planMerge(circle, 'renumber'));
    assert.match(message, /^a and b refer/);
    assert.deepEqual(planMerge(circle, 'update').circles, [['a', 'b']]);
    assert.doesNotThrow(() => planMerge({ ...circle, foreignKeys: circle.foreignKeys.slice(2) }, 'renumber'), 'to itself alone is no circle');
  });
});
