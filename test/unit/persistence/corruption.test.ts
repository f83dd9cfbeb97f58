import assert from 'node:assert/strict';
import { parseAmcheck } from '../../../src/persistence/corruption/amcheckOutput';
import { corruptionLines } from '../../../src/persistence/corruption/reportText';

describe('what pg_amcheck prints', () => {
  it('is read: where, and what', () => {
    const text = [
      'heap table "app.public.b: c", block 0, offset 12:',
      '    xmin 4294967295 equals or exceeds next valid transaction ID 0:1030',
      'btree index "app.public.b_i":',
      '    ERROR:  high key invariant violated for index "b_i"',
      '    DETAIL:  Index tid=(3,1) points to block 2',
      'pg_amcheck: warning: something else',
      '',
    ].join('\n');
    assert.deepEqual(parseAmcheck(text), [
      { relation: 'heap table "app.public.b: c", block 0, offset 12', message: 'xmin 4294967295 equals or exceeds next valid transaction ID 0:1030' },
      { relation: 'btree index "app.public.b_i"', message: 'high key invariant violated for index "b_i"' },
    ]);
    assert.deepEqual(parseAmcheck(''), []);
  });
});

describe('the report on corruption', () => {
  it('says what to do, in order, where there is damage, and only there', () => {
    const database = { name: 'app', by: 'reading', tables: 1, damage: [], unread: [] } as const;
    const sound = corruptionLines('shop/db', { state: 'sound', databases: [database], milliseconds: 1000 }).join('\n');
    assert.match(sound, /^shop\/db: nothing is damaged \(1\.0 s\)\.\n\napp: 1 table, by reading every row\n {2}nothing is wrong\n/);
    assert.doesNotMatch(sound, /What to do/);
    const damage = [{ relation: 'public.b', message: 'invalid page in block 0' }];
    const bad = corruptionLines('shop/db', { state: 'damaged', databases: [{ ...database, damage }], milliseconds: 1000 }).join('\n');
    assert.match(bad, /! public\.b: invalid page in block 0/);
    assert.match(bad, /What to do, in this order:\n {2}1\. Back up what can still be read/);
  });
});
