import { closureOf, headsOf } from './graph';
import type { Comparison, FilesRead, StatusProblem } from './model';

/** The sentence for what a database has and the files lack. */
function unknownProblem(unknown: readonly string[]): readonly StatusProblem[] {
  if (unknown.length === 0) return [];
  return [
    {
      code: 'unknown-revision',
      message: `The database has ${listed(unknown)}, for which there is no file.`,
      remedy: 'It was probably migrated on another branch: check that branch out, or get its migration files, before you migrate.',
    },
  ];
}

/** A few names in a sentence. */
export function listed(names: readonly string[]): string {
  return names.length <= 3 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
}

/** Compares revisions that form a graph, of which the table names the last ones. */
export function compareGraph({ revisions, problems }: FilesRead, rows: readonly string[]): Comparison {
  const known = new Set(revisions.map(({ id }) => id));
  const unknown = rows.filter((id) => !known.has(id));
  const applied = closureOf(rows, revisions);
  const heads = headsOf(revisions);
  const done = revisions.filter(({ id }) => applied.has(id));
  return {
    heads,
    current: [...headsOf(done), ...unknown],
    applied: done.map(({ id }) => id),
    pending: revisions.map(({ id }) => id).filter((id) => !applied.has(id)),
    unknown,
    dirty: [],
    problems: [...problems, ...headsProblem(heads), ...unknownProblem(unknown)],
  };
}

function headsProblem(heads: readonly string[]): readonly StatusProblem[] {
  if (heads.length < 2) return [];
  return [
    {
      code: 'multiple-heads',
      message: `There are ${heads.length} heads: ${listed(heads)}.`,
      remedy: 'Merge them into one; never change the down_revision of a revision that others have.',
    },
  ];
}

/** What is to be thought of a pending migration that is older than the last one applied. */
interface OrderRule {
  readonly code: 'out-of-order' | 'skipped';
  readonly says: (names: readonly string[]) => Pick<StatusProblem, 'message' | 'remedy'>;
}

/** Compares migrations of which the table names every one that was applied. */
export function compareSets(
  { revisions, problems }: FilesRead,
  rows: readonly string[],
  options: { readonly order?: OrderRule; readonly dirty?: readonly string[] } = {},
): Comparison {
  const { order, dirty = [] } = options;
  const noted = new Set(rows);
  const known = new Set(revisions.map(({ id }) => id));
  const unknown = [...noted].filter((id) => !known.has(id));
  const done = revisions.filter(({ id }) => noted.has(id)).map(({ id }) => id);
  const pending = revisions.filter(({ id }) => !noted.has(id)).map(({ id }) => id);
  const last = revisions.findLastIndex(({ id }) => noted.has(id));
  const late = revisions.slice(0, Math.max(last, 0)).filter(({ id }) => !noted.has(id));
  return {
    heads: revisions.slice(-1).map(({ id }) => id),
    current: [...done.slice(-1), ...unknown],
    applied: done,
    pending,
    unknown,
    dirty,
    problems: [
      ...problems,
      ...unknownProblem(unknown),
      ...(order === undefined || late.length === 0 ? [] : [{ code: order.code, ...order.says(late.map(({ id }) => id)) }]),
    ],
  };
}

/** The tool refuses, or must be told, to apply what is older than the last applied. */
export const refusesLate: OrderRule = {
  code: 'out-of-order',
  says: (names) => ({
    message: `${listed(names)} ${names.length === 1 ? 'is' : 'are'} older than what was applied last.`,
    remedy: 'Give them newer numbers, or tell the tool to apply them out of order.',
  }),
};

/** A number as migrations are counted by, without the zeros before it. */
export function numberText(text: string): string {
  return /^\d+$/.test(text) ? text.replace(/^0+(?=\d)/, '') : text;
}

/** Numbers of any length in their order; a shorter one is smaller. */
export function byNumber(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : Number(a > b));
}

/** The sentence for migrations that a tool marks as failed; `settle` says how the tool is told that all is well again. */
export function failedProblem(failed: readonly string[], settle: string): readonly StatusProblem[] {
  if (failed.length === 0) return [];
  return [
    {
      code: 'failed',
      message: `${listed(failed)} failed, and nothing more is applied until that is settled.`,
      remedy: `Put right by hand what it left, then ${settle}; or restore the last backup.`,
    },
  ];
}

/** The sentence for files that are no longer what was applied. */
export function checksumProblem(changed: readonly string[]): readonly StatusProblem[] {
  if (changed.length === 0) return [];
  return [
    {
      code: 'checksum',
      message: `${listed(changed)} ${changed.length === 1 ? 'was' : 'were'} changed after being applied.`,
      remedy: 'Bring the file back as it was, and make a new migration for what it should do besides.',
    },
  ];
}
