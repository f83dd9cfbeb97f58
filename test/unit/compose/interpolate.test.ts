import assert from 'node:assert/strict';
import { interpolate, lookupIn } from '../../../src/compose/interpolate';
import { randomFrom, type Random } from './random';

const lookup = lookupIn({ SET: 'value', EMPTY: '', _under: 'u', N1: 'one' });

describe('interpolate', () => {
  const cases: readonly (readonly [template: string, value: string])[] = [
    ['', ''],
    ['plain', 'plain'],
    ['$SET', 'value'],
    ['${SET}', 'value'],
    ['a${SET}b$SET', 'avaluebvalue'],
    ['$SET-x', 'value-x'],
    ['$_under.$N1', 'u.one'],
    ['$$', '$'],
    ['$$SET', '$SET'],
    ['$${SET}', '${SET}'],
    ['$$$SET', '$value'],
    ['$$$$', '$$'],
    ['a $ b', 'a $ b'],
    ['^x$', '^x$'],
    ['$}', '$}'],
    ['$1', '$1'],
    ['${SET:-d}', 'value'],
    ['${EMPTY:-d}', 'd'],
    ['${NONE:-d}', 'd'],
    ['${NONE:-}', ''],
    ['${EMPTY-d}', ''],
    ['${NONE-d}', 'd'],
    ['${SET:+x}', 'x'],
    ['${EMPTY:+x}', ''],
    ['${NONE:+x}', ''],
    ['${EMPTY+x}', 'x'],
    ['${NONE+x}', ''],
    ['${SET:?m}', 'value'],
    ['${EMPTY?m}', ''],
    ['${NONE:-/a:-b}', '/a:-b'],
    ['${NONE:--}', '-'],
    ['${NONE-b?c}', 'b?c'],
    ['${NONE:-${EMPTY:-deep}}', 'deep'],
    ['${NONE:-${SET} $SET}', 'value value'],
    ['${SET+$SET ${SET:+second}}', 'value second'],
    ['${NONE-$$x}', '$x'],
    ['${NONE:-$${SET}}', '${SET}'],
    ['${NONE:-a}b}', 'ab}'],
    ['${NONE:-{"x":"${SET}"}}', '{"x":"value"}'],
    ['127.0.0.1:${NONE:-15432}:5432', '127.0.0.1:15432:5432'],
    ['${NONE:-two\nlines}', 'two\nlines'],
  ];
  for (const [template, value] of cases) {
    it(`${JSON.stringify(template)} gives ${JSON.stringify(value)}`, () => {
      const result = interpolate(template, lookup);
      assert.equal(result.value, value);
      assert.deepEqual(result.errors, []);
    });
  }

  const faults: readonly (readonly [template: string, value: string, error: RegExp])[] = [
    ['${', '${', /no closing brace/],
    ['x ${SET', 'x ${SET', /no closing brace/],
    ['${}', '${}', /not a substitution/],
    ['${ SET}', '${ SET}', /not a substitution/],
    ['${SET!}', '${SET!}', /not a substitution/],
    ['${1A}', '${1A}', /not a substitution/],
    ['${NONE:?}', '', /^Variable NONE is required but has no value\.$/],
    ['${EMPTY:?set it}', '', /^Variable EMPTY is required but has no value: set it\.$/],
    ['${NONE?use $SET}', '', /no value: use value\.$/],
    ['${NONE?a-b}', '', /no value: a-b\.$/],
  ];
  for (const [template, value, error] of faults) {
    it(`${JSON.stringify(template)} is an error and stays readable`, () => {
      const result = interpolate(template, lookup);
      assert.equal(result.value, value);
      assert.equal(result.errors.length, 1);
      assert.match(result.errors[0] ?? '', error);
    });
  }

  it('names variables that are not set, once each, and only where nothing stands in', () => {
    assert.deepEqual(interpolate('$A ${B} ${A} ${C:-x} ${D:+x} $EMPTY', lookup).unset, ['A', 'B']);
    assert.deepEqual(interpolate('${C:-$E}', lookup).unset, ['E']);
    assert.deepEqual(interpolate('${SET:-$E}', lookup).unset, []);
  });

  it('does not find what objects inherit', () => {
    assert.deepEqual(interpolate('[$constructor][${toString:-none}][$__proto__]', lookupIn({})).value, '[][none][]');
  });

  it('agrees with a second, constructive definition on 2,000 random templates', () => {
    for (let seed = 1; seed <= 2000; seed++) {
      const { template, value } = randomTemplate(randomFrom(seed), 3);
      const result = interpolate(template, lookup);
      assert.equal(result.value, value, `seed ${seed}: ${template}`);
      assert.deepEqual(result.errors, [], `seed ${seed}: ${template}`);
    }
  });

  it('never throws, and leaves text without a dollar alone', () => {
    const alphabet = ['$', '{', '}', ':', '-', '?', '+', 'A', 'SET', ' ', '\n', 'é', '🐘'];
    for (let seed = 1; seed <= 2000; seed++) {
      const random = randomFrom(seed);
      const text = Array.from({ length: random.below(12) }, () => random.pick(alphabet)).join('');
      const { value } = interpolate(text, lookup);
      if (!text.includes('$')) assert.equal(value, text);
    }
  });
});

interface Sample {
  readonly template: string;
  readonly value: string;
}

/** A template together with what it must become, built from the same parts. */
function randomTemplate(random: Random, depth: number): Sample {
  const parts = Array.from({ length: 1 + random.below(4) }, () => randomPart(random, depth));
  return { template: parts.map(({ template }) => template).join(''), value: parts.map(({ value }) => value).join('') };
}

function randomPart(random: Random, depth: number): Sample {
  const kind = random.below(depth > 0 ? 4 : 3);
  if (kind === 0) {
    const text = random.pick([' ', '/', ': ', '- ', '? ', '+ ', '@', '#', 'é']);
    return { template: text, value: text };
  }
  if (kind === 1) return { template: '$$', value: '$' };
  const name = random.pick(['SET', 'EMPTY', 'NONE']);
  const found = name === 'SET' ? 'value' : '';
  if (kind === 2)
    return random.pick([
      { template: `\${${name}}`, value: found },
      { template: `$${name} `, value: `${found} ` },
    ]);
  const word = randomTemplate(random, depth - 1);
  const [operator, usesWord] = random.pick([
    [':-', name !== 'SET'],
    ['-', name === 'NONE'],
    [':+', name === 'SET'],
    ['+', name !== 'NONE'],
  ] as const);
  const otherwise = operator.endsWith('+') ? '' : found;
  return { template: `\${${name}${operator}${word.template}}`, value: usesWord ? word.value : otherwise };
}
