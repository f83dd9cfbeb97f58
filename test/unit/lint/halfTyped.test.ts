import assert from 'node:assert/strict';
import { LastGood } from '../../../src/lint/lastGood';
import { Linter } from '../../../src/lint/linter';
import { halfTypedFiles } from './halfTypedFiles';

/** More than this no half of any of the files can rightly be warned of. */
const flood = 25;

describe('half-typed files', () => {
  for (const [file, text] of Object.entries(halfTypedFiles)) {
    it(`${file}: no beginning of it throws, floods, or takes back what was good`, async function () {
      this.timeout(20_000);
      const linter = new Linter(true);
      const good = new LastGood();
      const whole = await linter.lint(file, text);
      assert.ok(whole !== undefined && whole.migration.broken === undefined, JSON.stringify(whole?.migration.broken));
      assert.ok(whole.findings.length > 0 && whole.findings.length <= flood);
      let last = 0;
      for (let length = 0; length <= text.length; length += 1) {
        const beginning = text.slice(0, length);
        const linted = await linter.lint(file, beginning);
        if (linted === undefined) continue;
        for (const { span } of linted.findings) assert.ok(span.from >= 0 && span.from <= span.to && span.to <= length, `${length}: ${JSON.stringify(span)}`);
        const { linted: shown, isEarlier } = good.show(file, linted);
        assert.ok(shown.findings.length <= flood, `${length}: ${shown.findings.length} warnings`);
        if (isEarlier) assert.equal(shown.findings.length, last, `${length}: what was good is gone`);
        last = shown.findings.length;
      }
      // Parsed in pieces, the file is what it is when it is parsed as a whole.
      const fresh = await new Linter(false).lint(file, text);
      const inPieces = await linter.lint(file, text);
      assert.deepEqual(
        inPieces?.findings.map(({ rule, span, message }) => [rule, span, message]),
        fresh?.findings.map(({ rule, span, message }) => [rule, span, message]),
      );
    });
  }
});
