import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Linter } from '../../../src/lint/linter';
import { lintText, lintTogether, type FileResult } from '../../../src/lint/run';
import { repositoryRoot } from '../../lab/paths';
import { makeMigrations } from './corpus';
import { halfTypedFiles } from './halfTypedFiles';

const golden = path.join(repositoryRoot, 'test/fixtures/lint/corpus.txt');
/** What must never be said of a table that the same function makes. */
const onlyOfTablesInUse = /^(index-|unique-|fk-|check-|pk-|column-|timeout-|backfill-|table-drop|table-rename)/;

describe('a corpus of 300 migrations', function () {
  this.timeout(60_000);
  const linter = new Linter(false);
  const made = makeMigrations(290);
  const odd = Object.entries(halfTypedFiles).map(([file, text]) => ({ file: `odd/${file}`, text, onNewTables: false }));
  let results: readonly FileResult[];

  before(async () => {
    results = await Promise.all([...made, ...odd].map(async ({ file, text }) => ({ file: path.resolve(file), ...(await lintText(file, text, linter)) })));
  });

  it('can be read, every file of it', () => {
    assert.equal(results.length, 300);
    for (const { file, isMigration, findings } of results) {
      assert.ok(isMigration, file);
      assert.deepEqual(
        findings.filter(({ rule }) => rule === 'file-unreadable'),
        [],
        file,
      );
    }
  });

  it('is warned of as was reviewed', () => {
    const lines = results.flatMap(({ file, findings }) => [
      path.relative('.', file).replaceAll(path.sep, '/'),
      ...findings.map(
        ({ line, column, endLine, endColumn, severity, rule, message }) => `  ${line}:${column}-${endLine}:${endColumn} ${severity} ${rule}: ${message}`,
      ),
    ]);
    if (process.env['GOLDEN'] === 'write') {
      mkdirSync(path.dirname(golden), { recursive: true });
      writeFileSync(golden, `${lines.join('\n')}\n`);
    }
    assert.deepEqual(lines, readFileSync(golden, 'utf8').trimEnd().split('\n'));
  });

  it('has no false alarm about a table that the same function makes', () => {
    const fresh = made.filter(({ onNewTables }) => onNewTables).map(({ file }) => path.resolve(file));
    assert.ok(fresh.length > 60, `${fresh.length} only`);
    for (const { file, findings } of results.filter((result) => fresh.includes(result.file))) {
      assert.deepEqual(
        findings.filter(({ rule }) => onlyOfTablesInUse.test(rule)).map(({ rule, line }) => `${rule} in line ${line}`),
        [],
        file,
      );
    }
  });

  it('has one head, and two when somebody branches off', () => {
    const folder = path.resolve('versions');
    const all = results.filter(({ file }) => file.startsWith(folder));
    assert.deepEqual(lintTogether(all, [path.resolve('.')]), []);
    const branch: FileResult = {
      file: path.join(folder, 'branch.py'),
      isMigration: true,
      findings: [],
      silences: [],
      revision: { id: 'branch', parents: [all[3]?.revision?.id ?? ''], labels: [], dependsOn: [], span: { from: 0, to: 1 }, line: 1, column: 1, endColumn: 2 },
    };
    assert.deepEqual(
      lintTogether([...all, branch], [path.resolve('.')]).map(({ rule, file }) => [rule, path.basename(file)]),
      [
        ['multiple-heads', `${(290).toString(16).padStart(12, '0')}_made.py`],
        ['multiple-heads', 'branch.py'],
      ],
    );
  });
});
