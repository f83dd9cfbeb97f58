import assert from 'node:assert/strict';
import { comparisonText, isKnown, type KnownBackup } from '../../../src/vscode/present/comparisonText';
import { backup, clock, english, foreignBackup } from './facts';

function known(...parts: Parameters<typeof backup>): KnownBackup {
  const made = backup(...parts);
  assert.ok(isKnown(made));
  return made;
}

describe('comparisonText', () => {
  const older = known(200, { sizeBytes: 100_000, rows: { 'public.accounts': 330, 'public.lenders': 31, 'public.gone': 4, 'public.same': 9 } });
  const newer = known(20, {
    sizeBytes: 146_000,
    rows: { 'public.accounts': 331, 'public.lenders': 1, 'public.new': 0, 'public.same': 9 },
    serverVersion: '17.3',
    scope: 'data',
    git: { branch: 'topic', commit: 'fedcba9876543210fedcba9876543210fedcba98' },
  });
  const lines = comparisonText(english, older, newer, clock).split('\n');
  const line = (start: string): string => (lines.find((each) => each.startsWith(start)) ?? '').replace(/ {2,}/g, ' | ');

  it('sets side by side what is known of both', () => {
    assert.equal(lines[0], 'Two backups of reims/postgres/reims');
    assert.equal(line('Size '), 'Size | 100 kB | 146 kB | +46 kB');
    assert.equal(line('Made'), 'Made | 20 Nov 2026, 10:40:00 | 20 Nov 2026, 13:40:00 | 3 h apart');
    assert.equal(line('Rows'), 'Rows | 4 tables, 374 rows | 4 tables, 341 rows | −33');
    assert.equal(line('Took'), 'Took | 1.4 s | 1.4 s');
    assert.equal(line('Holds'), 'Holds | everything | rows only | differs');
    assert.equal(line('Format'), 'Format | custom archive (zstd:1) | custom archive (zstd:1)');
    assert.equal(line('Postgres'), 'Postgres | 17.2 | 17.3 | differs');
    assert.equal(line('Migration'), 'Migration | c0f7e83a5d21 | c0f7e83a5d21');
    assert.equal(line('Git'), 'Git | main · 0123456789 | topic · fedcba9876 | differs');
  });

  it('shows the rows of each table, the largest changes first', () => {
    const start = lines.findIndex((each) => each.startsWith('Table'));
    assert.equal(lines[start - 2], '4 of 5 tables differ in their rows:');
    assert.deepEqual(lines.slice(start), [
      'Table             Older   Newer          Difference',
      '───────────────────────────────────────────────────',
      'public.gone           4       –   only in the older',
      'public.new            –       0   only in the newer',
      'public.lenders       31       1                 −30',
      'public.accounts     330     331                  +1',
      'public.same           9       9',
      '',
    ]);
  });

  it('says when there is nothing to tell', () => {
    assert.match(comparisonText(english, older, older, clock), /^All 4 tables have as many rows in both\.$/m);
    assert.match(comparisonText(english, known(3, { rows: {} }), known(2, { rows: {} }), clock), /^Neither says how many rows its tables have\.$/m);
  });

  it('lets no name break its lines', () => {
    const odd = known(3, { rows: { 'public."a\nb\u202E😀"': 1 } });
    const text = comparisonText(english, odd, odd, clock);
    assert.doesNotMatch(text, /\u202E/);
    assert.match(text, /^public\."a�b�😀" {3,}1 {3,}1$/m);
  });

  it('is for backups of which something is known', () => assert.equal(isKnown(foreignBackup(3)), false));
});
