import assert from 'node:assert/strict';
import { chooseShape } from '../../../src/backup/format';
import { encryptionOptions, formatOptions, scopeOptions, tableOptions } from '../../../src/vscode/present/backupOptions';
import { madeText, remarksText } from '../../../src/vscode/present/backUpText';
import { provenText } from '../../../src/vscode/present/proof';
import { backup, english, foreignBackup } from './facts';

const labels = (options: readonly { readonly label: string }[]): readonly string[] => options.map(({ label }) => label);

describe('the options of a backup', () => {
  it('offer single tables of one database only', () => {
    assert.deepEqual(labels(scopeOptions(english, false)), ['Whole database', 'Structure only', 'Rows only', 'Chosen tables…']);
    assert.deepEqual(labels(scopeOptions(english, true)), ['Whole database', 'Structure only', 'Rows only']);
  });

  it('say of each table how large it is, and name it as SQL wants it', () => {
    const table = { schema: 'public', table: 'Users', name: 'public."Users"', sizeBytes: 3_400_000, estimatedRows: 41_202, members: [] };
    const { estimatedRows: _rows, ...fresh } = { ...table, schema: 'audit', table: 'log', name: 'audit.log' };
    assert.deepEqual(tableOptions(english, [table, fresh], 'en-GB'), [
      { label: 'Users', description: '3.4 MB · about 41,202 rows', value: 'public."Users"' },
      { label: 'audit.log', description: '3.4 MB', value: 'audit.log' },
    ]);
  });

  it('offer formats that the core makes, with a line about each', () => {
    const tools = { compression: 'zstd:1', processors: 4, programs: ['tar', 'gzip', 'zstd'], room: { folder: '/tmp', freeBytes: 1e12 }, version: '17.2' };
    const facts = { tools, databaseSizeBytes: 1e6, lastSizeBytes: undefined, connectionsLeft: 50 } as unknown as Parameters<typeof chooseShape>[1];
    const options = formatOptions(english, 'full');
    for (const { detail, value, description } of options) {
      assert.ok(detail !== undefined && detail !== '');
      const { extension } = chooseShape({ ...value, scope: 'full' }, facts);
      if (value.format !== 'auto') assert.equal(extension, description);
    }
    assert.equal(options[0]?.description, 'recommended');
    assert.match(formatOptions(english, 'tables').at(-1)?.detail ?? '', /No test restore/);
    assert.doesNotMatch(options.at(-1)?.detail ?? '', /No test restore/);
  });

  it('put first what the settings choose', () => {
    assert.deepEqual(labels(encryptionOptions(english, 'shop', 'none', 0)), ['Not encrypted', 'Passphrase', 'Recipients…']);
    const [first, ...others] = encryptionOptions(english, 'shop', 'recipients', 2);
    assert.deepEqual([first?.label, first?.description, others.length], ['Recipients of the settings (2)', 'as in the settings', 3]);
  });
});

describe('what is told about new backups', () => {
  const made = { database: 'reims', backup: backup(0, { remarks: ['It has 146 kB; the one before has 3 kB.'] }) };

  it('is one sentence for one or many', () => {
    assert.equal(madeText(english, [made], 1400, 'en-GB'), 'Backed up "reims": 146 kB · 2 tables · 361 rows, verified, in 1.4 s.');
    assert.equal(madeText(english, [made, made], 2800, 'en-GB'), 'Backed up 2 databases: 292 kB, verified, in 2.8 s.');
  });

  it('asks about what is odd, and of which database', () => {
    assert.equal(remarksText(english, [made]), 'It has 146 kB; the one before has 3 kB. Is that as it should be?');
    assert.match(remarksText(english, [{ ...made, backup: backup(0) }, made]) ?? '', /^"reims": It has/);
    assert.equal(remarksText(english, [{ ...made, backup: backup(0) }]), undefined);
  });
});

describe('what a test restore has shown', () => {
  const proof = { verified: 'restored', tables: 19, rows: 41_202 } as const;
  it('is told with what there was to compare', () => {
    assert.equal(
      provenText(english, backup(3), proof, 'en-GB'),
      'reims_reims_3.dump was restored into a scratch database: 19 tables, 41,202 rows, as backed up; dropped again.',
    );
    assert.match(provenText(english, foreignBackup(3), proof, 'en-GB'), /Without a manifest there is nothing to compare them with/);
  });
});
