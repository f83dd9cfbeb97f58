import * as z from 'zod';
import { backupFormats } from '../manifest';
import { normalCron, nextRun } from './cron';
import type { RunRecord } from './records';

/** Ids become names of files, of timers and words of command lines, so that nothing but this is one. */
const idPattern = /^[0-9a-f]{8}$/;

/** Who runs a schedule: the editor while it is open, or a scheduler of the user's own host. */
export const installations = ['editor', 'crontab', 'systemd'] as const;
export type Installation = (typeof installations)[number];

export const scheduleFormats = ['auto', ...backupFormats] as const;

const launchSchema = z.object({
  /** Absolute paths of Node, or of an editor that is to act as Node, and of our command line. */
  program: z.string(),
  script: z.string(),
  environment: z.record(z.string(), z.string()),
});

/** How a scheduler starts the command line. */
export type Launch = Readonly<z.infer<typeof launchSchema>>;

export const scheduleSchema = z.object({
  schemaVersion: z.literal(1),
  id: z.string().regex(idPattern),
  project: z.string(),
  service: z.string(),
  database: z.string(),
  /** Five fields in the normal spelling, in local time. */
  cron: z.string().refine(isNormal, 'no cron that is understood'),
  options: z.object({
    /** Absolute; where the backups go. */
    folder: z.string().optional(),
    format: z.enum(scheduleFormats).optional(),
    /** Public keys that the backups are encrypted for. */
    recipients: z.array(z.string()).optional(),
    /** Where they are copied to, without credentials; as the editor has it when left out. */
    to: z.string().optional(),
    /** The rules for old ones; as the editor has them when left out. */
    keep: z.unknown().optional(),
  }),
  /** The engine that has the project, where several have one of that name. */
  endpoint: z.string().optional(),
  installed: z.enum(installations),
  /** What was written into the scheduler. */
  launch: launchSchema.optional(),
  /** When it was made, or was last given another time. What lay before was not missed. */
  changedAt: z.iso.datetime(),
});

/** One database that is backed up time and again. */
export type Schedule = Readonly<z.infer<typeof scheduleSchema>>;

/** Milliseconds by which a scheduler of the host may be late, and a clock be put right, without a word. */
const grace = 60 * 60 * 1000;

function isNormal(cron: string): boolean {
  try {
    return normalCron(cron) === cron;
  } catch {
    return false;
  }
}

export function isScheduleId(text: string): boolean {
  return idPattern.test(text);
}

/** `project/service/database`. */
export function scheduleTarget({ project, service, database }: Schedule): string {
  return `${project}/${service}/${database}`;
}

/** The newest run that was really one; one that was skipped or broken off is made up for. */
export function lastRun(records: readonly RunRecord[]): RunRecord | undefined {
  return records.findLast(({ result }) => result !== 'skipped');
}

/**
 * When a run was due that has not been done yet, at the latest now; undefined when none is. However many were missed
 * while the host slept, they are one run.
 */
export function dueRun({ cron, changedAt }: Schedule, last: Pick<RunRecord, 'startedAt'> | undefined, now: Date): Date | undefined {
  // What lies well ahead was noted while the clock was wrong, and must not silence a schedule until it has caught up.
  const known = [changedAt, ...(last === undefined ? [] : [last.startedAt])].map((moment) => Date.parse(moment));
  const since = Math.max(0, ...known.filter((moment) => moment < now.getTime() + grace));
  const due = nextRun(cron, new Date(since));
  return due !== undefined && due <= now ? due : undefined;
}

/** When a scheduler of the host should have run it and has not. The editor makes up for what it missed. */
export function overdueSince(schedule: Schedule, last: RunRecord | undefined, now: Date): Date | undefined {
  if (schedule.installed === 'editor') return undefined;
  return dueRun(schedule, last, new Date(now.getTime() - grace));
}
