import assert from 'node:assert/strict';
import { Linter } from '../../../src/lint/linter';
import { judged } from '../../../src/lint/judge';
import { rulePage } from '../../../src/lint/page';
import { allRules } from '../../../src/lint/rules/all';
import { isAtLeast, type Profile, type Severity } from '../../../src/lint/severity';
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

  it('have examples, all that look at one file', () => {
    for (const { id, bad, good } of allRules.filter((rule) => rule.statement !== undefined || rule.file !== undefined)) {
      assert.ok(bad.length > 0 && good.length > 0, id);
    }
    assert.deepEqual(
      allRules.filter(({ statement, file }) => statement === undefined && file === undefined).map(({ id }) => id),
      ['multiple-heads'],
    );
  });

  it('have pages that explain them', () => {
    for (const rule of allRules) {
      const page = rulePage(rule);
      for (const text of [`# ${rule.title}\n`, rule.why, rule.remedy, rule.source, `container-databases: ignore ${rule.id}`])
        assert.ok(page.includes(text), rule.id);
      for (const example of [...rule.bad, ...rule.good]) assert.ok(page.includes(example.replaceAll(/[«»]/g, '')), `${rule.id}: ${example}`);
      assert.doesNotMatch(page, /[«»]/);
    }
  });

  it('count for less where only a developer’s own database is at stake, and never for more', () => {
    const milder = allRules.filter(({ severity, development }) => development !== undefined && development !== severity);
    assert.ok(milder.length > 5);
    for (const rule of milder) {
      const judgedAs = (profile: Profile): Severity | 'off' => judged({ rule: rule.id, severity: rule.severity }, { profile, overrides: {} });
      const development = judgedAs('development');
      assert.equal(judgedAs('production'), rule.severity);
      assert.ok(development === 'off' || (development !== rule.severity && isAtLeast(rule.severity, development)), rule.id);
      assert.equal(judged({ rule: rule.id, severity: rule.severity }, { profile: 'development', overrides: { [rule.id]: 'high' } }), 'high');
    }
  });

  it('have ids of their own, and words for all that the pages show', () => {
    assert.equal(new Set(allRules.map(({ id }) => id)).size, allRules.length);
    for (const { id, title, why, remedy, source } of allRules) for (const text of [id, title, why, remedy, source]) assert.ok(text.length > 3, id);
  });
});
