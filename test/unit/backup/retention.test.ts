import assert from 'node:assert/strict';
import path from 'node:path';
import type { Backup } from '../../../src/backup/catalogue';
import type { Manifest } from '../../../src/backup/manifest';
import { decideRetention, isEmptyPolicy, readPolicy, type RetentionPolicy } from '../../../src/backup/retention';
import { retentionSentence } from '../../../src/backup/retentionText';
import { Failure } from '../../../src/protocol/failure';
import { rejectsWith } from '../operations/rejectsWith';
import { backupAt, localTime } from './retentionParts';

const now = localTime('2026-11-20 14:00'); // a Friday

/** Name and sentence of every backup. */
function sentences(backups: readonly Backup[], policy: RetentionPolicy): Readonly<Record<string, string>> {
  return Object.fromEntries(decideRetention(backups, policy, now).map((each) => [path.basename(each.backup.file, '.dump'), retentionSentence(each, now)]));
}

/** The names of those that stay. */
function kept(backups: readonly Backup[], policy: RetentionPolicy): readonly string[] {
  return decideRetention(backups, policy, now).flatMap(({ backup, keep }) => (keep ? [path.basename(backup.file, '.dump')] : []));
}

const history = [
  '2026-11-20 03:00',
  '2026-11-19 15:00',
  '2026-11-19 03:00',
  '2026-11-16 03:00',
  '2026-11-15 03:00',
  '2026-11-09 03:00',
  '2026-10-31 03:00',
  '2026-10-01 03:00',
  '2025-12-24 03:00',
];

describe('decideRetention', () => {
  for (const [title, policy, expected] of [
    ['everything, without a policy', {}, history],
    ['everything, when every rule is 0', { last: 0, daily: 0, weekly: 0, monthly: 0, maxAgeDays: 0 }, history],
    ['the newest', { last: 2 }, history.slice(0, 2)],
    ['all, when there are fewer than may stay', { last: 100 }, history],
    ['the newest of days', { daily: 3 }, ['2026-11-20 03:00', '2026-11-19 15:00', '2026-11-16 03:00']],
    ['the newest of weeks, from Monday on', { weekly: 3 }, ['2026-11-20 03:00', '2026-11-15 03:00', '2026-10-31 03:00']],
    ['the newest of months', { monthly: 3 }, ['2026-11-20 03:00', '2026-10-31 03:00', '2025-12-24 03:00']],
    ['what any rule keeps', { last: 3, monthly: 2 }, ['2026-11-20 03:00', '2026-11-19 15:00', '2026-11-19 03:00', '2026-10-31 03:00']],
    ['what is young enough', { maxAgeDays: 11 }, history.slice(0, 5)],
    ['of what the rules keep what is young enough', { weekly: 3, maxAgeDays: 7 }, ['2026-11-20 03:00', '2026-11-15 03:00']],
  ] as const satisfies readonly (readonly [string, RetentionPolicy, readonly string[]])[]) {
    it(`keeps ${title}`, () =>
      assert.deepEqual(
        kept(
          history.map((moment) => backupAt(moment)),
          policy,
        ),
        expected,
      ));
  }

  it('says why', () => {
    const backups = [...history.slice(0, 5), '2025-12-24 03:00', '2025-12-01 03:00'].map((moment) => backupAt(moment));
    assert.deepEqual(sentences(backups, { last: 1, weekly: 2, monthly: 2, maxAgeDays: 340 }), {
      '2026-11-20 03:00': 'kept: the last good one, the newest, the newest of the week of 16 November, the newest of November',
      '2026-11-19 15:00': 'goes: no rule keeps it',
      '2026-11-19 03:00': 'goes: no rule keeps it',
      '2026-11-16 03:00': 'goes: no rule keeps it',
      '2026-11-15 03:00': 'kept: the newest of the week of 9 November',
      '2025-12-24 03:00': 'kept: the newest of December 2025',
      '2025-12-01 03:00': 'goes: older than 340 days',
    });
    assert.equal(sentences(backups, { daily: 1 })['2026-11-20 03:00'], 'kept: the last good one, the newest of 20 November');
    assert.equal(sentences(backups, { maxAgeDays: 2 })['2026-11-19 03:00'], 'kept: not older than 2 days');
    assert.equal(sentences(backups, {})['2026-11-19 03:00'], 'kept: there is no rule by which it could go');
  });

  it('reckons the age by the local clock', () => {
    const [edge, older] = [backupAt('2026-11-13 14:00'), backupAt('2026-11-13 13:59')];
    assert.deepEqual(kept([backupAt('2026-11-20 03:00'), edge, older], { maxAgeDays: 7 }), ['2026-11-20 03:00', '2026-11-13 14:00']);
  });

  it('keeps the last good one however old it is', () => {
    const backups = [backupAt('2020-01-02 03:00'), backupAt('2020-01-01 03:00')];
    assert.deepEqual(sentences(backups, { last: 5, maxAgeDays: 1 }), {
      '2020-01-02 03:00': 'kept: the last good one',
      '2020-01-01 03:00': 'goes: older than 1 day',
    });
  });

  for (const [title, rest, parts, why] of [
    ['that are not verified', { verified: 'none' }, {}, 'it is not verified, and does not count'],
    ['of which only the checksum is proven', { verified: 'hash' }, {}, 'it is not verified, and does not count'],
    ['that come from the future', {}, { finishedAt: localTime('2026-11-20 14:01') }, 'its time is still to come, so a clock was wrong, and it does not count'],
    ['whose manifest cannot be read', {}, { problem: new Failure('MANIFEST_DAMAGED', 'x', 'y') }, 'its manifest cannot be read'],
  ] as const) {
    it(`neither counts nor removes backups ${title}`, () => {
      const odd = backupAt('2026-11-20 10:00', rest, parts);
      const old = { ...odd, file: '/backups/old.dump', finishedAt: 'finishedAt' in parts ? parts.finishedAt : localTime('2019-01-01 03:00') };
      const good = backupAt('2026-11-19 03:00');
      const result = sentences([odd, good, old], { last: 1, maxAgeDays: 5 });
      assert.deepEqual(result, { '2026-11-20 10:00': `kept: ${why}`, '2026-11-19 03:00': 'kept: the last good one, the newest', old: `kept: ${why}` });
    });
  }

  it('neither counts nor removes what has no manifest', () => {
    const { manifest: _, ...foreign } = backupAt('2019-01-01 03:00');
    const backups = [foreign, { ...foreign, file: '/backups/young.dump', finishedAt: now }, backupAt('2026-11-19 03:00'), backupAt('2026-11-18 03:00')];
    assert.deepEqual(kept(backups, { last: 1, maxAgeDays: 5 }), ['2019-01-01 03:00', 'young', '2026-11-19 03:00']);
  });

  for (const [title, rest] of [
    ['another database', { database: 'other' }],
    ['another service', { service: 'other' }],
    ['another project', { project: 'other' }],
    ['another engine', { endpoint: 'ssh://elsewhere' }],
    ['the schema only', { scope: 'schema' }],
    ['the rows only', { scope: 'data' }],
    ['chosen tables', { scope: 'tables', tables: ['public.a'] }],
    ['the data directory', { format: 'volume' }],
  ] as readonly (readonly [string, Partial<Manifest>])[]) {
    it(`does not let a backup of ${title} count for others`, () => {
      const backups = [backupAt('2026-11-20 03:00', rest), backupAt('2026-11-19 03:00'), backupAt('2020-11-18 03:00', rest), backupAt('2020-11-17 03:00')];
      assert.deepEqual(kept(backups, { last: 1, maxAgeDays: 100 }), ['2026-11-20 03:00', '2026-11-19 03:00']);
    });
  }

  it('tells choices of tables apart, whatever their order', () => {
    const of = (moment: string, ...tables: readonly string[]): Backup => backupAt(moment, { scope: 'tables', tables: [...tables] });
    const backups = [of('2026-11-20 03:00', 'a', 'b'), of('2026-11-19 03:00', 'a'), of('2026-11-18 03:00', 'b', 'a')];
    assert.deepEqual(kept(backups, { last: 1 }), ['2026-11-20 03:00', '2026-11-19 03:00']);
  });

  it('does not take names with separators for one another', () => {
    const backups = [backupAt('2026-11-20 03:00', { service: 'a","b', database: 'c' }), backupAt('2026-11-19 03:00', { service: 'a', database: 'b","c' })];
    assert.deepEqual(kept(backups, { last: 1 }), ['2026-11-20 03:00', '2026-11-19 03:00']);
  });

  describe('of safety backups', () => {
    const safety = { reason: 'safety' } as const;
    const backups = [
      backupAt('2026-11-20 05:00', safety),
      backupAt('2026-11-20 04:00', safety),
      backupAt('2026-11-19 03:00'),
      backupAt('2026-11-18 03:00'),
      backupAt('2026-11-01 03:00', safety),
    ];

    it('lets none drive out another', () => {
      assert.deepEqual(kept(backups, { last: 1 }), ['2026-11-20 05:00', '2026-11-20 04:00', '2026-11-19 03:00', '2026-11-01 03:00']);
    });

    it('lets those go that are too old', () => {
      assert.deepEqual(sentences(backups, { last: 1, maxAgeDays: 10 }), {
        '2026-11-20 05:00': 'kept: the last good one, a safety backup',
        '2026-11-20 04:00': 'kept: a safety backup',
        '2026-11-19 03:00': 'kept: the last good one, the newest',
        '2026-11-18 03:00': 'goes: no rule keeps it',
        '2026-11-01 03:00': 'goes: older than 10 days',
      });
    });
  });

  describe('of files that are not what was written', () => {
    const short = { sizeBytes: 999 };

    it('keeps all of the kind while the newest is one of them', () => {
      const other = [backupAt('2026-11-20 01:00', { database: 'other' }), backupAt('2026-11-19 01:00', { database: 'other' })];
      const damaged = backupAt('2026-11-20 03:00', {}, short);
      const all = [damaged, backupAt('2026-11-19 03:00'), backupAt('2019-11-18 03:00'), ...other];
      assert.deepEqual(sentences(all, { last: 1, maxAgeDays: 10 }), {
        '2026-11-20 03:00': 'kept: its size is not what was written, and it does not count',
        '2026-11-19 03:00': `kept: the last good one, ${damaged.file}, is missing or not what was written`,
        '2019-11-18 03:00': `kept: the last good one, ${damaged.file}, is missing or not what was written`,
        '2026-11-20 01:00': 'kept: the last good one, the newest',
        '2026-11-19 01:00': 'goes: no rule keeps it',
      });
    });

    it('keeps them, and counts others in their stead', () => {
      const backups = [backupAt('2026-11-20 03:00'), backupAt('2026-11-19 03:00', {}, short), backupAt('2026-11-18 03:00'), backupAt('2026-11-17 03:00')];
      assert.deepEqual(kept(backups, { last: 2 }), ['2026-11-20 03:00', '2026-11-19 03:00', '2026-11-18 03:00']);
    });
  });
});

describe('readPolicy', () => {
  it('takes what is there, and nothing for no rule', () => {
    assert.deepEqual(readPolicy({ last: 3, daily: 0 }), { last: 3, daily: 0 });
    for (const nothing of [undefined, null, {}]) assert.ok(isEmptyPolicy(readPolicy(nothing)));
    assert.ok(!isEmptyPolicy(readPolicy({ maxAgeDays: 1 })));
  });

  for (const value of [{ last: -1 }, { daily: 1.5 }, { weekly: '7' }, { monthly: Number.NaN }, { maxAgeDays: Infinity }, { dayly: 7 }, [], 7, 'all']) {
    it(`refuses ${typeof value === 'object' ? Object.entries(value).join() || '[]' : value}`, async () => {
      await rejectsWith('POLICY_INVALID', () => readPolicy(value));
    });
  }
});
