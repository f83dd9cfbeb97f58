import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { look } from '../../../src/health/look';
import { compareSchemas } from '../../../src/migrations/schema/compareSchemas';
import { draftChanges } from '../../../src/migrations/schema/draft';
import { draftText } from '../../../src/migrations/schema/draftText';
import type { Schema } from '../../../src/migrations/schema/model';
import { readSchema } from '../../../src/migrations/schema/readSchema';
import { validate } from '../../../src/migrations/schema/validate';
import { waitFor } from '../../lab/process';
import { engineCommand } from '../../lab/stacks';
import { cli, cliJson, openApp, serviceOf, startCli, type OpenApp } from '../support/app';
import { leftoversOf, ourSessions } from '../support/evidence';
import { tempFolder } from '../support/shared';
import { baseSchema, plantedDifferences } from '../support/plantedDifferences';
import { holdSession, sql } from '../support/sql';
import { removeServer, startServer, type Server } from '../support/stack';

for (const major of ['13', '18'] as const) {
  describe(`schemas on Postgres ${major}`, () => {
    let server: Server;
    let app: OpenApp;
    const run = (database: string, statements: string): Promise<string> => sql(server, database, statements);
    const schemaOf = (database: string): Promise<Schema> => look(app.inventory.serverOf(serviceOf(app, server).service), database, readSchema);
    const differences = async (left: string, right: string): Promise<readonly string[]> =>
      compareSchemas(await schemaOf(left), await schemaOf(right)).map(
        // Since Postgres 14 the arguments of procedures are said to go in.
        ({ state, kind, name }) => `${state}: ${kind} ${name.replace('(IN ', '(')}`,
      );
    const copy = async (from: string, to: string): Promise<void> => void (await run('postgres', `CREATE DATABASE ${to} TEMPLATE ${from}`));

    before(async () => {
      server = await startServer(`schemas${major}`, { image: `postgres:${major}` });
      await run('postgres', 'CREATE ROLE cdb_reader; CREATE DATABASE l');
      await run('l', baseSchema);
      await copy('l', 'r');
      app = await openApp();
    });

    after(() => removeServer(server));

    it('are equal to themselves', async () => {
      assert.deepEqual(await differences('l', 'r'), []);
    });

    it(`are compared: ${plantedDifferences.length} differences are found, and nothing else`, async () => {
      await run('r', plantedDifferences.map(([statement]) => statement).join(';\n'));
      assert.deepEqual((await differences('l', 'r')).toSorted(), plantedDifferences.flatMap(([, ...found]) => found).toSorted());
    });

    it('become equal by the draft', async () => {
      await copy('l', 'l_to_r');
      const draft = draftChanges(await schemaOf('l'), await schemaOf('r'));
      assert.deepEqual(draft.open, []);
      await run('l_to_r', draftText(draft));
      assert.deepEqual(await differences('l_to_r', 'r'), []);
    });

    it('become equal the other way round but for what is open', async () => {
      await copy('r', 'r_to_l');
      const draft = draftChanges(await schemaOf('r'), await schemaOf('l'));
      assert.deepEqual(draft.open.map(({ name }) => name).toSorted(), ['column app.orders.gross', 'enum app.mood', 'extension pg_trgm']);
      await run('r_to_l', draftText(draft));
      assert.deepEqual(await differences('r_to_l', 'l'), ['different: extension pg_trgm', 'different: enum app.mood', 'different: column app.orders.gross']);
    });
  });
}

describe('a database that is validated', () => {
  let server: Server;
  let app: OpenApp;
  const run = (script: string): Promise<string> => sql(server, 'app', script);
  const checks = async (): Promise<Readonly<Record<string, { readonly state: string; readonly found: readonly string[] }>>> => {
    const { service } = serviceOf(app, server);
    const { checks: all } = await look(app.inventory.serverOf(service), 'app', (session) => validate(session, { deep: true }));
    return Object.fromEntries(all.map(({ id, state, found }) => [id, { state, found }]));
  };

  before(async () => {
    server = await startServer('validated', { image: 'postgres:17' });
    await run(
      "CREATE TABLE users (id serial PRIMARY KEY, name text); CREATE TABLE posts (id int GENERATED ALWAYS AS IDENTITY, author int REFERENCES users); INSERT INTO users (name) VALUES ('a'), ('a')",
    );
    app = await openApp();
  });

  after(() => removeServer(server));

  it('is sound at first', async () => {
    assert.deepEqual(
      Object.entries(await checks()).map(([id, { state }]) => `${id} ${state}`),
      ['catalogue good', 'constraints good', 'references good', 'indexes good', 'sequences good', 'extensions good'],
    );
    assert.equal((await cliJson<{ state: string }>(['validate', `${server.project}/app`])).state, 'good');
  });

  it('shows what is wrong with it, from the command line too', async () => {
    await run(
      "ALTER TABLE users ADD CONSTRAINT named CHECK (name <> '') NOT VALID; INSERT INTO users VALUES (3, 'b'), (9, 'c'); CREATE EXTENSION pg_trgm VERSION '1.4'",
    );
    await run('SET session_replication_role = replica; INSERT INTO posts (author) VALUES (77), (1), (NULL)');
    await assert.rejects(run('CREATE UNIQUE INDEX CONCURRENTLY by_name ON users (name)'), /duplicated/);
    const found = await checks();
    assert.deepEqual(found['constraints'], { state: 'note', found: ['named on public.users'] });
    assert.deepEqual(found['references'], { state: 'bad', found: ['posts_author_fkey on public.posts: 1 rows refer to nothing'] });
    assert.deepEqual(found['indexes'], { state: 'bad', found: ['public.by_name'] });
    assert.deepEqual(found['sequences'], {
      state: 'bad',
      found: ["public.users_id_seq gives 3 next, public.users.id has reached 9: SELECT setval('public.users_id_seq', 9)"],
    });
    assert.deepEqual(found['extensions'], { state: 'note', found: ['pg_trgm 1.4, the server has 1.6'] });
    const { code, stdout } = await cli(['validate', `${server.project}/app`, '--json']);
    assert.equal(code, 1);
    assert.equal((JSON.parse(stdout) as { state: string }).state, 'bad');
  });

  it('is sound again once that is done what is said', async () => {
    await run(
      "SELECT setval('public.users_id_seq', 9); DROP INDEX by_name; ALTER TABLE users VALIDATE CONSTRAINT named; DELETE FROM posts WHERE author = 77; ALTER EXTENSION pg_trgm UPDATE",
    );
    assert.ok(Object.values(await checks()).every(({ state }) => state === 'good'));
  });

  it('is compared with a snapshot of it by the command line', async () => {
    const name = `${server.project}/app`;
    const taken = await cli(['snapshot', name, '--name', 'before']);
    assert.equal(taken.code, 0, taken.stderr);
    const same = await cli(['compare', name, `${name}@before`, '--exit-code']);
    assert.equal(same.code, 0, same.stdout + same.stderr);
    await run('ALTER TABLE users ADD COLUMN age int');
    const { code, stdout } = await cli(['compare', name, `${name}@before`, '--exit-code', '--sql', '--json']);
    assert.equal(code, 1);
    const { differences, draft } = JSON.parse(stdout) as { differences: readonly { name: string }[]; draft: { statements: readonly object[] } };
    assert.deepEqual(
      differences.map((each) => each.name),
      ['public.users.age'],
    );
    assert.deepEqual(draft.statements, [{ sql: 'ALTER TABLE public.users DROP COLUMN age', risk: 'loses the values of the column' }]);
    assert.equal((await cli(['compare', name, `${name}@never`])).code, 3);
  });

  it('is compared with a backup of it, and with files of SQL, of which nothing stays', async () => {
    const name = `${server.project}/app`;
    const folder = await tempFolder('compared');
    const compared = async (...args: readonly string[]): Promise<readonly string[]> => {
      const { differences } = await cliJson<{ differences: readonly { state: string; name: string }[] }>(['compare', ...args]);
      return differences.map((each) => `${each.state} ${each.name}`);
    };
    const { file } = await cliJson<{ file: string }>(['backup', name, '--folder', folder]);
    assert.deepEqual(await compared(name, file), []);
    await run('ALTER TABLE users ADD COLUMN later int; CREATE ROLE passing; GRANT SELECT ON users TO passing');
    const dump = path.join(folder, 'dump.sql');
    await writeFile(dump, (await engineCommand(['exec', server.container, 'pg_dump', '-U', server.user, 'app'])).stdout);
    assert.deepEqual((await compared(file, name)).toSorted(), ['only right TABLE public.users', 'only right public.users.later']);
    assert.deepEqual(await compared(name, dump), []);
    await run('REVOKE ALL ON users FROM passing; DROP ROLE passing');
    const lacking = await cli(['compare', name, dump, '--json']);
    assert.match(lacking.stdout, /ROLE_MISSING/);
    assert.deepEqual(await compared(name, dump, '--no-owner'), []);

    const script = path.join(folder, 'schema.sql');
    await writeFile(script, "-- ours\nBEGIN;\nCREATE ROLE never;\nCREATE TABLE only_here (note text DEFAULT ';');\nCOMMIT;\n");
    assert.ok((await compared(name, script)).includes('only right public.only_here'));
    await writeFile(script, 'DROP DATABASE app;');
    assert.match((await cli(['compare', name, script, '--json'])).stdout, /SQL_NOT_REVERSIBLE/);
    assert.equal(await sql(server, 'postgres', "SELECT count(*) FROM pg_roles WHERE rolname IN ('never', 'passing')"), '0');
    assert.equal((await cli(['compare', dump, script])).code, 2);
    assert.equal((await cli(['compare', name, path.join(folder, 'nowhere.sql')])).code, 3);
    assert.deepEqual(await leftoversOf(server), []);
  });

  it('leaves no snapshot open, also when it was killed in the middle', async () => {
    const snapshot = (): Promise<string> => sql(server, 'postgres', "SELECT datname, datallowconn FROM pg_database WHERE datname LIKE 'cdb\\_snap%'");
    const [name = '', isOpen] = (await snapshot()).split('|');
    assert.equal(isOpen, 'f', 'after a comparison');
    const holder = await holdSession(server, 'postgres');
    await holder.query(`BEGIN; SELECT datname FROM pg_database WHERE datname = '${name}' FOR UPDATE`); // what opens it waits, and is killed then
    const running = await startCli(['compare', `${server.project}/app`, `${server.project}/app@before`]);
    await waitFor('the comparison', async () => (await ourSessions(server)).some((line) => /\bactive\b.*ALTER DATABASE "cdb_snap/.test(line)));
    running.child.kill('SIGKILL');
    await running.ended;
    holder.close();
    await waitFor('the snapshot to be open', async () => (await snapshot()).endsWith('|t'));
    await waitFor('the session to end', async () => (await ourSessions(server)).length === 0);
    const { stderr } = await cli(['list']);
    assert.match(stderr, /The snapshot "before" of "app", left open by an interrupted look into it, was closed/);
    assert.equal(await snapshot(), `${name}|f`);
  });
});
