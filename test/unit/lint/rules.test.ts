import assert from 'node:assert/strict';
import { Linter } from '../../../src/lint/linter';
import { allRules } from '../../../src/lint/rules/all';
import { exampleFile } from './exampleFile';

const linter = new Linter(false);

describe('the rules', () => {
  for (const { id, bad, good } of allRules) {
    for (const example of bad) {
      it(`${id} underlines ${JSON.stringify(example)}`, async () => {
        const { file, text } = exampleFile(example.replaceAll(/[«»]/g, ''));
        const marked = exampleFile(example).text;
        const from = marked.indexOf('«');
        const wanted = { from, to: marked.indexOf('»') - 1 };
        const findings = (await linter.lint(file, text))?.findings.filter(({ rule }) => rule === id) ?? [];
        assert.deepEqual(
          findings.map(({ span }) => text.slice(span.from, span.to)),
          [text.slice(wanted.from, wanted.to)],
        );
        assert.deepEqual({ ...findings[0]?.span }, wanted);
      });
    }
    for (const example of good) {
      it(`${id} is silent about ${JSON.stringify(example)}`, async () => {
        const { file, text } = exampleFile(example);
        const linted = await linter.lint(file, text);
        assert.ok(linted !== undefined && linted.migration.broken === undefined, 'the example cannot be read');
        assert.ok(linted.migration.sections.some(({ statements, body }) => statements.length > 0 || body !== 'statements'));
        assert.deepEqual(
          linted.findings.filter(({ rule }) => rule === id).map(({ message }) => message),
          [],
        );
      });
    }
  }

  it('have ids of their own, and words for all that the pages show', () => {
    assert.equal(new Set(allRules.map(({ id }) => id)).size, allRules.length);
    for (const { id, title, why, remedy, source } of allRules) for (const text of [id, title, why, remedy, source]) assert.ok(text.length > 3, id);
  });
});
