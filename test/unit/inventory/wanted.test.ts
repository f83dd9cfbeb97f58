import assert from 'node:assert/strict';
import { matchesAny } from '../../../src/inventory/wanted';

describe('the projects that are looked at', () => {
  it('are all where none is named', () => {
    assert.equal(matchesAny('reims', []), true);
  });

  for (const [name, patterns, isWanted] of [
    ['reims', ['reims'], true],
    ['reims', ['budgie', 'reims'], true],
    ['reims2', ['reims'], false],
    ['my-reims', ['reims'], false],
    ['reims-dev', ['reims-*'], true],
    ['reims', ['reims-*'], false],
    ['a-reims-b', ['*reims*'], true],
    ['rexms', ['re.ms'], false],
    ['a(b', ['a(*'], true],
    ['aXb', ['a*b*c'], false],
  ] as const) {
    it(`${isWanted ? 'are' : 'are not'} ${name} for ${patterns.join(', ')}`, () => {
      assert.equal(matchesAny(name, patterns), isWanted);
    });
  }
});
