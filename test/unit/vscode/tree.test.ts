import assert from 'node:assert/strict';
import type { Backup } from '../../../src/backup/catalogue';
import type { Recognised } from '../../../src/backup/recognise/recognised';
import type { Inventory, Project } from '../../../src/inventory/model';
import type { Diagnosis } from '../../../src/persistence/doctor/examine';
import { survivalIn, type Verdict } from '../../../src/persistence/doctor/survival';
import { sameNodes, treeNodes } from '../../../src/vscode/present/tree';
import type { TreeNode } from '../../../src/vscode/present/treeNode';
import { backup, before, clock, docker, english, foreignBackup, inventory, project, service, treeText } from './facts';

function nodes(state: Inventory, backups: readonly Backup[] = []): readonly TreeNode[] {
  return treeNodes(english, { inventory: state, backups: new Map([[state.projects[0]?.id ?? '', backups]]) }, clock);
}

function text(state: Inventory, backups: readonly Backup[] = []): string {
  return treeText(nodes(state, backups));
}

function golden(...lines: readonly string[]): string {
  return lines.join('\n');
}

const undo = { name: 'cdb_undo_1', of: 'reims', replacedAt: before(2).toISOString(), expiresAt: before(2 - 24 * 60).toISOString(), sizeBytes: 10_000_000 };

describe('treeNodes', () => {
  it('shows a healthy service with its database, volume and backups', () => {
    assert.equal(
      text(inventory([project()]), [backup(3), backup(200, { reason: 'safety' }), backup(60 * 30, { verified: 'hash' })]),
      golden(
        '[layers] reims',
        '  [server] postgres  17.2 · healthy · :15432',
        '    [database] reims  10 MB · 20 tables',
        '      [table] Tables  20',
        '    [package] postgres-data  51 MB · named volume',
        '    [archive] Backups  3 · 438 kB',
        '      [pass] 3 min ago  146 kB · verified',
        '      [pass] 3 h ago  146 kB · safety · verified',
        '      [check] yesterday, 08:00  146 kB · checksum only',
      ),
    );
  });
  it('says on the volume what the doctor fears, and in its tooltip also that there is nothing to fear', () => {
    const state = inventory([project()]);
    const volume = (verdict: Verdict, findings: Diagnosis['findings'] = []): TreeNode | undefined => {
      const diagnosis: Diagnosis = { service: 'postgres', verdict, findings, survives: survivalIn('named volume') };
      const [top] = treeNodes(english, { inventory: state, backups: new Map(), diagnosed: new Map([[service().id, diagnosis]]) }, clock);
      return top?.children[0]?.children.find(({ subject }) => subject.kind === 'volume');
    };
    const sound = volume('persistent', [{ code: 'SMALL_SHM', severity: 'advice', message: 'Little shared memory.' }]);
    assert.deepEqual([sound?.description, sound?.icon.id], ['51 MB · named volume', 'package']);
    assert.match(sound?.tooltip ?? '', /Doctor&#58; Persistent&#46;$/m);
    const feared = volume('at-risk', [{ code: 'SHARED', severity: 'danger', message: 'Two servers use it.' }]);
    assert.deepEqual([feared?.description, feared?.icon.id], ['51 MB · at risk · named volume', 'warning']);
    assert.match(feared?.spoken ?? '', /at risk/);
    assert.match(feared?.tooltip ?? '', /Doctor&#58; At risk&#46; Two servers use it/);
    assert.equal(volume('lost')?.description, '51 MB · lost with the container · named volume');
  });

  it('shows what restores left beneath the database, newest first', () => {
    const older = { ...undo, name: 'cdb_undo_0', replacedAt: before(90).toISOString() };
    const [top] = nodes(inventory([project({ services: [service({ undos: [older, undo] })] })]));
    const database = top?.children[0]?.children[0];
    assert.equal(
      treeText(database?.children ?? []),
      golden('[table] Tables  20', '[history] Replaced 2 min ago  kept until tomorrow, 13:58', '[history] Replaced 1 h ago  kept until tomorrow, 13:58'),
    );
    assert.equal(database?.context, 'database undoable');
    assert.deepEqual(
      database.children.map(({ context }) => context),
      ['tables', 'undo newest', 'undo'],
    );
  });

  it('shows snapshots under one row, newest first, and only the branch that the name does not tell', () => {
    const taken = (label: string, minutes: number, branch?: string) => ({
      name: `cdb_snapshot_${label}`,
      of: 'reims',
      label,
      takenAt: before(minutes).toISOString(),
      sizeBytes: 10_000_000,
      ...(branch === undefined ? {} : { git: { branch, commit: 'c'.repeat(40) } }),
    });
    const snapshots = [taken('main', 90, 'main'), taken('before *the* change', 2, 'main'), { ...taken('x', 1), of: 'other' }];
    const [top] = nodes(inventory([project({ services: [service({ snapshots, undos: [undo] })] })]));
    const database = top?.children[0]?.children[0];
    assert.equal(
      treeText(database?.children ?? []),
      golden(
        '[table] Tables  20',
        '[history] Replaced 2 min ago  kept until tomorrow, 13:58',
        '[device-camera] Snapshots  2 · 20 MB',
        '  [circle-outline] before *the* change  2 min ago · 10 MB · main',
        '  [circle-outline] main  1 h ago · 10 MB',
      ),
    );
    assert.equal(database?.context, 'database snapshots undoable');
    assert.match(database.children[2]?.children[0]?.tooltip ?? '', /before &#42;the&#42; change/);
  });

  it('shows the database that ought to be there', () => {
    const lines = text(inventory([project({ services: [service({ databases: [], undos: [undo] })] })])).split('\n');
    assert.deepEqual(lines.slice(2, 4), ['    [warning] reims  missing', '      [history] Replaced 2 min ago  kept until tomorrow, 13:58']);
  });

  it('shows stopped and not-created services', () => {
    const stopped = service({ state: 'stopped', databases: [], volume: { kind: 'bind', source: '/srv/tracker-data', dataDirectory: '/d' } });
    const planned = project({ id: '|shop', name: 'shop', services: [service({ name: 'db', projectName: 'shop', state: 'not created', databases: [] })] });
    const { volume: _volume, ...withoutVolume } = planned.services[0] ?? service();
    assert.equal(
      text(inventory([project({ services: [stopped] }), { ...planned, services: [withoutVolume] }])),
      golden(
        '[layers] reims',
        '  [circle-slash] postgres  17.2 · stopped',
        '    [folder] tracker-data  bind mount',
        '    [archive] Backups  none yet',
        '[layers] shop',
        '  [circle-large-outline] db  not created',
      ),
    );
  });

  it('names what is wrong with a service', () => {
    const lines = (parts: Parameters<typeof service>[0]): string | undefined => text(inventory([project({ services: [service(parts)] })])).split('\n')[1];
    assert.equal(lines({ health: 'unhealthy' }), '  [error] postgres  17.2 · unhealthy · :15432');
    assert.equal(lines({ state: 'starting' }), '  [sync] postgres  17.2 · starting · :15432');
    assert.equal(lines({ problem: { code: 'X', message: 'No.', remedy: 'Do.' } }), '  [warning] postgres  17.2 · cannot be read · :15432');
    assert.equal(lines({ health: 'starting' }), '  [server] postgres  17.2 · running · :15432');
  });

  it('warns of data that does not outlive its container', () => {
    const short = service({ volume: { kind: 'tmpfs', dataDirectory: '/d' } });
    assert.match(text(inventory([project({ services: [short] })])), /\[warning\] Data {2}in memory/);
  });

  it('puts a container that Compose did not make at the top', () => {
    const { folder: _folder, ...alone } = project({
      name: 'perf',
      configFiles: [],
      inWorkspace: false,
      services: [service({ name: 'perf', projectName: 'perf' })],
    });
    assert.equal(nodes(inventory([alone]))[0]?.label, 'perf');
    assert.equal(nodes(inventory([alone]))[0]?.context, 'service running');
  });

  it('gives backups to their service, and those of nobody known to the only one', () => {
    const two: Project = project({ services: [service(), service({ name: 'other', databases: [], postgres: { user: 'o', database: 'postgres' } })] });
    const backups = [backup(3), foreignBackup(9)];
    assert.match(
      text(inventory([two]), backups),
      /\[archive\] Other backups {2}1 · 4\.1 kB\n {4}\[question\] 9 min ago {2}found_9\.dump · 4\.1 kB · not verified/,
    );
    assert.match(text(inventory([project()]), backups), /\[archive\] Backups {2}2/);
    assert.doesNotMatch(text(inventory([project()]), backups), /Other backups/);
  });

  it('says what is known of files that others have made', () => {
    const known = (file: string, recognised: Recognised): Backup => ({ ...foreignBackup(9), file, recognised });
    const backups = [
      known('/b/reims-db-20251107.sql.gz', { kind: 'plain', packed: 'gzip', serverVersion: '15.4' }),
      known('/b/reims_reims_20251107_030000.dump', { kind: 'custom', packed: 'none', compression: 'zstd', database: 'reims', serverVersion: '17.2' }),
      known('/b/x.sql.gz', { kind: 'empty', packed: 'gzip' }),
    ];
    const listed = text(inventory([project()]), backups);
    assert.match(listed, /\[question\] 9 min ago {2}reims-db-20251107\.sql\.gz · 4\.1 kB · plain SQL, gzip · Postgres 15\.4 · made by a script · not verified/);
    assert.match(listed, /reims_reims_20251107_030000\.dump · 4\.1 kB · custom archive, zstd · Postgres 17\.2 · manifest lost · not verified/);
    assert.match(listed, /\[warning\] 9 min ago {2}x\.sql\.gz · 4\.1 kB · empty, gzip · made by a script/);
    const flat = (tree: readonly TreeNode[]): readonly TreeNode[] => tree.flatMap((node) => [node, ...flat(node.children)]);
    const archive = flat(nodes(inventory([project()]), backups)).find(({ description }) => description.startsWith('reims_reims'));
    assert.match(archive?.tooltip ?? '', /Database.*reims/);
  });

  it('names the endpoint where there is more than one', () => {
    const podman = { ...docker, id: 'unix:///run/podman/podman.sock', name: 'Podman', engine: 'podman' } as const;
    assert.equal(nodes(inventory([project()], [docker, podman]))[0]?.description, 'Docker');
  });

  it('shows endpoints that fail only where that is news', () => {
    const failed = {
      id: 'tcp://build:2375',
      name: 'build',
      source: 'context',
      state: 'failed',
      problem: { code: 'X', message: 'No.', remedy: 'Do.' },
    } as const;
    assert.equal(nodes(inventory([project()], [docker, failed])).at(-1)?.label, 'build');
    assert.equal(nodes(inventory([project()], [docker, { ...failed, source: 'socket' }])).at(-1)?.label, 'reims');
    assert.deepEqual(nodes(inventory([], [failed])), []);
    assert.equal(nodes(inventory([project()], [])).at(-1)?.label, 'No container engine');
  });

  it('shows names as they are, and nothing of them as markup', () => {
    const name = '[click](command:x) $(error) <b>`*_\n# "😀';
    const [top] = nodes(inventory([project({ name, services: [service({ databases: [{ name, owner: name, sizeBytes: 1 }] })] })]));
    const database = top?.children[0]?.children.find(({ subject }) => subject.kind === 'database');
    assert.equal(database?.label, name);
    for (const node of [top, database]) assert.doesNotMatch(node?.tooltip.replace(/^\*\*|\*\*$/gm, '') ?? '', /[[\]()<>`$_"]|^#/m);
  });

  it('has ids that stay, and that differ', () => {
    const flat = (list: readonly TreeNode[]): readonly string[] => list.flatMap(({ id, children }) => [id, ...flat(children)]);
    const first = flat(nodes(inventory([project()]), [backup(3), backup(4)]));
    const later = flat(nodes(inventory([project({ services: [service({ state: 'running', health: 'unhealthy', undos: [undo] })] })]), [backup(3), backup(4)]));
    assert.equal(new Set(first).size, first.length);
    assert.deepEqual(
      first.filter((id) => !later.includes(id)),
      [],
    );
  });

  it('looks the same when nothing has changed', () => {
    assert.ok(sameNodes(nodes(inventory([project()]), [backup(3)]), nodes(inventory([project()]), [backup(3)])));
    assert.ok(!sameNodes(nodes(inventory([project()]), [backup(3)]), nodes(inventory([project()]), [backup(4)])));
  });
});
