import assert from 'node:assert/strict';
import { isHarmless } from '../../../src/lint/live/pure';

describe('isHarmless', () => {
  for (const expression of ['amount > 0', "lower(name) <> ''", 'a IS NOT NULL AND b IN (1, 2)', 'length(btrim(x)) < 5 -- short', "kind = ';'"]) {
    it(`lets ${expression} be tried`, async () => assert.equal(await isHarmless(expression), true));
  }
  for (const expression of [
    'pg_sleep(5) IS NULL',
    'mine.lower(a)',
    'EXISTS (SELECT 1 FROM secrets)',
    'a IN (SELECT b FROM c)',
    'true); DROP TABLE users; SELECT (1',
    '1) UNION SELECT (1',
    'true) FOR UPDATE; SELECT (true',
    'a = :value',
    'a = $1',
    'a >',
    '',
  ]) {
    it(`does not try ${JSON.stringify(expression)}`, async () => assert.equal(await isHarmless(expression), false));
  }
});
