import assert from 'node:assert/strict';
import { pruneResult } from '../../../src/backup/prune';
import { decideRetention } from '../../../src/backup/retention';
import { pruneQuestion, removedText, whyText } from '../../../src/vscode/present/retentionText';
import { backup, clock, english, foreignBackup } from './facts';

const day = 24 * 60;
const decide = (count: number): ReturnType<typeof decideRetention> =>
  decideRetention([...Array.from({ length: count }, (_, index) => backup(10 + index * day)), foreignBackup(5)], { last: 1, weekly: 1 }, clock.now);

describe('what is said of old backups', () => {
  it('is why they stay or go', () => {
    assert.deepEqual(
      decide(2).map((decision) => whyText(english, decision, clock)),
      ['the last good one, the newest, the newest of the week of 16 November', 'no rule keeps it', 'nothing is known of it, since it has no manifest'],
    );
  });

  it('is what would be lost, before it is removed', () => {
    const { message, detail, button } = pruneQuestion(english, 'reims', decide(3), clock);
    assert.equal(message, 'Remove 2 backups of reims?');
    assert.deepEqual(detail.split('\n'), [
      '• reims_reims_1450.dump · reims · yesterday, 13:50 · no rule keeps it',
      '• reims_reims_2890.dump · reims · 18 Nov, 13:50 · no rule keeps it',
      '',
      '292 kB become free; 2 backups stay.',
      'A deleted backup cannot be brought back.',
    ]);
    assert.equal(button, 'Remove backups');
  });

  it('names no more than can be read', () => {
    const lines = pruneQuestion(english, 'reims', decide(101), clock).detail.split('\n');
    assert.equal(lines.length, 16);
    assert.equal(lines[12], '… and 88 more');
  });

  it('is how many went', () => {
    assert.equal(removedText(english, pruneResult(decide(1))), undefined);
    assert.equal(removedText(english, pruneResult(decide(2))), '1 older backup removed.');
    assert.equal(removedText(english, pruneResult(decide(3))), '2 older backups removed.');
  });
});
