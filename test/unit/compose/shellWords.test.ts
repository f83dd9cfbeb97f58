import assert from 'node:assert/strict';
import { shellWords } from '../../../src/compose/shellWords';

describe('shellWords', () => {
  const cases: readonly (readonly [line: string, words: readonly string[]])[] = [
    ['', []],
    ['   ', []],
    ['a b  c', ['a', 'b', 'c']],
    [' a\tb\n', ['a', 'b']],
    ["postgres -c 'shared_buffers = 1GB'", ['postgres', '-c', 'shared_buffers = 1GB']],
    ['a "b c"d', ['a', 'b cd']],
    ['"" \'\'', ['', '']],
    ['a\\ b', ['a b']],
    ['"a\\"b\\\\c\\n"', ['a"b\\c\\n']],
    ["'a\\b'", ['a\\b']],
    ['bash -c "sleep 1 && exec postgres"', ['bash', '-c', 'sleep 1 && exec postgres']],
    ["'open quote", ['open quote']],
    ['a\\', ['a\\']],
  ];
  for (const [line, words] of cases) it(JSON.stringify(line), () => assert.deepEqual(shellWords(line), words));
});
