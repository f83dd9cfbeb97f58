import assert from 'node:assert/strict';
import { isAbandoned, readMaker, writeMaker, type Maker } from '../../../../src/backup/volume/throwaway';

const maker: Maker = { host: 'abc123', pid: 77, seconds: 1_000_000 };
const day = 24 * 60 * 60;

describe('a throwaway container', () => {
  it('says who made it, and when', () => {
    assert.deepEqual(readMaker(writeMaker(maker)), maker);
    assert.notEqual(writeMaker(maker), writeMaker(maker));
    for (const label of ['', 'abc', 'abc.1.2', 'abc.x.2.3', 'something newer']) assert.equal(readMaker(label), undefined, label);
  });

  for (const [what, who, host, later, isAlive, expected] of [
    ['its maker works', maker, 'abc123', 10, true, false],
    ['its maker works for long', maker, 'abc123', day, true, false],
    ['its maker was killed', maker, 'abc123', 10, false, true],
    ['its maker cannot be seen', maker, 'def456', day, false, false],
    ['it is older than anything takes', maker, 'def456', day + 1, true, true],
    ['the number of its maker is somebody else’s by now', maker, 'abc123', day + 1, true, true],
    ['nobody knows who made it', undefined, 'abc123', 10 * day, false, false],
  ] as const) {
    it(`is ${expected ? '' : 'not '}abandoned when ${what}`, () => {
      assert.equal(isAbandoned(who, { host, seconds: maker.seconds + later, isAlive: () => isAlive }), expected);
    });
  }
});
