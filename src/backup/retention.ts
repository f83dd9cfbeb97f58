import * as z from 'zod';
import { Failure } from '../protocol/failure';
import type { Backup } from './catalogue';
import type { Manifest } from './manifest';
import { cutoffOf, startOf, type Period } from './periods';

const count = z.number().int().nonnegative().optional();
const policySchema = z.strictObject({ last: count, daily: count, weekly: count, monthly: count, maxAgeDays: count });

/** How many backups stay, and how old they may become. What is left out, or is 0, is no rule; without any rule everything stays. */
export type RetentionPolicy = Readonly<z.infer<typeof policySchema>>;

/** Why a backup stays or goes. */
export type RetentionReason =
  | { readonly kind: 'no rule' | 'foreign' | 'unreadable manifest' | 'not verified' | 'from the future' | 'size differs' | 'last good' | 'safety' }
  | { readonly kind: 'among the last'; readonly count: number }
  /** `start` is the first day of the period, `YYYY-MM-DD` in local time; a week is one of ISO 8601. */
  | { readonly kind: 'newest of'; readonly period: Period; readonly start: string }
  | { readonly kind: 'young enough' | 'too old'; readonly days: number }
  | { readonly kind: 'not needed' }
  /** The newest good one, `file`, is not what was written: before that is mended nothing of its kind goes. */
  | { readonly kind: 'last good damaged'; readonly file: string }
  /** Should have gone, and did not when it came to it; or went, and something that lay beside it did not. */
  | { readonly kind: 'changed' | 'not chosen' | 'restore running' }
  | { readonly kind: 'not removed' | 'partly removed'; readonly message: string };

export interface RetentionDecision {
  readonly backup: Backup;
  readonly keep: boolean;
  readonly reasons: readonly RetentionReason[];
}

type KnownBackup = Backup & { readonly manifest: Manifest };

/** A policy from outside. Throws `POLICY_INVALID`: a rule that is not understood must not pass for none. */
export function readPolicy(value: unknown): RetentionPolicy {
  const policy = policySchema.safeParse(value ?? {});
  if (policy.success) return policy.data;
  const where = policy.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`.trim()).join('; ');
  throw new Failure(
    'POLICY_INVALID',
    `The rules for old backups cannot be used: ${where}.`,
    'Give whole numbers that are not negative, for last, daily, weekly, monthly and maxAgeDays only.',
    policy.error,
  );
}

/** Whether a policy has no rule, and so lets nothing go. */
export function isEmptyPolicy(policy: RetentionPolicy): boolean {
  return Object.values(policy).every((value) => !value);
}

/**
 * Decides about every backup. Those of one kind (see `kindOf`) are decided among themselves; what is not proven good
 * stays and does not count. `now` must be the present: what is younger than that stays, and does not count either.
 */
export function decideRetention(backups: readonly Backup[], policy: RetentionPolicy, now: Date): readonly RetentionDecision[] {
  if (isEmptyPolicy(policy)) return backups.map((backup) => stays(backup, { kind: 'no rule' }));
  const kinds = new Map<string, KnownBackup[]>();
  for (const backup of backups) if (counts(backup, now)) kinds.set(kindOf(backup), [...(kinds.get(kindOf(backup)) ?? []), backup]);
  const decided = new Map([...kinds.values()].flatMap((each) => decideKind(each, policy, now)).map((decision) => [decision.backup, decision]));
  return backups.map((backup) => decided.get(backup) ?? stays(backup, exemption(backup, now) ?? { kind: 'foreign' }));
}

/**
 * What backups must have in common for one to take another's place: the database, wherever it runs, what of it is in
 * the backup, and whether it is a copy of files, which no other major version can read.
 */
export function kindOf({ manifest }: Backup): string {
  const { endpoint, project, service, database, scope, tables, format } = manifest ?? {};
  return JSON.stringify([endpoint, project, service, database, scope, tables?.toSorted() ?? [], format === 'volume']);
}

/** Whether a backup was proven to read whole, by what its manifest says. */
export function isVerified({ manifest }: Backup): boolean {
  return manifest?.verified === 'read' || manifest?.verified === 'restored';
}

/** A backup that stays, and why. */
export function stays(backup: Backup, ...reasons: readonly RetentionReason[]): RetentionDecision {
  return { backup, keep: true, reasons };
}

/** Why a backup is none of retention's business. */
function exemption(backup: Backup, now: Date): RetentionReason | undefined {
  if (backup.problem !== undefined) return { kind: 'unreadable manifest' };
  if (backup.manifest === undefined) return { kind: 'foreign' };
  if (!isVerified(backup)) return { kind: 'not verified' };
  // Were it counted, it would be the newest for as long as the clock that was wrong was ahead, and drive out real ones.
  return backup.finishedAt.getTime() <= now.getTime() ? undefined : { kind: 'from the future' };
}

function counts(backup: Backup, now: Date): backup is KnownBackup {
  return exemption(backup, now) === undefined;
}

function decideKind(backups: readonly KnownBackup[], policy: RetentionPolicy, now: Date): readonly RetentionDecision[] {
  const newestFirst = backups.toSorted((a, b) => b.finishedAt.getTime() - a.finishedAt.getTime() || (a.file < b.file ? 1 : -1));
  const lastGood = [newestFirst[0], newestFirst.find(isOrdinary)];
  const damaged = lastGood.find((backup) => backup !== undefined && !isWhole(backup));
  if (damaged !== undefined) {
    return backups.map((backup) => stays(backup, isWhole(backup) ? { kind: 'last good damaged', file: damaged.file } : { kind: 'size differs' }));
  }
  const ruled = applyRules(
    newestFirst.filter((backup) => isWhole(backup) && isOrdinary(backup)),
    policy,
  );
  return backups.map((backup) => {
    const guard: readonly RetentionReason[] = lastGood.includes(backup) ? [{ kind: 'last good' }] : [];
    return isWhole(backup) ? decideOne(backup, [...guard, ...(ruled.get(backup) ?? [])], policy, now) : stays(backup, { kind: 'size differs' });
  });
}

/** `found` is why a backup stays; age goes before all but being the last good one. */
function decideOne(backup: KnownBackup, found: readonly RetentionReason[], policy: RetentionPolicy, now: Date): RetentionDecision {
  const { maxAgeDays: days = 0, ...rules } = policy;
  const lastGood = found.filter(({ kind }) => kind === 'last good');
  if (days > 0 && backup.finishedAt.getTime() < cutoffOf(now, days).getTime()) {
    return lastGood.length > 0 ? stays(backup, ...lastGood) : { backup, keep: false, reasons: [{ kind: 'too old', days }] };
  }
  if (!isOrdinary(backup)) return stays(backup, ...found, { kind: 'safety' });
  if (isEmptyPolicy(rules)) return stays(backup, ...found, { kind: 'young enough', days });
  return found.length > 0 ? stays(backup, ...found) : { backup, keep: false, reasons: [{ kind: 'not needed' }] };
}

/** What the rules that count let stay, and why. Periods without a backup are not counted, so that a pause costs nothing. */
function applyRules(newestFirst: readonly KnownBackup[], policy: RetentionPolicy): ReadonlyMap<Backup, readonly RetentionReason[]> {
  const { last = 0, daily = 0, weekly = 0, monthly = 0 } = policy;
  const found = new Map<Backup, RetentionReason[]>();
  const note = (backup: Backup, reason: RetentionReason): void => void found.set(backup, [...(found.get(backup) ?? []), reason]);
  for (const backup of newestFirst.slice(0, last)) note(backup, { kind: 'among the last', count: last });
  for (const [period, wanted] of [
    ['day', daily],
    ['week', weekly],
    ['month', monthly],
  ] as const) {
    const newest = new Map<string, Backup>();
    for (const backup of newestFirst) {
      const start = startOf(period, backup.finishedAt);
      if (!newest.has(start)) newest.set(start, backup);
    }
    for (const [start, backup] of [...newest].slice(0, wanted)) note(backup, { kind: 'newest of', period, start });
  }
  return found;
}

/** Whether the file has the size that it was written with; all that can be told without reading it. */
function isWhole({ sizeBytes, manifest }: KnownBackup): boolean {
  return sizeBytes === manifest.sizeBytes;
}

/** Made for its own sake, and not before something destructive. */
function isOrdinary({ manifest }: KnownBackup): boolean {
  return manifest.reason !== 'safety';
}
