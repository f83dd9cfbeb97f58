import assert from 'node:assert/strict';
import { mkdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CommandResult } from '../../../src/cli/command';
import { Terminal } from '../../../src/cli/terminal';
import { lintCommand } from '../../../src/cli/commands/lint';
import { waitFor } from '../../lab/process';
import { rejectsWith } from '../operations/rejectsWith';
import { temporaryFolder } from '../operations/temporaryFolder';

const header = "from alembic import op\nrevision = 'b'\ndown_revision = None\n\n\n";

interface Listing {
  readonly files: number;
  readonly findings: readonly Readonly<Record<string, unknown>>[];
}

describe('lint', function () {
  this.timeout(20_000);
  const at = temporaryFolder();
  let stateBefore: string | undefined;

  before(() => {
    stateBefore = process.env['CONTAINER_DATABASES_STATE'];
  });

  beforeEach(() => {
    process.env['CONTAINER_DATABASES_STATE'] = at('state');
    for (const folder of ['versions', 'node_modules/x/migrations', 'migrations']) mkdirSync(at(folder), { recursive: true });
    writeFileSync(at('versions/b.py'), `${header}def upgrade():\n    op.drop_table('é')  # container-databases: ignore timeout-missing\n`);
    writeFileSync(at('versions/env.py'), 'import os\n');
    writeFileSync(at('node_modules/x/migrations/1.sql'), 'DROP TABLE a;');
    writeFileSync(at('migrations/1.sql'), 'SELECT 1;');
  });

  after(() => {
    if (stateBefore === undefined) delete process.env['CONTAINER_DATABASES_STATE'];
    else process.env['CONTAINER_DATABASES_STATE'] = stateBefore;
  });

  const lint = async (options: Readonly<Record<string, unknown>> = {}, ...paths: readonly string[]): Promise<CommandResult> => {
    const result = await lintCommand.runPlain({
      terminal: new Terminal(false, false),
      signal: new AbortController().signal,
      options,
      argument: '',
      arguments: paths.length === 0 ? [at('.')] : paths,
    });
    assert.ok(result !== undefined, 'an engine was needed');
    return result;
  };

  it('lists what it found, and no more than it promises', async () => {
    const { value, incomplete } = await lint();
    const { files, findings } = value as Listing;
    assert.equal(files, 2);
    assert.deepEqual(
      findings.map(({ rule, line, column, severity }) => [rule, line, column, severity]),
      [
        ['downgrade-missing', 6, 5, 'medium'],
        ['table-drop', 7, 5, 'very high'],
      ],
    );
    assert.deepEqual(Object.keys(findings[0] ?? {}), ['file', 'line', 'column', 'rule', 'severity', 'message']);
    assert.equal(incomplete, true);
  });

  it('ends by the severity that was named, and by what each rule counts for', async () => {
    assert.equal((await lint({ failOn: 'never' })).incomplete, false);
    assert.equal((await lint({ failOn: 'very-high' })).incomplete, true);
    assert.equal((await lint({ failOn: 'high', severity: ['table-drop=low'] })).incomplete, false);
    const { findings } = (await lint({ severity: ['table-drop=off'] })).value as Listing;
    assert.deepEqual(
      findings.map(({ rule }) => rule),
      ['downgrade-missing'],
    );
    for (const options of [
      { failOn: 'loud' },
      { severity: ['nothing=low'] },
      { severity: ['table-drop=loud'] },
      { profile: 'x' },
      { json: true, sarif: true },
      { explain: 'x' },
    ]) {
      await rejectsWith('USAGE', lint(options));
    }
    await rejectsWith('FILE_MISSING', lint({}, at('nowhere')));
  });

  it('looks at files that are named, wherever they lie, and at no others', async () => {
    writeFileSync(at('change.sql'), 'DROP TABLE a;\nCREATE INDEX i ON b (c);\n');
    const found = async (options: Readonly<Record<string, unknown>>): Promise<readonly unknown[]> =>
      ((await lint(options, at('change.sql'))).value as Listing).findings.map(({ rule, line, severity }) => [rule, line, severity]);
    assert.deepEqual(await found({}), [
      ['table-drop', 1, 'very high'],
      ['timeout-missing', 1, 'low'],
      ['index-create', 2, 'medium'],
    ]);
    assert.deepEqual((await found({ profile: 'development' })).slice(0, 1), [['table-drop', 1, 'very high']]);
    assert.ok(!JSON.stringify(await found({ profile: 'development' })).includes('"medium"'));
  });

  it('finds the same with its memory, and sees a change within the same tick', async () => {
    const first = await lint();
    assert.deepEqual((await lint()).value, first.value);
    const moment = new Date(Date.now() - 60_000);
    writeFileSync(at('migrations/1.sql'), 'SELECT 1;');
    utimesSync(at('migrations/1.sql'), moment, moment);
    await lint();
    writeFileSync(at('migrations/1.sql'), 'TRUNCATE x');
    const { findings } = (await lint()).value as Listing;
    assert.ok(findings.some(({ rule }) => rule === 'table-truncate'));
  });

  it('prints the same again where nothing has changed, and only there', async () => {
    const settledAt = Math.max(...['versions/b.py', 'versions/env.py', 'migrations/1.sql'].map((file) => statSync(at(file)).ctimeMs)) + 2001;
    await waitFor('the files to be old enough', () => Date.now() > settledAt);
    const again = async (options: Readonly<Record<string, unknown>> = {}): Promise<string | undefined> => {
      const { printed, value } = await lint(options);
      return value === undefined ? printed : undefined;
    };
    const first = await lint({ json: true });
    assert.deepEqual(JSON.parse(first.printed ?? ''), first.value);
    assert.equal(await again({ json: true }), first.printed);
    assert.equal((await lint({ json: true })).incomplete, true);
    assert.equal(await again({ json: true, failOn: 'never' }), undefined); // whatever else is asked
    assert.equal(await again({ json: true, cache: false }), undefined);
    assert.notEqual(await again({ json: true, failOn: 'never' }), undefined);
    assert.equal((await lint({ json: true, failOn: 'never' })).incomplete, false);
    const [program] = process.argv.splice(1, 1, at('versions/env.py'));
    assert.equal(await again({ json: true, failOn: 'never' }), undefined, 'of another program');
    process.argv.splice(1, 1, program ?? '');
    // As long as it was, and as old as it was.
    const { atime, mtime } = statSync(at('migrations/1.sql'));
    writeFileSync(at('migrations/1.sql'), 'TABLE xy;');
    utimesSync(at('migrations/1.sql'), atime, mtime);
    assert.equal(await again({ json: true, failOn: 'never' }), undefined);
    writeFileSync(at('migrations/1.sql'), 'TRUNCATE;');
    utimesSync(at('migrations/1.sql'), atime, mtime);
    const { findings } = (await lint({ json: true, failOn: 'never' })).value as Listing;
    assert.ok(findings.some(({ rule }) => rule === 'file-unreadable'));
  });

  it('tells of files that it cannot read, and goes on', async () => {
    writeFileSync(at('migrations/2.sql'), Buffer.from([0xff, 0xfe, 0x41]));
    writeFileSync(at('migrations/3.sql'), 'DROP TABEL x;\nDROP TABLE y;');
    const { findings } = (await lint({}, at('migrations'))).value as Listing;
    assert.deepEqual(
      findings.map(({ file, rule, line }) => [path.basename(String(file)), rule, line]),
      [
        ['2.sql', 'file-unreadable', 1],
        ['3.sql', 'file-unreadable', 1],
        ['3.sql', 'table-drop', 2],
        ['3.sql', 'timeout-missing', 2],
      ],
    );
  });

  it('needs an engine only where facts of a database are asked for', async () => {
    const context = { terminal: new Terminal(false, false), signal: new AbortController().signal, argument: '', arguments: [at('.')] };
    assert.equal(await lintCommand.runPlain({ ...context, options: { target: 'shop' } }), undefined);
    assert.ok((await lint({ target: 'shop', silenced: true })).lines.length > 0);
    assert.ok((await lint({ target: 'shop', explain: 'table-drop' })).lines.length > 0);
  });

  it('says it as SARIF, lists silences and explains rules', async () => {
    const sarif = JSON.parse((await lint({ sarif: true })).lines.join('\n')) as { runs: { results: { ruleId: string; level: string }[] }[] };
    assert.deepEqual(
      sarif.runs[0]?.results.map(({ ruleId, level }) => [ruleId, level]),
      [
        ['downgrade-missing', 'warning'],
        ['table-drop', 'error'],
      ],
    );
    assert.ok(JSON.stringify(sarif).includes(pathToFileURL(at('versions/b.py')).href), 'a file that lies elsewhere has its whole address');
    const silenced = (await lint({ silenced: true })).value as { silences: { line: number; rules: string[] }[] };
    assert.deepEqual(
      silenced.silences.map(({ line, rules }) => [line, rules]),
      [[7, ['timeout-missing']]],
    );
    assert.ok((await lint({ explain: 'table-drop' })).lines.includes('# A table is dropped'));
  });
});
