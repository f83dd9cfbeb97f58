import assert from 'node:assert/strict';
import type { Health, HealthReason } from '../../../src/health/model';
import type { Service } from '../../../src/inventory/model';
import { statusView, type StatusView } from '../../../src/vscode/present/status';
import { backup, clock, docker, english, inventory, project, service } from './facts';

const none = new Map<string, never>();

function view(services: readonly Service[]): readonly [rank: string | undefined, text: string | undefined] {
  const shown = statusView(english, inventory([project({ services })]), none, clock);
  return [shown?.rank, shown?.text];
}

describe('statusView', () => {
  it('counts the databases while all is well', () => {
    assert.deepEqual(view([service()]), ['fine', '$(database) 1 database']);
    assert.deepEqual(view([service(), service({ name: 'other' })]), ['fine', '$(database) 2 databases']);
  });

  it('names the worst', () => {
    const stopped = service({ name: 'other', state: 'stopped', databases: [] });
    assert.deepEqual(view([service({ state: 'stopped' })]), ['off', '$(circle-slash) reims: stopped']);
    assert.deepEqual(view([service(), stopped]), ['off', '$(circle-slash) reims/other: stopped']);
    assert.deepEqual(view([stopped, service({ health: 'unhealthy' })]), ['bad', '$(error) reims/postgres: unhealthy']);
    assert.deepEqual(view([service({ state: 'starting' })]), ['busy', '$(sync) reims: starting']);
    assert.deepEqual(view([service({ databases: [] })]), ['warning', '$(warning) reims: "reims" is missing']);
    assert.deepEqual(view([service({ problem: { code: 'X', message: 'm', remedy: 'r' } })]), ['warning', '$(warning) reims: cannot be read']);
  });

  it('is not there for other workspaces', () => {
    assert.equal(statusView(english, inventory([project({ inWorkspace: false })]), none, clock), undefined);
    assert.equal(statusView(english, inventory([], [docker]), none, clock), undefined);
  });

  it('has a line for each database', () => {
    const two = service({
      databases: [
        { name: 'reims', owner: 'r', sizeBytes: 10_400_000 },
        { name: 'a*b', owner: 'r', sizeBytes: 1000 },
      ],
    });
    const shown = statusView(english, inventory([project({ services: [two] })]), new Map([[project().id, [backup(5)]]]), clock);
    assert.deepEqual(shown?.tooltip.split(/\s\s+/), [
      '**Databases of this workspace**',
      '$(database) reims/postgres/reims · healthy · 17&#46;2 · 10 MB · backup 5 min ago',
      '$(database) reims/postgres/a&#42;b · healthy · 17&#46;2 · 1&#46;0 kB · no backup',
      '[What can be done](command:containerDatabases.showDatabases) · [Back up](command:containerDatabases.backUp) · [Refresh](command:containerDatabases.refresh)',
    ]);
    assert.equal(shown.spoken, 'Container databases: 2 databases');
  });

  describe('with what was found inside the servers', () => {
    const reason = (parts: Partial<HealthReason>): HealthReason => ({
      code: 'X',
      severity: 'warning',
      short: 'short',
      message: 'Long *text*.',
      remedy: 'Do.',
      ...parts,
    });
    const shown = (services: readonly Service[], health: Health): StatusView | undefined =>
      statusView(english, inventory([project({ services })]), none, clock, [], new Map([[service().id, health]]));

    it('says the gravest in a few words, and all of it in the tooltip', () => {
      const old = reason({ code: 'BACKUP_OLD', short: 'backup 9 days old' });
      const damaged = reason({ code: 'CHECKSUM_FAILED', severity: 'error', short: 'damaged pages' });
      const warned = shown([service()], { state: 'degraded', reasons: [old, reason({ severity: 'info', short: 'no matter' })] });
      assert.deepEqual([warned?.rank, warned?.text], ['warning', '$(warning) reims: backup 9 days old']);
      assert.match(warned?.tooltip ?? '', /\$\(warning\) Long &#42;text&#42;&#46; Do&#46;/);
      assert.doesNotMatch(warned?.tooltip ?? '', /no matter/);
      const bad = shown([service()], { state: 'degraded', reasons: [damaged, old] });
      assert.deepEqual([bad?.rank, bad?.text], ['bad', '$(error) reims: damaged pages']);
    });

    it('tells a server that crashed from one that was stopped, and forgets what was found before', () => {
      const crashed = reason({ code: 'CRASHED', severity: 'error', short: 'has crashed' });
      const down = shown([service({ state: 'stopped' })], { state: 'down', reasons: [crashed] });
      assert.deepEqual([down?.rank, down?.text], ['bad', '$(error) reims: has crashed']);
      const off = shown([service({ state: 'stopped' })], { state: 'down', reasons: [reason({ code: 'NOT_RUNNING', severity: 'error' })] });
      assert.deepEqual([off?.rank, off?.text], ['off', '$(circle-slash) reims: stopped']);
      const upAgain = shown([service()], { state: 'down', reasons: [crashed] });
      assert.deepEqual([upAgain?.rank, upAgain?.text], ['fine', '$(database) 1 database']);
    });
  });
});
