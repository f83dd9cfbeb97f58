/**
 * What people do to a service, in the words that scripts rely on. `pull` and `rebuild` include the `up` that follows;
 * after `rm` and `down` the service is brought up again.
 */
export const events = ['restart', 'stop', 'rm', 'down', 'pull', 'rebuild', 'reboot', 'down -v', 'volume rm', 'system prune --volumes', 'disk failure'] as const;

export type SurvivalEvent = (typeof events)[number];

/** Whether the service has its data again afterwards; null where that cannot be told. */
export type Survival = Readonly<Record<SurvivalEvent, boolean | null>>;

/** `lost`: gone with the container, or sooner. `at-risk`: something that people do every day leaves the service empty. */
export type Verdict = 'persistent' | 'at-risk' | 'lost' | 'unknown';

/** What kind of thing holds a data directory, told apart by what ends its life. */
export type PlaceKind =
  | 'named volume'
  | 'external volume'
  /** A volume of the local driver that is a folder of the host. */
  | 'volume on a folder'
  | 'network volume'
  /** A volume of the local driver that lies in memory. */
  | 'volume in memory'
  | 'volume of a plugin'
  | 'bind mount'
  /** A folder of the host that does not outlive its start, such as below /tmp. */
  | 'passing folder'
  | 'anonymous volume'
  | 'tmpfs'
  | 'container layer'
  | 'unknown';

/** One letter for each event, in their order: survives, lost, unknown. What restart, stop, rm, down, pull and `down -v` do is proven by `doctor.test.ts` on real containers; the rest is what the engines document. */
const tables: Readonly<Record<PlaceKind, string>> = {
  'named volume': 'sssssss lll l',
  'external volume': 'sssssss sll l',
  'volume on a folder': 'sssssss sss l',
  'network volume': 'sssssss sss u',
  'volume in memory': 'lllllll lll l',
  'volume of a plugin': 'sssssss llu u',
  'bind mount': 'sssssss sss l',
  'passing folder': 'ssssssu sss l',
  // Compose hands them on when it makes a container anew, but not after it has removed one.
  'anonymous volume': 'ssllsss lll l',
  tmpfs: 'lllllll lll l',
  'container layer': 'ssllll s lll l',
  unknown: 'uuuuuuu uuu l',
};

const meanings: Readonly<Record<string, boolean | null>> = { s: true, l: false, u: null };

const verdicts: Readonly<Record<PlaceKind, Verdict>> = {
  'named volume': 'persistent',
  'external volume': 'persistent',
  'volume on a folder': 'persistent',
  'network volume': 'persistent',
  'volume in memory': 'lost',
  'volume of a plugin': 'persistent',
  'bind mount': 'persistent',
  'passing folder': 'at-risk',
  'anonymous volume': 'at-risk',
  tmpfs: 'lost',
  'container layer': 'lost',
  unknown: 'unknown',
};

/** What survives in such a place. */
export function survivalIn(kind: PlaceKind): Survival {
  const letters = tables[kind].replaceAll(' ', '');
  return Object.fromEntries(events.map((event, index) => [event, meanings[letters[index] ?? 'u'] ?? null])) as Survival;
}

/** The verdict on such a place, when nothing else is the matter. */
export function verdictOn(kind: PlaceKind): Verdict {
  return verdicts[kind];
}

/** What survives if either may be the case: only what both agree on is known. */
export function eitherSurvival(one: Survival, other: Survival): Survival {
  return combine(one, other, (a, b) => (a === b ? a : null));
}

/** What survives if both must, as data and its log do. */
export function bothSurvive(one: Survival, other: Survival): Survival {
  return combine(one, other, (a, b) => (a === false || b === false ? false : a === null || b === null ? null : true));
}

/** The worse of two verdicts; what is not known stands between what is well and what is not. */
export function worseVerdict(one: Verdict, other: Verdict): Verdict {
  const order: readonly Verdict[] = ['persistent', 'unknown', 'at-risk', 'lost'];
  return order.indexOf(one) >= order.indexOf(other) ? one : other;
}

function combine(one: Survival, other: Survival, merge: (a: boolean | null, b: boolean | null) => boolean | null): Survival {
  return Object.fromEntries(events.map((event) => [event, merge(one[event], other[event])])) as Survival;
}
