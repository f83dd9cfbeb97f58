import assert from 'node:assert/strict';
import { detectMigrations, tableFor, toolsOf } from '../../../src/migrations/detect';
import { toolIds, type Workspace } from '../../../src/migrations/model';
import { readFolder, statusOf } from '../../../src/migrations/status';
import { complete, outcomeOf, toolCases, type ToolCase } from './toolStates';

function workspaceOf(files: Readonly<Record<string, string>>): Workspace {
  return { files: Object.keys(files).toSorted(), read: async (file) => files[file] };
}

function tableOf({ schema = 'public', table, columns }: ToolCase): { readonly schema: string; readonly name: string; readonly columns: readonly string[] } {
  return { schema, name: table, columns: Object.keys(columns) };
}

describe('migration tools', () => {
  it('are all tried', () => {
    assert.deepEqual(toolCases.map(({ tool }) => tool).toSorted(), [...toolIds].toSorted());
  });

  for (const each of toolCases) {
    describe(each.tool, () => {
      it('finds its migrations, and nobody else does', async () => {
        const found = await detectMigrations(workspaceOf(each.files));
        assert.deepEqual(
          found.map(({ tool, root }) => ({ tool, root })),
          [{ tool: each.tool, root: each.root }],
        );
      });

      for (const { state, rows, expected, files = {} } of each.states) {
        it(`tells the state "${state}"`, async () => {
          const workspace = workspaceOf({ ...each.files, ...files });
          const [folder] = await detectMigrations(workspace);
          assert.ok(folder !== undefined);
          const table = tableOf(each);
          assert.equal(tableFor(each.tool, [{ schema: 'public', name: 'users', columns: ['id', 'name'] }, table]), table);
          const status = statusOf(await readFolder(workspace, '/work', folder), rows === undefined ? {} : { found: { table, rows } });
          assert.deepEqual(outcomeOf(status), complete(expected));
          assert.equal(status.revisions.length, status.applied.length + status.pending.length + status.dirty.length + skippedIn(status.problems));
        });
      }
    });
  }

  it('share the name of a table, and are told apart by its columns', () => {
    const sharing = toolCases.filter(({ table }) => table === 'schema_migrations');
    assert.deepEqual(
      sharing.map((each) => [each.tool, toolsOf(tableOf(each))]),
      [
        ['golang-migrate', ['golang-migrate']],
        ['rails', ['rails', 'dbmate', 'plain-sql']],
        ['dbmate', ['rails', 'dbmate', 'plain-sql']],
        ['plain-sql', ['plain-sql']],
        ['ecto', ['ecto']],
        ['supabase', ['supabase']],
      ],
    );
  });
});

function skippedIn(problems: readonly { readonly code: string }[]): number {
  return problems.filter(({ code }) => code === 'skipped').length;
}
