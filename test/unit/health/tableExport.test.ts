import assert from 'node:assert/strict';
import { tablesAsCsv, tablesAsMarkdown } from '../../../src/health/tableExport';
import { table } from './tables';

const odd = table({ oid: 1, schema: 'a,b', name: 'say "hi"\nthere|<b>', rows: null, vacuumedAt: Date.UTC(2026, 0, 2) });

describe('tablesAsCsv', () => {
  it('writes what RFC 4180 asks for', () => {
    const [head, ...rest] = tablesAsCsv([odd, table({ oid: 2 })]).split('\r\n');
    assert.match(head ?? '', /^schema,table,kind,rows_estimate,total_bytes,/);
    assert.equal(rest[0], '"a,b","say ""hi""\nthere|<b>",table,,100,60,30,10,1,5,2,3,2026-01-02T00:00:00.000Z,,4');
    assert.equal(rest[1], 'public,t2,table,10,100,60,30,10,1,5,2,3,,,4');
  });

  it('gives no spreadsheet a formula', () => {
    assert.match(tablesAsCsv([table({ oid: 1, name: '=HYPERLINK("x")' })]), /^public,"'=HYPERLINK\(""x""\)",/m);
  });
});

describe('tablesAsMarkdown', () => {
  it('lets nothing in a name break the table', () => {
    const lines = tablesAsMarkdown([odd]).trimEnd().split('\n');
    assert.equal(lines.length, 3);
    assert.match(lines[2] ?? '', /^\| a,b \| say "hi" there\\\|\\<b\\> \| table \|/);
    assert.match(lines[1] ?? '', /^\| --- \| --- \| --- \| --- \| --: \|/);
  });
});
