import assert from 'node:assert/strict';
import { downgradeStep } from '../../../src/migrations/update/downgradeStep';
import { compareHealth } from '../../../src/migrations/update/healthChange';
import type { Migrations } from '../../../src/migrations/migrations';
import { findScripts, type Upgrade } from '../../../src/migrations/update/scripts';
import { Failure } from '../../../src/protocol/failure';
import { fakeOperation } from '../operations/fakeOperation';
import { scriptsOf } from '../../../src/migrations/update/sqlFiles';
import { splitStatements } from '../../../src/postgres/sqlScript';
import type { HealthReason } from '../../../src/health/model';

const flat = (script: string | undefined): readonly string[] | undefined =>
  script === undefined
    ? undefined
    : splitStatements(script)
        ?.map((statement) => statement.replaceAll(/--[^\n]*\n?/g, '').trim())
        .filter((statement) => statement !== '');

describe('the SQL of pending migrations', () => {
  it('is that of the section, in the transactions of the tool, and back in the other order', () => {
    const scripts = scriptsOf('dbmate', [
      { text: '-- migrate:up\nCREATE TABLE a (id int);\n\n-- migrate:down\nDROP TABLE a;\n' },
      { text: '-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY i ON a (id)\n-- migrate:down transaction:false\nDROP INDEX i' },
    ]);
    assert.deepEqual(flat(scripts?.up), ['BEGIN', 'CREATE TABLE a (id int)', 'COMMIT', 'CREATE INDEX CONCURRENTLY i ON a (id)']);
    assert.deepEqual(flat(scripts?.down), ['DROP INDEX i', 'BEGIN', 'DROP TABLE a', 'COMMIT']);
  });

  it('is none for a revision that is not pending', async () => {
    const status = { tool: 'golang-migrate', pending: ['2'], revisions: [] };
    const plan = { status, source: { base: '/' }, action: { kind: 'upgrade', to: { kind: 'revision', revision: 'nonsense' } } } as unknown as Upgrade;
    const { up } = await findScripts({} as Migrations, plan, fakeOperation());
    assert.ok(up instanceof Failure);
    assert.deepEqual([up.code, up.message], ['REVISION_NOT_PENDING', '"nonsense" is none of the pending migrations.']);
  });

  it('keeps bodies whole, and leaves to goose what only goose can do', () => {
    const body = 'CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$;';
    const scripts = scriptsOf('goose', [{ text: `-- +goose Up\n-- +goose StatementBegin\n${body}\n-- +goose StatementEnd\n-- +goose Down\n` }]);
    assert.deepEqual(flat(scripts?.up), ['BEGIN', body.slice(0, -1), 'COMMIT']);
    assert.deepEqual([scripts?.down, scripts?.goesBack], [undefined, true], 'an empty way back is none');
    const alone = scriptsOf('goose', [{ text: '-- +goose NO TRANSACTION\n-- +goose Up\nVACUUM a;\n-- +goose Down\nSELECT 1;' }]);
    assert.deepEqual([flat(alone?.up), flat(alone?.down)], [['VACUUM a'], ['SELECT 1']]);
    assert.equal(scriptsOf('goose', [{ text: '-- +goose Up\n-- +goose ENVSUB ON\nSELECT ${X};' }]), undefined);
    assert.equal(scriptsOf('flyway', [{ text: 'CREATE TABLE ${schema}.a ();' }]), undefined);
    assert.equal(scriptsOf('plain-sql', [{ text: '\\i other.sql' }]), undefined);
    assert.equal(scriptsOf('knex', [{ text: 'SELECT 1' }]), undefined);
  });

  it('is one transaction where a file is sent at once, but not where it says otherwise or is one statement', () => {
    for (const tool of ['golang-migrate', 'prisma', 'supabase'] as const) {
      assert.deepEqual(flat(scriptsOf(tool, [{ text: 'SELECT 1; SELECT 2' }])?.up), ['BEGIN', 'SELECT 1', 'SELECT 2', 'COMMIT']);
      assert.deepEqual(flat(scriptsOf(tool, [{ text: 'CREATE INDEX CONCURRENTLY i ON a (b);' }])?.up), ['CREATE INDEX CONCURRENTLY i ON a (b)']);
      assert.deepEqual(flat(scriptsOf(tool, [{ text: '-- so\nBEGIN; SELECT 1; COMMIT;' }])?.up), ['BEGIN', 'SELECT 1', 'COMMIT']);
    }
    const both = scriptsOf('golang-migrate', [{ text: 'SELECT 1', downText: 'SELECT -1' }, { text: 'SELECT 2' }]);
    assert.deepEqual([both?.down, both?.goesBack], [undefined, true]);
    assert.deepEqual(flat(scriptsOf('golang-migrate', [{ text: 'SELECT 1', downText: 'SELECT -1' }])?.down), ['SELECT -1']);
  });

  it('is one transaction for all where the tool has it so, and one each in Flyway but for what cannot', () => {
    for (const tool of ['drizzle', 'node-pg-migrate'] as const) {
      const { up } = scriptsOf(tool, [{ text: 'SELECT 1;--> statement-breakpoint\nSELECT 2' }, { text: 'SELECT 3;' }]) ?? assert.fail();
      assert.deepEqual(flat(up), ['BEGIN', 'SELECT 1', 'SELECT 2', 'SELECT 3', 'COMMIT']);
    }
    const marked = scriptsOf('node-pg-migrate', [{ text: '-- Up Migration\nSELECT 1;\n-- Down Migration\nSELECT -1;' }]);
    assert.deepEqual(flat(marked?.down), ['BEGIN', 'SELECT -1', 'COMMIT']);
    const flyway = scriptsOf('flyway', [{ text: 'SELECT 1; SELECT 2' }, { text: '/* x */ create index concurrently i on a (b)' }]);
    assert.deepEqual(flat(flyway?.up), ['BEGIN', 'SELECT 1', 'SELECT 2', 'COMMIT', '/* x */ create index concurrently i on a (b)']);
    assert.equal(flyway?.goesBack, false);
  });
});

describe('the steps of an update that end nothing', () => {
  const trial = { milliseconds: 5, differences: ['changed: column public.a.b', 'added: table public.c'] } as const;

  it('tell whether the way back works', () => {
    const told = (state: 'works' | 'differs' | 'fails' | 'not written') => {
      const { state: how, message } = downgradeStep({ up: '', down: '' }, { ...trial, state });
      return `${how}: ${message}`;
    };
    assert.match(told('works'), /^done: It works/);
    assert.match(told('differs'), /^failed: .*2 objects are not what they were, such as changed: column public\.a\.b\.$/);
    assert.match(told('not written'), /^skipped: It is not written/);
    assert.match(told('fails'), /^failed: It does not work/);
    assert.deepEqual(downgradeStep({ up: '', down: { untried: 'why' } }, undefined), { name: 'downgrade', state: 'skipped', milliseconds: 0, message: 'why' });
  });

  it('tell what is new in the health, and what is gone', () => {
    const reason = (code: string, rest: Partial<HealthReason> = {}): HealthReason => ({
      code,
      severity: 'warning',
      short: code,
      message: '',
      remedy: '',
      ...rest,
    });
    const before = { state: 'degraded', reasons: [reason('old'), reason('backup')] } as const;
    assert.deepEqual(compareHealth(before, { state: 'degraded', reasons: [reason('old'), reason('note', { severity: 'info' })] }), {
      state: 'done',
      message: 'degraded, as before; gone: backup',
      isPassing: false,
    });
    const after = compareHealth({ state: 'healthy', reasons: [] }, { state: 'degraded', reasons: [reason('index', { database: 'app', passing: true })] });
    assert.deepEqual(after, { state: 'failed', message: 'healthy → degraded; new: index (app)', isPassing: true });
    assert.equal(compareHealth(before, { state: 'unknown', reasons: [] }).isPassing, true);
    const elsewhere = compareHealth(
      { state: 'degraded', reasons: [reason('x', { database: 'a' })] },
      { state: 'degraded', reasons: [reason('x', { database: 'b' })] },
    );
    assert.equal(elsewhere.state, 'failed', 'of another database it is another reason');
  });
});
