import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { targetName } from '../../../src/inventory/target';
import type { VersionRow } from '../../../src/migrations/model';
import { complete, outcomeOf, toolCases, type ToolCase, type ToolState } from '../../unit/migrations/toolStates';
import { databaseOf, openApp, type OpenApp } from '../support/app';
import { tempFolder } from '../support/shared';
import { sql } from '../support/sql';
import { removeServer, startServer, type Server } from '../support/stack';

const databaseName = ({ tool }: ToolCase): string => `states ${tool}`;
const quoted = (text: string | null): string => (text === null ? 'NULL' : `'${text.replaceAll("'", "''")}'`);

// One server, one database for each tool; all tools at once, state by state.
describe('the status of migrations', () => {
  let server: Server;
  let app: OpenApp;
  let folder: string;

  before(async function () {
    this.timeout(120_000);
    server = await startServer('states');
    await sql(server, 'postgres', toolCases.map((each) => `CREATE DATABASE "${databaseName(each)}";`).join('\n'));
    folder = await tempFolder('states');
    app = await openApp();
  });

  after(() => removeServer(server));

  const rounds = Math.max(...toolCases.map(({ states }) => states.length));
  for (let round = 0; round < rounds; round += 1) {
    const present = toolCases.flatMap((each) => (each.states[round] === undefined ? [] : [{ each, state: each.states[round] as ToolState }]));
    it(`is read from version tables as their tools make them: ${present.map(({ each, state }) => `${each.tool} ${state.state}`).join(', ')}`, async () => {
      await sql(server, 'postgres', present.map(({ each, state }) => `\\connect "${databaseName(each)}"\n${tableSql(each, state.rows)}`).join('\n'));
      await rm(folder, { recursive: true, force: true });
      for (const { each, state } of present) await writeFiles(path.join(folder, each.tool), { ...each.files, ...state.files });
      const targets = present.map(({ each }) => databaseOf(app, server, databaseName(each)));
      const remembered = (location: string): readonly string[] =>
        targets.filter((_, index) => location.startsWith(path.join(folder, present[index]?.each.tool ?? '') + path.sep)).map(targetName);
      const { databases } = await app.migrations.survey({ targets, folders: present.map(({ each }) => path.join(folder, each.tool)), remembered });
      const found = databases.map(({ migrations, problem }) => problem?.message ?? migrations.map(({ status }) => [status.tool, outcomeOf(status)]));
      assert.deepEqual(
        found,
        present.map(({ each, state }) => [[each.tool, complete(state.expected)]]),
      );
    });
  }
});

function tableSql({ schema = 'public', table, columns }: ToolCase, rows: readonly VersionRow[] | undefined): string {
  const name = `"${schema}"."${table}"`;
  const lines = [`CREATE SCHEMA IF NOT EXISTS "${schema}";`, `DROP TABLE IF EXISTS ${name};`];
  if (rows === undefined) return lines.join('\n');
  const definitions = Object.entries(columns).map(([column, type]) => `"${column}" ${type}`);
  const values = rows.map((row) => {
    const names = Object.keys(row).map((column) => `"${column}"`);
    return `INSERT INTO ${name} (${names.join(', ')}) VALUES (${Object.values(row).map(quoted).join(', ')});`;
  });
  return [...lines, `CREATE TABLE ${name} (${definitions.join(', ')});`, ...values].join('\n');
}

async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), text);
  }
}
