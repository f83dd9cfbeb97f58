import assert from 'node:assert/strict';
import { overridesOf, severityOf } from '../../../src/lint/severity';
import { sourceText } from '../../../src/vscode/present/lintText';
import { before, clock, english } from '../vscode/facts';

describe('severities', () => {
  it('are understood as people and the editor write them', () => {
    const words = ['very-high', 'Very High', 'error', 'warning', 'information', 'low', 'loud', ''];
    assert.deepEqual(words.map(severityOf), ['very high', 'very high', 'high', 'medium', 'low', 'low', undefined, undefined]);
  });

  it('are taken from the settings where they make sense', () => {
    assert.deepEqual(overridesOf({ 'table-drop': 'low', 'fk-add': 'off', 'index-create': 'loud', 'pk-add': 3 }), { 'table-drop': 'low', 'fk-add': 'off' });
    for (const setting of [undefined, null, 'low', 3]) assert.deepEqual(overridesOf(setting), {});
  });
});

describe('the source of facts', () => {
  it('is named, with their age', () => {
    const facts = { database: 'reims', answers: new Map(), askedAt: before(2) };
    assert.equal(sourceText(english, facts, clock.now), 'reims on this machine, 2 min ago');
  });
});
