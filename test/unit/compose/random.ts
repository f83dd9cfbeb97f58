/** A small generator of pseudo-random numbers (mulberry32), so that a failing case can be run again by its seed. */
export interface Random {
  /** An integer from 0 to `limit` - 1. */
  readonly below: (limit: number) => number;
  readonly pick: <T>(members: readonly T[]) => T;
}

export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const below = (limit: number): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
  const pick = <T>(members: readonly T[]): T => {
    const member = members[below(members.length)];
    if (member === undefined) throw new Error('nothing to pick from');
    return member;
  };
  return { below, pick };
}
