import type { ActivityCounters } from '../../src/protocol/activity';

/** Moments that a chart shows at most. */
const most = 120;

export interface Rate {
  readonly at: number;
  readonly transactions: number;
  /** From 0 to 1; undefined where nothing was read. */
  readonly hits: number | undefined;
}

/** What happened between two looks, per second; undefined when the counters were reset in between. */
export function rateBetween(before: ActivityCounters, now: ActivityCounters): Rate | undefined {
  const seconds = (now.at - before.at) / 1000;
  const transactions = now.commits + now.rollbacks - before.commits - before.rollbacks;
  const [hit, read] = [now.blocksHit - before.blocksHit, now.blocksRead - before.blocksRead];
  if (seconds <= 0 || transactions < 0 || hit < 0 || read < 0) return undefined;
  return { at: now.at, transactions: transactions / seconds, hits: hit + read === 0 ? undefined : hit / (hit + read) };
}

/** The rates with a new one; the oldest go. */
export function withRate(rates: readonly Rate[], rate: Rate | undefined): readonly Rate[] {
  return rate === undefined ? rates : [...rates, rate].slice(-most);
}
