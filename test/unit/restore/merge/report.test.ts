import assert from 'node:assert/strict';
import { planMerge } from '../../../../src/restore/merge/plan';
import { refusalFailure } from '../../../../src/restore/merge/refusalText';
import { readReport } from '../../../../src/restore/merge/readReport';
import { reportLines } from '../../../../src/restore/merge/reportText';

const plan = planMerge(
  {
    tables: [{ table: 'public.people', columns: ['id', 'email', 'team'], key: ['id'], partitioned: false, divided: true }],
    foreignKeys: [{ name: 'people_team', child: 'public.people', parent: 'public.teams', childColumns: ['team'], parentColumns: ['id'], full: false }],
    sequences: [],
    uniqueKeys: [],
    keyColumns: [],
    ours: new Map(),
  },
  'skip',
);
const counts = { at: 0, held: 1200, present: 40, insert: 5, update: 0, skip: 1, same: 1190, renumber: 1, refused: 3 };
const sample = { at: 0, action: 'renumber', key: ['7'], becomes: ['41'], row: { id: '41', email: 'a\nb' }, present: null };
const skipped = { at: 0, action: 'skip', key: ['8'], becomes: ['8'], row: { id: '8', email: null }, present: { id: '8', email: 'x' } };
const refused = { at: 0, kind: 'unique', name: 'people_email', rows: 4, samples: [{ key: ['9'], values: ['a@x', null], present: ['1'] }] };
const printed = [
  'noise',
  `cdb table\t${JSON.stringify(counts)}`,
  `cdb sample\t${JSON.stringify(sample)}`,
  `cdb sample\t${JSON.stringify(skipped)}`,
  `cdb refused\t${JSON.stringify(refused)}`,
  `cdb attached\t${JSON.stringify({ foreignKey: 'f', table: 'a', refersTo: 'b', rows: 2 })}`,
].join('\n');

describe('the report of a merge', () => {
  const report = readReport(printed, plan, { onlyThere: [{ table: 'public.people', columns: ['nick'] }], onlyHere: [] });

  it('is said in lines: counts, examples, what a reference means, and why rows are refused', () => {
    assert.deepEqual(reportLines(report, { withSamples: true }), [
      'public.people: 1,200 rows to merge, 40 there now: 5 new, 1 new under another key, 1 skipped since their key is taken, 1,190 the same on both sides, 3 refused.',
      '  + id 7 → 41: id=41, email=a b',
      '  = id=8, email=x → null',
      'public.people refers to public.teams, which is not merged (people_team): a reference means the row that has that key here.',
      '2 new rows of a refer to skipped rows of b, and so to what has their key here (f).',
      'public.people has no nick here: those values are left out.',
      'Refused: public.people: 4 rows with what another row has, and is unique (people_email): (a@x, null) of row 9, which row 1 has; …',
    ]);
    assert.equal(reportLines(report, { withSamples: false }).length, 5);
  });

  it('is a failure that says all of it where rows are refused', () => {
    const { code, message } = refusalFailure([
      ...report.refusals,
      { table: 't', kind: 'key', name: 't_pkey', rows: 1, samples: [{ key: ['x'], values: ['x'], present: ['x'] }] },
    ]);
    assert.equal(code, 'ROWS_REFUSED');
    assert.match(message, /^5 rows of the other database cannot join\. .*people_email.*\. t: 1 row with a key that is taken.*: x\. Nothing was changed\.$/);
  });
});
