import assert from 'node:assert/strict';
import type { Backup } from '../../../src/backup/catalogue';
import type { Project } from '../../../src/inventory/model';
import { Failure } from '../../../src/protocol/failure';
import { isFiltered, plainArrangement, readArrangement, type BackupArrangement } from '../../../src/vscode/present/backupArrangement';
import { backupList, type BackupList } from '../../../src/vscode/present/backupList';
import { proofIcon } from '../../../src/vscode/present/proof';
import type { TreeNode } from '../../../src/vscode/present/treeNode';
import { backup, clock, english, foreignBackup, project, treeText } from './facts';

function list(backups: readonly Backup[], arrangement: Partial<BackupArrangement> = {}, projects: readonly Project[] = [project()]): BackupList {
  const found = new Map(projects.map(({ id }) => [id, backups] as const));
  return backupList(english, { projects, backups: found }, { ...plainArrangement, ...arrangement }, clock);
}

function text(...parts: Parameters<typeof list>): string {
  return treeText(list(...parts).nodes);
}

/** The labels of the rows beneath the first group. */
function ages(...parts: Parameters<typeof list>): readonly string[] {
  return (list(...parts).nodes[0]?.children ?? []).map(({ label }) => label);
}

const shop = { project: 'reims', service: 'postgres', database: 'shop' };

describe('backupList', () => {
  it('groups backups by their database, newest first, and says what is not as usual', () => {
    const offsite = [{ location: 's3://vault/reims', copiedAt: '2026-11-20T12:00:00.000Z' }];
    assert.equal(
      text([
        backup(3),
        backup(5, { ...shop, scope: 'schema', verified: 'restored' }),
        backup(200, { reason: 'safety', verified: 'hash' }),
        backup(60 * 30, { scope: 'tables', tables: ['public.accounts', 'public.lenders'], format: 'plain', encryption: 'age-passphrase', offsite }),
        backup(60 * 31, { scope: 'data', verified: 'none', rebuilt: true, format: 'directory' }),
      ]),
      [
        '[database] reims  4 · 584 kB · reims/postgres',
        '  [pass] 3 min ago  146 kB',
        '  [check] 3 h ago  146 kB · safety',
        '  [pass] yesterday, 08:00  146 kB · only 2 tables · plain SQL · encrypted · off-site',
        '  [circle-outline] yesterday, 07:00  146 kB · rows only · manifest rebuilt',
        '[database] shop  1 · 146 kB · reims/postgres',
        '  [verified-filled] 5 min ago  146 kB · structure only',
      ].join('\n'),
    );
  });

  it('goes by the manifest, and not by the project in whose folder a file lies', () => {
    const elsewhere = backup(3, { project: 'blog', service: 'db' });
    assert.match(text([backup(9), elsewhere]), /^\[database\] reims {2}1 · 146 kB · blog\/db/);
  });

  it('puts files that others have made to the end, apart from those that lost their manifest', () => {
    const damaged: Backup = { ...foreignBackup(2), file: '/b/x.dump', problem: new Failure('MANIFEST_DAMAGED', 'It is damaged.', 'Verify it.') };
    const lost: Backup = { ...foreignBackup(1), file: '/b/reims_reims_20261107_030000.dump' };
    assert.equal(
      text([lost, damaged, foreignBackup(9), backup(30)]),
      [
        '[database] reims  1 · 146 kB · reims/postgres',
        '  [pass] 30 min ago  146 kB',
        '[files] Manifest lost  2 · 8.2 kB',
        '  [question] reims_reims_20261107_030000.dump  1 min ago · 4.1 kB',
        '  [warning] x.dump  2 min ago · 4.1 kB · manifest unusable',
        '[files] Not made here  1 · 4.1 kB',
        '  [question] found_9.dump  9 min ago · 4.1 kB',
      ].join('\n'),
    );
  });

  it('calls a copy of a volume what it is', () => {
    const volume = backup(3, { database: '*', format: 'volume', verified: 'restored' });
    assert.equal(text([volume]), '[database] all databases  1 · 146 kB · reims/postgres\n  [verified-filled] 3 min ago  146 kB · copy of the data directory');
    assert.equal(list([volume]).nodes[0]?.children[0]?.context, 'backup volume');
  });

  it('shows a file once that lies in a folder of two projects', () => {
    const two = [project(), project({ id: 'other', name: 'other' })];
    assert.match(text([foreignBackup(9)], {}, two), /^\[files\] Not made here {2}1 /);
  });

  it('sorts groups and backups alike', () => {
    const backups = [backup(3, { sizeBytes: 10 }), backup(4, { ...shop, sizeBytes: 5000 }), backup(60, { sizeBytes: 300 }), backup(50, { sizeBytes: 20 })];
    const names = (arrangement: Partial<BackupArrangement>): readonly string[] => list(backups, arrangement).nodes.map(({ label }) => label);
    assert.deepEqual(names({}), ['reims', 'shop']);
    assert.deepEqual(names({ sort: 'largest' }), ['shop', 'reims']);
    assert.deepEqual(names({ sort: 'name' }), ['reims', 'shop']);
    assert.deepEqual(ages(backups), ['3 min ago', '50 min ago', '1 h ago']);
    const alone = backups.filter(({ manifest }) => manifest?.database === 'reims');
    assert.deepEqual(ages(alone, { sort: 'largest' }), ['1 h ago', '50 min ago', '3 min ago']);
    assert.deepEqual(ages(alone, { sort: 'name' }), ['3 min ago', '50 min ago', '1 h ago']);
  });

  it('puts first what is of this workspace', () => {
    const far = project({ id: 'far', name: 'far', inWorkspace: false });
    const found = new Map([
      ['far', [backup(1, { project: 'far' })]],
      [project().id, [backup(90)]],
    ]);
    const { nodes } = backupList(english, { projects: [far, project()], backups: found }, plainArrangement, clock);
    assert.deepEqual(
      nodes.map(({ description, open }) => [description, open]),
      [
        ['1 · 146 kB · reims/postgres', true],
        ['1 · 146 kB · far/postgres', false],
      ],
    );
  });

  it('filters, and says so', () => {
    const backups = [backup(3), backup(5, shop), backup(20, { reason: 'safety' }), backup(30, { verified: 'hash' }), foreignBackup(40)];
    const shown = (arrangement: Partial<BackupArrangement>): readonly [string, string | undefined] => {
      const { nodes, message } = list(backups, arrangement);
      return [nodes.flatMap(({ children }) => children.map(({ label }) => label)).join(', '), message];
    };
    assert.deepEqual(shown({}), ['3 min ago, 20 min ago, 30 min ago, 5 min ago, found_40.dump', undefined]);
    assert.deepEqual(shown({ onlyUnproven: true }), ['30 min ago, found_40.dump', '2 of 5 backups · only unproven']);
    assert.deepEqual(shown({ hideSafety: true, text: ' POSTGRES/shop ' }), ['5 min ago', '1 of 5 backups · "POSTGRES/shop" · no safety backups']);
    assert.deepEqual(shown({ text: 'found 40' }), ['found_40.dump', '1 of 5 backups · "found 40"']);
    assert.deepEqual(shown({ text: 'found 41' }), ['', undefined]);
  });

  it('knows why it is empty', () => {
    assert.equal(list([]).state, 'none');
    assert.equal(list([backup(3)], { text: 'nothing' }).state, 'filtered');
    assert.equal(list([backup(3)]).state, 'ready');
    assert.equal(backupList(english, { projects: [project()], backups: new Map() }, plainArrangement, clock).state, 'loading');
    assert.equal(backupList(english, { projects: [], backups: new Map() }, plainArrangement, clock).state, 'none');
  });

  it('tells all in the tooltip, and nothing of names as markup', () => {
    const name = '[click](command:x) $(error)';
    const [group] = list([backup(3, { database: name, remarks: ['It has 3 kB; the one before has 9 kB.'], encryption: 'age-recipients' })]).nodes;
    const [row] = group?.children ?? [];
    assert.doesNotMatch(`${group?.tooltip ?? ''}${row?.tooltip ?? ''}`, /[[\]()$]/);
    assert.match(row?.tooltip ?? '', /It has 3 kB.*the one before/);
    assert.match(row?.tooltip ?? '', /Encrypted: for recipients/);
    assert.match(row?.spoken ?? '', /^Backup of .*3 min ago, 146 kB, encrypted, verified$/);
  });

  it('has ids that stay and differ, and rows that menus know', () => {
    const flat = (nodes: readonly TreeNode[]): readonly TreeNode[] => nodes.flatMap((node) => [node, ...flat(node.children)]);
    const all = flat(list([backup(3), backup(4, shop), foreignBackup(9)]).nodes);
    assert.equal(new Set(all.map(({ id }) => id)).size, all.length);
    assert.deepEqual(
      all.map(({ context }) => context),
      ['backups', 'backup', 'backups', 'backup', 'otherBackups', 'backup bare'],
    );
  });
});

describe('the proof of a backup', () => {
  it('has a shape for each level', () => {
    const icons = (['none', 'hash', 'read', 'restored'] as const).map((verified) => proofIcon(backup(3, { verified })).id);
    assert.deepEqual(icons, ['circle-outline', 'check', 'pass', 'verified-filled']);
    assert.equal(proofIcon(foreignBackup(3)).id, 'question');
  });
});

describe('how the view is arranged', () => {
  it('is read as it was kept, and what cannot be read is as at first', () => {
    const kept: BackupArrangement = { sort: 'largest', text: 'shop', onlyUnproven: true, hideSafety: true };
    assert.deepEqual(readArrangement(kept), kept);
    for (const value of [undefined, null, 'x', 3, [], { sort: 'fastest', text: 3, onlyUnproven: 'yes', hideSafety: 1 }])
      assert.deepEqual(readArrangement(value), plainArrangement);
    assert.deepEqual([isFiltered(plainArrangement), isFiltered({ ...plainArrangement, text: ' ' }), isFiltered(kept)], [false, false, true]);
  });
});
