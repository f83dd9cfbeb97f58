import assert from 'node:assert/strict';
import type { ScheduleState } from '../../../src/backup/schedule/schedules';
import type { Inventory } from '../../../src/inventory/model';
import { statusView } from '../../../src/vscode/present/status';
import { treeNodes } from '../../../src/vscode/present/tree';
import type { TreeNode } from '../../../src/vscode/present/treeNode';
import { recordOf, scheduleOf } from '../backup/schedule/scheduleParts';
import { before, clock, docker, english, inventory, project, service, treeText } from './facts';

const failure = { code: 'DISK_FULL', message: 'The disk is *full*.', remedy: 'Free space.' };

function state(parts: Partial<ScheduleState> = {}): ScheduleState {
  return { schedule: scheduleOf(), when: 'every day at 03:00', next: before(-5 * 60), last: recordOf(before(60)), ...parts };
}

function rows(schedules: readonly ScheduleState[], known: Inventory = inventory([project()])): readonly TreeNode[] {
  const flat = (nodes: readonly TreeNode[]): readonly TreeNode[] => nodes.flatMap((node) => [node, ...flat(node.children)]);
  return flat(treeNodes(english, { inventory: known, backups: new Map(), schedules }, clock)).filter(({ context }) => context === 'schedule');
}

function line(parts: Partial<ScheduleState>): string {
  return treeText(rows([state(parts)]));
}

describe('schedules in the tree', () => {
  it('are beneath their database', () => {
    const [top] = treeNodes(english, { inventory: inventory([project()]), backups: new Map(), schedules: [state()] }, clock);
    assert.equal(
      treeText(top?.children[0]?.children.slice(0, 1) ?? []),
      '[database] reims  10 MB · 20 tables\n  [watch] every day at 03:00  next in 5 h · last 96 MB, 1 h ago\n  [table] Tables  20',
    );
  });

  it('say what comes and what was', () => {
    const { last: _last, ...fresh } = state();
    assert.equal(treeText(rows([fresh])), '[watch] every day at 03:00  next in 5 h · not run yet');
    assert.equal(line({ next: before(-0.5) }), '[watch] every day at 03:00  next within a minute · last 96 MB, 1 h ago');
    assert.equal(line({ next: before(-20) }), '[watch] every day at 03:00  next in 20 min · last 96 MB, 1 h ago');
    assert.equal(line({ next: before(-19 * 60) }), '[watch] every day at 03:00  next tomorrow, 09:00 · last 96 MB, 1 h ago');
  });

  it('warn of what failed, and say why', () => {
    const [row] = rows([state({ last: recordOf(before(120), { result: 'failed', failure }) })]);
    assert.equal(treeText(row === undefined ? [] : [row]), '[warning] every day at 03:00  next in 5 h · failed 2 h ago');
    assert.match(row?.tooltip ?? '', /The last run failed&#58; The disk is &#42;full&#42;&#46;\n\nFree space&#46;/);
    assert.match(row?.spoken ?? '', /backup failed/);
  });

  it('warn of a scheduler that does nothing', () => {
    const overdue = { schedule: scheduleOf({ installed: 'crontab' }), overdueSince: before(180) } as const;
    assert.equal(line(overdue), '[warning] every day at 03:00  next in 5 h · overdue · last 96 MB, 1 h ago');
    assert.match(rows([state(overdue)])[0]?.tooltip ?? '', /It should have run today, 11&#58;00, by your crontab/);
  });

  it('are beneath the service, with the name, while their database cannot be seen', () => {
    const stopped = inventory([project({ services: [service({ state: 'stopped', databases: [] })] })]);
    assert.deepEqual(
      rows([state()], stopped).map(({ label }) => label),
      ['reims: every day at 03:00'],
    );
  });

  it('are beneath a database that is missing', () => {
    const [top] = treeNodes(
      english,
      { inventory: inventory([project({ services: [service({ databases: [] })] })]), backups: new Map(), schedules: [state()] },
      clock,
    );
    assert.deepEqual(
      top?.children[0]?.children[0]?.children.map(({ label }) => label),
      ['every day at 03:00'],
    );
  });

  it('are not those of another project, service or engine of the same name', () => {
    const others = [{ project: 'x' }, { service: 'x' }, { endpoint: 'unix:///elsewhere.sock' }].map((parts) => state({ schedule: scheduleOf(parts) }));
    assert.deepEqual(rows(others), []);
    assert.equal(rows([state({ schedule: scheduleOf({ endpoint: docker.id }) })]).length, 1);
  });

  it('show names as they are, and nothing of them as markup', () => {
    const name = '[click](command:x) $(error)';
    const schedule = scheduleOf({ database: name, options: { folder: `/${name}` } });
    const known = inventory([project({ services: [service({ databases: [{ name, owner: 'x', sizeBytes: 1 }] })] })]);
    assert.doesNotMatch(rows([state({ schedule })], known)[0]?.tooltip ?? '', /[[\]()$]/);
  });
});

describe('schedules in the status bar', () => {
  const shown = (schedules: readonly ScheduleState[], parts: Parameters<typeof service>[0] = {}): readonly [string | undefined, string | undefined] => {
    const view = statusView(english, inventory([project({ services: [service(parts)] })]), new Map(), clock, schedules);
    return [view?.rank, view?.text];
  };
  const failed = state({ last: recordOf(before(120), { result: 'failed', failure }) });

  it('are not worth a word while all is well', () => assert.deepEqual(shown([state()]), ['fine', '$(database) 1 database']));

  it('show what failed or was not run', () => {
    assert.deepEqual(shown([failed]), ['warning', '$(warning) reims: backup failed']);
    assert.deepEqual(shown([state({ overdueSince: before(180) })]), ['warning', '$(warning) reims: backup overdue']);
    assert.deepEqual(shown([failed], { state: 'stopped', databases: [] }), ['warning', '$(warning) reims: backup failed']);
  });

  it('leave the first word to what is worse', () => {
    assert.deepEqual(shown([failed], { health: 'unhealthy' }), ['bad', '$(error) reims: unhealthy']);
    assert.deepEqual(shown([failed], { databases: [] }), ['warning', '$(warning) reims: "reims" is missing']);
  });

  it('name the trouble in the line of its database', () => {
    const view = statusView(english, inventory([project()]), new Map(), clock, [failed]);
    assert.match(view?.tooltip ?? '', /^\$\(warning\) .*no backup · backup failed$/m);
  });
});
