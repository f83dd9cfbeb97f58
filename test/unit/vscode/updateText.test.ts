import assert from 'node:assert/strict';
import type { Rehearsal } from '../../../src/migrations/update/rehearse';
import { Failure } from '../../../src/protocol/failure';
import { rehearsalView, stoppedView, updatedView, updatingView } from '../../../src/vscode/present/updateText';
import { english as t } from './facts';

const backup = { name: 'backup', state: 'done', milliseconds: 1234, message: 'a.dump' } as const;
const rehearsal: Rehearsal = {
  milliseconds: 3000,
  statements: 7,
  slowest: [{ sql: 'CREATE INDEX a ON b (c)', milliseconds: 2000 }],
  locks: Array.from({ length: 23 }, (_, index) => ({ table: `public.t${index}`, mode: 'ACCESS EXCLUSIVE', milliseconds: index })),
  changes: {
    schema: ['added: table public.a'],
    rewritten: ['public.b'],
    rows: [{ table: 'public.a', after: 3 }],
    broken: [],
  },
};
const titles = (steps: readonly { readonly title: string; readonly state: string }[] = []): readonly string[] =>
  steps.map(({ title, state }) => `${state} ${title}`);

describe('the report of an update', () => {
  it('tells while it runs what was done, is done, and is to come', () => {
    const { verdict, sections } = updatingView(t, 'p/s/d', { steps: [backup], running: 'rehearsal' });
    assert.equal(verdict.tone, undefined);
    assert.deepEqual(titles(sections[0]?.steps), [
      'done Back up',
      'running Rehearse on a copy made of the backup',
      'waiting Run the migrations',
      'waiting Validate the database',
    ]);
  });

  it('promises nothing more once a step has failed', () => {
    const { sections } = updatingView(t, 'p/s/d', { steps: [{ ...backup, state: 'failed' }] });
    assert.deepEqual(titles(sections[0]?.steps), ['failed Back up']);
  });

  it('says that nothing was touched when the user stopped it', () => {
    const { verdict, sections } = stoppedView(t, 'p/s/d', { steps: [backup], running: 'rehearsal' });
    assert.equal(verdict.word, 'Not touched');
    assert.deepEqual(titles(sections[0]?.steps), ['done Back up']);
  });

  for (const [state, tone, actions] of [
    ['updated', 'good', ['copy']],
    ['not begun', 'warning', ['copy']],
    ['failed', 'bad', ['restore', 'copy']],
    ['restored', 'warning', ['copy']],
  ] as const) {
    it(`judges "${state}", and offers the way back only where it is needed`, () => {
      const failure = new Failure('MIGRATION_FAILED', 'It failed.', 'Mend it.');
      const view = updatedView(t, 'p/s/d', { state, steps: [backup], backup: '/b/a.dump', ...(state === 'updated' ? {} : { failure }) });
      assert.equal(view.verdict.tone, tone);
      assert.equal(/It failed\. Mend it\.$/.test(view.verdict.sentence), state !== 'updated');
      assert.deepEqual(
        view.actions.map(({ id }) => id),
        actions,
      );
      assert.deepEqual(view.facts, [{ name: 'Backup made before', value: '/b/a.dump' }]);
    });
  }

  it('shows of a rehearsal what was slow, what was locked, and what changed, none of it without end', () => {
    const { verdict, sections, subheading } = rehearsalView(t, 'p/s/d', rehearsal);
    assert.deepEqual([verdict.tone, subheading], ['good', 'p/s/d itself was only read.']);
    assert.deepEqual(
      sections.map(({ title, steps }) => [title, steps.length]),
      [
        ['On the copy: 7 statements in 3.0 s, the slowest first', 1],
        ['Locks that were held, and for how long', 21],
        ['What changed on the copy', 3],
      ],
    );
    assert.equal(sections[1]?.steps[20]?.title, '… and 3 more');
    assert.deepEqual(sections[2]?.steps[2]?.evidence, [{ name: '', value: 'public.a: none → 3' }]);
  });

  for (const [state, shown] of [
    ['works', 'done The schema is again what it was'],
    ['differs', 'failed Not everything is what it was'],
    ['fails', 'failed It does not work'],
    ['not written', 'skipped It is not written'],
  ] as const) {
    it(`tells of a way back that ${state}, and lets the upgrade pass all the same`, () => {
      const downgrade = { state, milliseconds: 5, differences: state === 'works' ? [] : ['added: table public.a'] };
      const { verdict, sections } = rehearsalView(t, 'p/s/d', { ...rehearsal, downgrade });
      assert.equal(verdict.tone, 'good');
      assert.deepEqual(titles(sections[3]?.steps), [shown]);
      assert.equal(sections[3]?.steps[0]?.evidence.length, state === 'differs' || state === 'fails' ? 1 : 0);
    });
  }

  it('names the statement at which a rehearsal fails, and what is not sound afterwards', () => {
    const failing = { ...rehearsal, failure: new Failure('SQL', 'No such table.', 'Mend it.'), failedAt: 'DROP TABLE x' };
    const { verdict, sections } = rehearsalView(t, 'p/s/d', failing);
    assert.deepEqual([verdict.tone, verdict.sentence], ['bad', 'No such table. Mend it.']);
    assert.equal(titles(sections[0]?.steps)[0], 'failed DROP TABLE x');
    const broken = rehearsalView(t, 'p/s/d', { ...rehearsal, changes: { ...rehearsal.changes, broken: ['A reference leads nowhere: x'] } });
    assert.equal(broken.verdict.tone, 'bad');
    assert.equal(titles(broken.sections[2]?.steps)[0], 'failed Not sound any more');
  });
});
