import { formatCount } from '../../protocol/format';
import type { DatabaseHealthFacts, DeadRows, HealthFacts } from '../facts';
import type { HealthReason } from '../model';
import type { Thresholds } from '../thresholds';

/** Blocks that must have been asked for before the share found in the cache means anything. */
const enoughBlocks = 100_000;
const enoughDeadRows = 10_000;

/** What is wrong inside the databases. */
export function databaseReasons({ databases }: HealthFacts, thresholds: Thresholds): readonly HealthReason[] {
  return databases.flatMap((facts) => [
    ...corruption(facts),
    ...collation(facts),
    ...wraparound(facts, thresholds.wraparoundMillions),
    ...invalidIndexes(facts),
    ...deadRows(facts, thresholds.deadRowsPercent),
    ...cache(facts, thresholds.cacheHitPercent),
  ]);
}

function corruption({ name, checksumFailures }: DatabaseHealthFacts): readonly HealthReason[] {
  if (checksumFailures === null || checksumFailures === 0) return [];
  const pages = checksumFailures === 1 ? 'One page was' : `${formatCount(checksumFailures)} pages were`;
  return [
    {
      code: 'CHECKSUM_FAILED',
      severity: 'error',
      database: name,
      short: 'damaged pages',
      message: `${pages} read whose checksum is wrong: the files of "${name}" are damaged.`,
      remedy: 'Stop writing, keep a copy of the volume, and restore the last good backup; the log names the file.',
      action: 'show logs',
    },
  ];
}

function collation({ name, collation: versions }: DatabaseHealthFacts): readonly HealthReason[] {
  if (versions === undefined) return [];
  return [
    {
      code: 'COLLATION_CHANGED',
      severity: 'warning',
      database: name,
      short: 'collation changed',
      message: `"${name}" was made with collation version ${versions.made}; the image now has ${versions.now}. Indexes on text may be in the wrong order.`,
      remedy: 'REINDEX the database, then ALTER DATABASE … REFRESH COLLATION VERSION.',
      action: 'check corruption',
    },
  ];
}

function wraparound({ name, frozenAge }: DatabaseHealthFacts, millions: number): readonly HealthReason[] {
  if (millions === 0 || frozenAge < millions * 1e6) return [];
  return [
    {
      code: 'WRAPAROUND_NEAR',
      severity: frozenAge > 1.5e9 ? 'error' : 'warning',
      database: name,
      short: `${formatCount(Math.round(frozenAge / 1e6))} million transactions unfrozen`,
      message: `The oldest rows of "${name}" are ${formatCount(frozenAge)} transactions old; at about 2.1 billion the server takes no more writes.`,
      remedy: 'VACUUM FREEZE the database, and look for transactions and slots that hold it back.',
      action: 'vacuum',
    },
  ];
}

function invalidIndexes({ name, invalidIndexes: names }: DatabaseHealthFacts): readonly HealthReason[] {
  if (names === undefined || names.length === 0) return [];
  return [
    {
      code: 'INDEX_INVALID',
      severity: 'warning',
      database: name,
      short: names.length === 1 ? '1 invalid index' : `${names.length} invalid indexes`,
      message: `${list(names)} of "${name}" ${names.length === 1 ? 'is' : 'are'} invalid: written to, and used by no query. A build has failed.`,
      remedy: 'REINDEX INDEX CONCURRENTLY, or drop and create anew.',
      action: 'show statistics',
    },
  ];
}

function deadRows({ name, deadRows: tables = [] }: DatabaseHealthFacts, percent: number): readonly HealthReason[] {
  const share = ({ dead, live }: DeadRows): number => (dead / Math.max(1, dead + live)) * 100;
  const [worst, ...others] = tables.filter((table) => percent > 0 && table.dead >= enoughDeadRows && share(table) >= percent);
  if (worst === undefined) return [];
  const more = others.length === 0 ? '' : ` So it is with ${list(others.map(({ table }) => table))}.`;
  const when = worst.lastVacuum === null ? 'never vacuumed' : `last vacuumed on ${worst.lastVacuum.slice(0, 10)}`;
  return [
    {
      code: 'ROWS_DEAD',
      severity: 'warning',
      database: name,
      short: `${formatCount(worst.dead)} dead rows`,
      message: `${worst.table} of "${name}" holds ${formatCount(worst.dead)} dead rows, ${Math.round(share(worst))} % of it; it was ${when}.${more}`,
      remedy: 'VACUUM the table; look for long transactions when it does not help.',
      action: 'vacuum',
    },
  ];
}

function cache({ name, blocksHit, blocksRead }: DatabaseHealthFacts, percent: number): readonly HealthReason[] {
  const all = blocksHit + blocksRead;
  const share = (blocksHit / Math.max(1, all)) * 100;
  if (percent === 0 || all < enoughBlocks || share >= percent) return [];
  return [
    {
      code: 'CACHE_MISSED',
      severity: 'info',
      database: name,
      short: `${Math.floor(share)} % from the cache`,
      message: `Only ${Math.floor(share)} % of the blocks of "${name}" came from the server's cache.`,
      remedy: 'Raise shared_buffers if the container has memory to spare.',
    },
  ];
}

function list(names: readonly string[]): string {
  return names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
}
