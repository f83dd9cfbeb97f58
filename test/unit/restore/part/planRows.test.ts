import assert from 'node:assert/strict';
import type { TableSummary } from '../../../../src/backup/tables';
import type { RestoreFacts, RestoreWishes } from '../../../../src/restore/facts';
import type { DumpSegment } from '../../../../src/restore/dump/summary';
import { describePlan } from '../../../../src/restore/describePlan';
import { planRestore } from '../../../../src/restore/plan';
import { rejectsWith } from '../../operations/rejectsWith';
import { backupOf, factsOf, properties, sourceOf } from '../restoreParts';

const table = (name: string, schema = 'public', members = [`${schema}.${name}`]): TableSummary => ({
  name: `${schema}.${name}`,
  schema,
  table: name,
  sizeBytes: 1,
  members,
});
const tables = [table('users'), table('orders'), table('logs', 'side'), table('logs'), table('parts', 'public', ['public.parts', 'public.parts_1'])];
const segment: DumpSegment = {
  complete: true,
  roles: ['app'],
  extensions: [],
  metaCommands: [],
  innerCommands: [],
  tables: ['public.users'],
  filled: ['public.users', 'public.logs', 'side.logs', 'public.parts_1', 'public.gone'],
};
const { manifest: __, ...script } = backupOf();
const facts = (wishes: RestoreWishes, rest: Partial<RestoreFacts> = {}): RestoreFacts =>
  factsOf({
    source: sourceOf(script),
    present: { properties, sizeBytes: 1, comment: null, tables },
    dump: { ...factsOf().dump, segments: [segment] },
    wishes,
    ...rest,
  });

describe('a restore of rows', () => {
  it('keeps the live database, stops nobody, and says what becomes of rows', () => {
    const plan = planRestore(facts({ tables: ['users', 'public.logs'], onConflict: 'skip' }));
    assert.deepEqual(
      plan.steps.map(({ kind }) => kind),
      ['check file', 'safety backup', 'load', 'merge'],
    );
    assert.deepEqual([plan.undo, plan.dependents], [undefined, []]);
    assert.deepEqual(plan.rows, {
      tables: [
        { table: 'public.users', schema: 'public', name: 'users' },
        { table: 'public.logs', schema: 'public', name: 'logs' },
      ],
      onConflict: 'skip',
      structure: 'backup',
    });
    assert.equal(
      describePlan(plan).at(-1),
      'Put the rows into public.users, public.logs of "app", whose rows all stay and win where keys are the same, in one transaction',
    );
  });

  it('takes all that has a place for the scope "data", and says what has none', () => {
    const plan = planRestore(facts({ scope: 'data' }));
    assert.deepEqual(
      plan.rows?.tables.map((each) => each.table),
      ['public.users', 'side.logs', 'public.logs', 'public.parts'],
    );
    assert.match(plan.remarks.join(), /no place for the rows of public\.gone/);
  });

  it('takes the structure from the live database where the backup has rows alone', () => {
    const backup = backupOf({ scope: 'data' });
    assert.equal(planRestore(facts({ scope: 'data' }, { source: sourceOf(backup) })).rows?.structure, 'live');
    const rowsOnly = { ...factsOf().dump, segments: [{ ...segment, tables: [] }] };
    assert.equal(planRestore(facts({ scope: 'data' }, { dump: rowsOnly })).rows?.structure, 'live');
  });

  it('of another database takes values only, tells what becomes of taken keys, and needs room for no more than the chosen tables', async () => {
    const there = (name: string, sizeBytes: number) => ({ ...table(name), sizeBytes, columns: ['id'], holders: [{ schema: 'public', name }] });
    const kept = { comment: null, connectionLimit: -1, grants: null, settings: [] };
    const place = { project: 'dev', service: 'db', serviceId: 'x', database: 'app' };
    const source = { kind: 'database', ...place, sizeBytes: 1e12, properties, surroundings: kept, tables: [there('users', 5), there('orders', 1e11)] } as const;
    const dump = { ...factsOf().dump, segments: [{ ...segment, filled: ['public.users', 'public.orders'] }] };
    const plan = planRestore(facts({ tables: ['users'], merging: 'renumber' }, { source, dump }));
    assert.deepEqual([plan.rows?.merging, plan.rows?.structure], ['renumber', [there('users', 5)]]);
    assert.deepEqual(
      plan.steps.map(({ kind }) => kind),
      ['dump', 'safety backup', 'load', 'merge'],
    );
    assert.match(describePlan(plan).at(-1) ?? '', /^Add the rows to public\.users of "app", those whose key is taken under new keys, .* in one transaction$/);
    await rejectsWith('DISK_FULL', () => planRestore(facts({ tables: ['users', 'orders'], merging: 'skip' }, { source, dump })));
    const empty = { ...dump, segments: [{ ...segment, filled: [] }] };
    assert.throws(
      () => planRestore(facts({ tables: ['users'], merging: 'skip' }, { source, dump: empty })),
      /^Failure: "[a-z]+" has no rows of public\.users\./,
    );
    assert.throws(() => planRestore(facts({ tables: ['nowhere'], merging: 'skip' }, { source, dump })), { remedy: /must be created first/ });
  });

  it('finds a table by its name as SQL quotes it', () => {
    const odd: TableSummary = { ...table('Odd "T.x'), name: 'public."Odd ""T.x"' };
    const given = (wish: string): RestoreFacts =>
      facts(
        { tables: [wish] },
        { present: { properties, sizeBytes: 1, comment: null, tables: [odd] }, dump: { ...factsOf().dump, segments: [{ ...segment, filled: [odd.name] }] } },
      );
    for (const wish of ['Odd "T.x', '"Odd ""T.x"', 'public."Odd ""T.x"'])
      assert.deepEqual(
        planRestore(given(wish)).rows?.tables.map(({ name }) => name),
        ['Odd "T.x'],
        wish,
      );
  });

  const { present: _, ...withoutDatabase } = facts({ tables: ['users'] });
  for (const [title, given, code] of [
    ['a table that is not there', facts({ tables: ['nowhere'] }), 'TABLE_MISSING'],
    ['a name of two tables', facts({ tables: ['logs'] }), 'TABLE_AMBIGUOUS'],
    ['a table that the backup does not have', facts({ tables: ['orders'] }), 'TABLE_NOT_IN_BACKUP'],
    ['no table', facts({ scope: 'tables' }), 'BACKUP_PARTIAL'],
    ['a database that is not there', withoutDatabase, 'BACKUP_PARTIAL'],
    ['a backup without rows', facts({ tables: ['users'] }, { source: sourceOf(backupOf({ scope: 'schema' })) }), 'BACKUP_PARTIAL'],
    ['a backup without rows over a whole database', facts({}, { source: sourceOf(backupOf({ scope: 'schema' })) }), 'BACKUP_PARTIAL'],
    [
      'some tables over a whole database',
      facts({ scope: 'all' }, { source: sourceOf(backupOf({ scope: 'tables', tables: ['public.users'] })) }),
      'BACKUP_PARTIAL',
    ],
    ['rows alone where nobody said what of', facts({}, { source: sourceOf(backupOf({ scope: 'data' })) }), 'BACKUP_PARTIAL'],
    ['rows alone as a whole', facts({ scope: 'all' }, { source: sourceOf(backupOf({ scope: 'data' })) }), 'BACKUP_PARTIAL'],
  ] as const) {
    it(`refuses ${title} with ${code}`, () => rejectsWith(code, () => planRestore(given)));
  }
});

describe('what a dump needs', () => {
  const needing = (rest: Partial<DumpSegment>, wishes: RestoreWishes = {}, more: Partial<RestoreFacts> = {}) =>
    planRestore(facts(wishes, { dump: { ...factsOf().dump, segments: [{ ...segment, ...rest }] }, ...more }));
  const sql = { kind: 'sql', packing: 'none', cluster: false } as const;

  it('is named before anything is done, all of it', async () => {
    const { message } = await rejectsWith('ROLE_MISSING', () => needing({ roles: ['app', 'boss', 'reader', 'pg_monitor'] }));
    assert.match(message, /the roles "boss", "reader"/);
    assert.match((await rejectsWith('EXTENSION_MISSING', () => needing({ extensions: ['vector'] }))).message, /"vector"/);
    assert.match(needing({ roles: ['boss'] }, { withoutOwners: true }).remarks.join(), /belong to "app".*lacks boss/);
  });

  it('may be commands of psql, which have to be allowed', async () => {
    const dump = { ...factsOf().dump, form: sql, segments: [{ ...segment, metaCommands: ['\\!'] }] };
    await rejectsWith('META_COMMANDS', () => planRestore(facts({}, { dump })));
    assert.match(planRestore(facts({ allowMetaCommands: true }, { dump })).remarks.join(), /in the container/);
    const inner = { ...factsOf().dump, form: sql, segments: [{ ...segment, innerCommands: ['SELECT 1 \\g |sh'] }] };
    assert.doesNotThrow(() => planRestore(facts({}, { dump: inner })));
    await rejectsWith('META_COMMANDS', () => planRestore(facts({}, { dump: { ...inner, restricts: false } })));
  });

  it('is that of the database that is meant', async () => {
    const cluster = { ...factsOf().dump, form: { ...sql, cluster: true }, segments: ['one', 'two'].map((database) => ({ ...segment, database })) };
    await rejectsWith('DATABASE_AMBIGUOUS', () => planRestore(facts({}, { dump: cluster })));
    assert.equal(planRestore(facts({ fromName: 'two' }, { dump: cluster })).segment, 'two');
    assert.equal(planRestore(facts({}, { dump: cluster, database: 'one' })).segment, 'one');
  });
});
