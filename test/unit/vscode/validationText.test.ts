import assert from 'node:assert/strict';
import type { Check, Validation } from '../../../src/migrations/schema/validate';
import { validationView } from '../../../src/vscode/present/validationText';
import { english as t } from './facts';

const good: Check = { id: 'indexes', state: 'good', count: 41, message: 'Every index is valid.', found: [] };
const validation: Validation = { checks: [good], objects: { table: 2, index: 1041 }, rows: { 'public.a': 1000, 'public.b': 2 } };

describe('the report of a validation', () => {
  it('says that all is sound, and what was counted', () => {
    const { verdict, sections } = validationView(t, 'p/s/d', validation);
    assert.deepEqual([verdict.tone, verdict.word], ['good', 'Sound']);
    assert.deepEqual(
      sections[1]?.steps[0]?.evidence.map(({ name, value }) => `${name}: ${value}`),
      ['rows: 1,002 in 2 tables', 'table: 2', 'index: 1,041'],
    );
  });

  it('shows what was found, not without end, and what to do', () => {
    const bad: Check = { ...good, state: 'bad', found: Array.from({ length: 60 }, (_, index) => `index ${index}`), remedy: 'Build them anew.' };
    const { verdict, sections } = validationView(t, 'p/s/d', { ...validation, checks: [bad, good] });
    assert.deepEqual([verdict.tone, verdict.sentence], ['bad', 'Checks that found something: 1.']);
    const [step] = sections[0]?.steps ?? [];
    assert.equal(step?.state, 'failed');
    assert.deepEqual(
      step?.evidence.slice(49).map(({ value }) => value),
      ['index 49', '… and 10 more', 'Build them anew.'],
    );
  });

  it('does not call sound what could not be looked at', () => {
    const { verdict } = validationView(t, 'p/s/d', { ...validation, checks: [good, { ...good, state: 'unknown' }] });
    assert.deepEqual([verdict.tone, verdict.word], ['warning', 'Not known']);
  });
});
