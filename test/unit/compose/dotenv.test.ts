import assert from 'node:assert/strict';
import { parseDotenv } from '../../../src/compose/dotenv';
import { lookupIn } from '../../../src/compose/interpolate';
import { randomFrom, type Random } from './random';

describe('parseDotenv', () => {
  // Each was compared with `docker-compose config` 2.26.
  const cases: readonly (readonly [line: string, value: string | undefined])[] = [
    ['A=1', '1'],
    ['A=', ''],
    ['A', undefined],
    ['A==', '='],
    ['A=b=c', 'b=c'],
    ['A= spaced ', 'spaced'],
    ['A = 1', '1'],
    ['A\t=\t1', '1'],
    ['  A=1', '1'],
    ['export A=1', '1'],
    ['export\tA=1', '1'],
    ['exportA=1', undefined],
    ['A: yaml', 'yaml'],
    ['A=one two', 'one two'],
    ['A=x # comment', 'x'],
    ['A=a # b # c', 'a'],
    ['A=a#b', 'a#b'],
    ['A=#x', '#x'],
    ['A= #x', '#x'],
    ['A="x # no comment" # comment', 'x # no comment'],
    ["A='x # no comment'", 'x # no comment'],
    ['A="it\'s"', "it's"],
    ["A=it's", "it's"],
    ['A=\'say "hi"\'', 'say "hi"'],
    ['A="say \\"hi\\""', 'say "hi"'],
    ["A='it\\'s'", "it's"],
    ['A="a\\nb\\tc"', 'a\nb\tc'],
    ["A='a\\nb'", 'a\\nb'],
    ['A=a\\nb', 'a\\nb'],
    ['A="\\\\"', '\\'],
    ['A="\\0101\\x41"', 'A\\x41'],
    ['A="two\nlines"', 'two\nlines'],
    ["A='two\nlines'", 'two\nlines'],
    ['A="$SHELL_VAR"', 'from shell'],
    ["A='$SHELL_VAR'", '$SHELL_VAR'],
    ['A=$SHELL_VAR', 'from shell'],
    ['A="\\$SHELL_VAR"', '$SHELL_VAR'],
    ['A=$$SHELL_VAR', '$SHELL_VAR'],
    ['A=${NONE:-default}', 'default'],
    ['A=p@ss:w0rd/!%^&*()', 'p@ss:w0rd/!%^&*()'],
    ['A=postgresql://u:p@db:5432/x?sslmode=disable', 'postgresql://u:p@db:5432/x?sslmode=disable'],
    ['# only\n\n   # comments\nA=1', '1'],
    ['\uFEFFA=1', '1'],
    ['A=1\r\nB=2\r\n', '1'],
    ['A="x"\r\nB=2', 'x'],
    ['A=é🐘', 'é🐘'],
    ['A=1\nA=2', '2'],
    ['A=\nB=x', ''],
    ['SHELL_VAR', undefined],
  ];
  for (const [text, value] of cases) {
    it(JSON.stringify(text), () => {
      const { values, problems } = parseDotenv(text, lookupIn({ SHELL_VAR: 'from shell' }));
      assert.equal(values['A'], value);
      assert.deepEqual(problems, []);
    });
  }

  it('reads the lines after a quoted value and after CRLF', () => {
    assert.deepEqual(parseDotenv('A="x\ny"\r\nB=2\r\n\r\nC=3').values, { A: 'x\ny', B: '2', C: '3' });
  });

  it('takes keys with dots, dashes, brackets and letters of any script', () => {
    assert.deepEqual(parseDotenv('a.b=1\na-b=2\na[0]=3\nő=4').values, { 'a.b': '1', 'a-b': '2', 'a[0]': '3', ő: '4' });
  });

  it('uses earlier lines in later ones; the shell wins', () => {
    const text = 'A=1\nB=$A-${A}\nA=${A}2\nC=$A$SHELL';
    assert.deepEqual(parseDotenv(text).values, { A: '12', B: '1-1', C: '12' });
    assert.deepEqual(parseDotenv(text, lookupIn({ A: 's' })).values, { A: 's2', B: 's-s', C: 's' });
  });

  it('takes a variable from the shell where only its name stands', () => {
    assert.deepEqual(parseDotenv('HOSTED\nexport ALSO\nGONE', lookupIn({ HOSTED: 'h', ALSO: 'a' })).values, { HOSTED: 'h', ALSO: 'a' });
  });

  const faults: readonly (readonly [text: string, values: Readonly<Record<string, string>>, line: number, message: RegExp])[] = [
    ['A=1\nB="open\nC=3', { A: '1', C: '3' }, 1, /not closed/],
    ["A='open", {}, 0, /not closed/],
    ['A=1\nhello world\nB=2', { A: '1', B: '2' }, 1, /form NAME=value/],
    ['\nhello world', {}, 1, /form NAME=value/],
    ['A=1\n\n=3', { A: '1' }, 2, /form NAME=value/],
    ['A="x" y', { A: 'x' }, 0, /after the closing quote/],
    ['A=${B:?must be set}', { A: '' }, 0, /must be set/],
    ['A=${B', { A: '${B' }, 0, /closing brace/],
  ];
  for (const [text, values, line, message] of faults) {
    it(`passes over the fault in ${JSON.stringify(text)}`, () => {
      const result = parseDotenv(text);
      assert.deepEqual(result.values, values);
      assert.deepEqual(
        result.problems.map((problem) => problem.line),
        [line],
      );
      assert.match(result.problems[0]?.message ?? '', message);
    });
  }

  it('reads back 1,000 random files, however values are quoted', () => {
    for (let seed = 1; seed <= 1000; seed++) {
      const random = randomFrom(seed);
      const expected: Record<string, string> = {};
      const lines = Array.from({ length: 1 + random.below(6) }, (_, index) => {
        const value = randomValue(random);
        expected[`KEY_${index}`] = value;
        return `${random.pick(['', 'export ', '  '])}KEY_${index}${random.pick(['=', ' = ', '= '])}${written(value, random)}${random.pick(['', ' # c', '\n# c "x', '\n'])}`;
      });
      const text = lines.join(random.pick(['\n', '\r\n']));
      const { values, problems } = parseDotenv(text);
      assert.deepEqual(values, expected, `seed ${seed}: ${text}`);
      assert.deepEqual(problems, [], `seed ${seed}: ${text}`);
    }
  });

  it('never throws on random text', () => {
    const alphabet = ['A', '=', '"', "'", '\\', '\n', '\r', '#', ' ', '$', '{', '}', 'é', ':'];
    for (let seed = 1; seed <= 2000; seed++) {
      const random = randomFrom(seed);
      parseDotenv(Array.from({ length: random.below(30) }, () => random.pick(alphabet)).join(''));
    }
  });
});

function randomValue(random: Random): string {
  const pieces = ['a', 'B', ' ', '#', ' #', '"', "'", '\\', '\\n', '\n', '\t', '$', '${X}', '=', ':', 'é', '🐘', '@'];
  return Array.from({ length: random.below(8) }, () => random.pick(pieces)).join('');
}

/** A way to write the value that the format allows. */
function written(value: string, random: Random): string {
  const ways = [
    `"${value
      .replaceAll('\\', '\\\\')
      .replaceAll('"', '\\"')
      .replaceAll('$', '\\$')
      .replaceAll('\n', random.pick(['\n', '\\n']))}"`,
  ];
  if (!/\\|'/.test(value)) ways.push(`'${value}'`);
  if (!/^["'\s]|\s$|\n|\t| #/.test(value) && value !== '') ways.push(value.replaceAll('$', '$$$$'));
  return random.pick(ways);
}
