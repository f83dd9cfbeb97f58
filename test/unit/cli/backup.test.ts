import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import type { Backup } from '../../../src/backup/catalogue';
import type { DatabaseTarget } from '../../../src/inventory/target';
import { Failure } from '../../../src/protocol/failure';
import { manifestOf, writeBackup } from '../backup/backupParts';
import { backupCommand } from '../../../src/cli/commands/backup';
import { restoreCommand } from '../../../src/cli/commands/restore';
import type { CliCommand, CommandContext } from '../../../src/cli/command';
import { exitCodeOf, Terminal } from '../../../src/cli/terminal';
import { inventoryOf, projectOf, serviceOf } from '../inventory/inventoryParts';
import { rejectsWith } from '../operations/rejectsWith';
import { temporaryFolder } from '../operations/temporaryFolder';

/** Runs a command with nothing behind it: what it refuses, it has to refuse before it does anything. */
function refused(command: CliCommand, code: string, options: Readonly<Record<string, unknown>>) {
  const inventory = { current: inventoryOf(projectOf('shop', [serviceOf('shop', 'db', ['shop'])])) };
  const app = { inventory, backups: {} } as unknown as CommandContext['app'];
  const context = {
    app,
    terminal: new Terminal(false, false),
    signal: new AbortController().signal,
    argument: 'shop/db/shop',
    options: { roles: true, ...options },
  };
  return rejectsWith(code, command.run(context));
}

describe('backup', () => {
  for (const [title, options, word] of [
    ['a table and a scope', { table: ['users'], scope: 'schema' }, '--scope'],
    ['all databases of a volume', { format: 'volume', all: true }, '--all'],
    ['a table of a volume', { format: 'volume', table: ['users'] }, '--table'],
    ['a scope of a volume', { format: 'volume', scope: 'full' }, '--scope'],
    ['a compression of a volume', { format: 'volume', compression: 'gzip' }, '--compression'],
    ['a volume without roles', { format: 'volume', roles: false }, '--no-roles'],
    ['stopping for a dump', { stop: true }, '--stop'],
    ['a compression of what is not plain', { compression: 'gzip' }, '--compression'],
    ['no such format', { format: 'zip' }, 'format'],
  ] as const) {
    it(`refuses ${title}`, async () => {
      const failure = await refused(backupCommand, 'USAGE', options);
      assert.ok(`${failure.message} ${failure.remedy}`.includes(word), failure.message);
    });
  }

  it('backs up the other databases when one cannot be, and says that it is not all', async () => {
    const inventory = { current: inventoryOf(projectOf('shop', [serviceOf('shop', 'db', ['a', 'b'])])) };
    const backups = {
      backUp: async ({ database }: DatabaseTarget) => {
        if (database.name === 'a') throw new Failure('TABLE_LOCKED', 'x', 'y');
        return { file: '/b.dump', sizeBytes: 1, finishedAt: new Date(0), manifest: manifestOf() };
      },
      follow: async (backup: Backup) => ({ backup }),
    };
    const app = { inventory, backups } as unknown as CommandContext['app'];
    const context = {
      app,
      terminal: new Terminal(false, false),
      signal: new AbortController().signal,
      argument: 'shop/db',
      options: { roles: true, all: true },
    };
    const { value, incomplete } = await backupCommand.run(context);
    const { backups: made, failed } = value as { backups: { file: string }[]; failed: { database: string; error: { code: string } }[] };
    assert.deepEqual([made.map(({ file }) => file), failed.map(({ error }) => error.code), incomplete], [['/b.dump'], ['TABLE_LOCKED'], true]);
  });

  it('refuses a place and rules that cannot be used before it backs anything up', async () => {
    for (const format of ['custom', 'volume']) {
      assert.equal(exitCodeOf(await refused(backupCommand, 'LOCATION_INVALID', { format, to: 'gopher://x' })), 2);
      assert.equal(exitCodeOf(await refused(backupCommand, 'POLICY_INVALID', { format, keepLast: 'many' })), 2);
    }
  });
});

describe('restore', () => {
  const at = temporaryFolder();
  const name = 'shop_app_20261107_030000.dump';

  it('takes a file that is here for the copy only when it is the same backup', async () => {
    for (const folder of ['here', 'there']) mkdirSync(at(folder));
    writeBackup(at('there', name), Buffer.from('PGDMP of the copy'));
    const reads: string[] = [];
    const backups = { folderOf: () => at('here'), read: async (file: string) => void reads.push(file) };
    const restores = { plan: async () => ({ steps: [], remarks: [] }) };
    const inventory = { current: inventoryOf(projectOf('shop', [serviceOf('shop', 'db', ['shop'])])) };
    const app = { inventory, backups, restores } as unknown as CommandContext['app'];
    const options = { from: at('there'), file: name, dryRun: true };
    const run = () =>
      restoreCommand.run({ app, terminal: new Terminal(false, false), signal: new AbortController().signal, argument: 'shop/db/shop', options });
    writeFileSync(at('here', name), 'PGDMP of somebody else');
    await rejectsWith('FILE_EXISTS', run());
    writeBackup(at('here', name), Buffer.from('PGDMP of somebody else'));
    await rejectsWith('FILE_EXISTS', run());
    writeBackup(at('here', name), Buffer.from('PGDMP of the copy'));
    await run();
    assert.deepEqual(reads, [at('here', name)]);
  });

  it('refuses a file and the newest at once', () => refused(restoreCommand, 'USAGE', { file: 'a.dump', latest: true }));
});
