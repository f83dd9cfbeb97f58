import assert from 'node:assert/strict';
import type { Backup } from '../../../src/backup/catalogue';
import type { Manifest } from '../../../src/backup/manifest';
import { decideRetention, isEmptyPolicy, kindOf, type RetentionPolicy } from '../../../src/backup/retention';
import { randomFrom, type Random } from '../compose/random';
import { manifestOf } from './backupParts';
import { inTimeZone } from './retentionParts';

const now = new Date('2026-11-20T14:00:00Z');
const rounds = 400;
const rules = ['last', 'daily', 'weekly', 'monthly', 'maxAgeDays'] as const;

function randomBackup(random: Random, number: number): Backup {
  const finishedAt = new Date(now.getTime() - random.below(400 * 24 * 60) * 60_000 + random.below(3) * 60_000);
  const manifest: Manifest = manifestOf({
    finishedAt: finishedAt.toISOString(),
    database: random.pick(['app', 'other']),
    scope: random.pick(['full', 'full', 'full', 'schema']),
    verified: random.pick(['read', 'read', 'read', 'restored', 'hash', 'none']),
    reason: random.pick(['manual', 'scheduled', 'safety']),
  });
  const file = `/backups/${number}.dump`;
  const sizeBytes = random.below(40) === 0 ? 7 : manifest.sizeBytes;
  return random.below(10) === 0 ? { file, sizeBytes, finishedAt } : { file, sizeBytes, finishedAt, manifest };
}

function randomCatalogue(random: Random): readonly Backup[] {
  return Array.from({ length: random.below(40) }, (_, number) => randomBackup(random, number));
}

function randomPolicy(random: Random): RetentionPolicy {
  return Object.fromEntries(rules.flatMap((rule) => (random.below(2) === 0 ? [] : [[rule, random.below(rule === 'maxAgeDays' ? 300 : 12)]])));
}

function keptOf(backups: readonly Backup[], policy: RetentionPolicy): readonly Backup[] {
  return decideRetention(backups, policy, now).flatMap(({ backup, keep }) => (keep ? [backup] : []));
}

function isGood({ manifest, sizeBytes, finishedAt }: Backup): boolean {
  return (manifest?.verified === 'read' || manifest?.verified === 'restored') && sizeBytes === manifest.sizeBytes && finishedAt <= now;
}

describe('decideRetention, whatever lies there', () => {
  inTimeZone('America/New_York');

  const eachTime = (check: (backups: readonly Backup[], policy: RetentionPolicy, random: Random) => void): void => {
    for (let seed = 1; seed <= rounds; seed += 1) {
      const random = randomFrom(seed);
      const backups = randomCatalogue(random);
      const policy = randomPolicy(random);
      try {
        check(backups, policy, random);
      } catch (error) {
        throw new Error(`seed ${seed}, ${JSON.stringify(policy)}`, { cause: error });
      }
    }
  };

  it('keeps the newest good one of every kind, and the newest that is no safety backup', () => {
    eachTime((backups, policy) => {
      const kept = new Set(keptOf(backups, policy));
      for (const kind of new Set(backups.map(kindOf))) {
        const good = backups.filter((each) => isGood(each) && kindOf(each) === kind);
        for (const candidates of [good, good.filter(({ manifest }) => manifest?.reason !== 'safety')]) {
          const newest = Math.max(...candidates.map(({ finishedAt }) => finishedAt.getTime()));
          const thoseNewest = candidates.filter(({ finishedAt }) => finishedAt.getTime() === newest);
          assert.ok(thoseNewest.length === 0 || thoseNewest.some((each) => kept.has(each)));
        }
      }
    });
  });

  it('lets nothing go that is not proven good', () => {
    eachTime((backups, policy) => {
      const kept = new Set(keptOf(backups, policy));
      for (const backup of backups) assert.ok(isGood(backup) || kept.has(backup), backup.file);
    });
  });

  it('decides about every backup once, with a reason', () => {
    eachTime((backups, policy) => {
      const decisions = decideRetention(backups, policy, now);
      assert.deepEqual(
        decisions.map(({ backup }) => backup),
        backups,
      );
      for (const { reasons } of decisions) assert.ok(reasons.length > 0);
    });
  });

  it('lets nothing more go when asked again', () => {
    eachTime((backups, policy) => {
      const kept = keptOf(backups, policy);
      assert.deepEqual(keptOf(kept, policy), kept);
    });
  });

  it('does not depend on the order', () => {
    eachTime((backups, policy) => {
      assert.deepEqual(new Set(keptOf(backups.toReversed(), policy)), new Set(keptOf(backups, policy)));
    });
  });

  it('keeps all of it and perhaps more when a rule keeps more', () => {
    eachTime((backups, policy, random) => {
      for (const rule of rules) {
        const present = policy[rule] ?? 0;
        const { [rule]: _, ...others } = policy;
        // From no rule at all to the first one less may stay, and so from no limit of age to one.
        if (present === 0 && (rule === 'maxAgeDays' || isEmptyPolicy({ ...others, maxAgeDays: 0 }))) continue;
        const more = new Set(keptOf(backups, { ...policy, [rule]: present + 1 + random.below(5) }));
        for (const backup of keptOf(backups, policy)) assert.ok(more.has(backup), `${backup.file} by ${rule}`);
      }
    });
  });

  it('lets something go at all', () => {
    let gone = 0;
    eachTime((backups, policy) => (gone += backups.length - keptOf(backups, policy).length));
    assert.ok(gone > rounds);
  });
});
