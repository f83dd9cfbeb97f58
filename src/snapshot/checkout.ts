import type { SnapshotDatabase } from '../inventory/model';
import type { SnapshotRecord } from '../inventory/snapshotName';
import { newestFirst } from './labels';

/** What was checked out before and after, and what a database and the files of migrations say then. */
export interface Checkout {
  readonly before: SnapshotRecord['git'];
  readonly after: SnapshotRecord['git'];
  /** What the database has recorded; several heads are joined by a comma. */
  readonly revision: string | undefined;
  /** The texts of the migrations of the branch that is checked out now. */
  readonly migrations: readonly string[];
  /** Of the database. */
  readonly snapshots: readonly SnapshotDatabase[];
}

/** What may be offered to the user after a checkout. */
export interface CheckoutOffer {
  readonly branch: string;
  /** What the database has and the branch has not. */
  readonly missing: readonly string[];
  /** The newest snapshot that the branch's migrations know: something to go back to. */
  readonly snapshot?: SnapshotDatabase;
}

/**
 * Whether a database is ahead of the branch that was just checked out, or on another one. Undefined when no other branch was
 * checked out, and when there is nothing to compare. A rebase, which leaves the branch for a while, is none.
 */
export function offerAfterCheckout({ before, after, revision, migrations, snapshots }: Checkout): CheckoutOffer | undefined {
  const branch = after?.branch;
  if (branch === undefined || before?.branch === branch || revision === undefined || revision === '') return undefined;
  const known = new Set(migrations.flatMap(declaredRevision));
  if (known.size === 0) return undefined;
  const missing = revision.split(',').filter((each) => !known.has(each));
  if (missing.length === 0) return undefined;
  const fits = ({ migrationRevision }: SnapshotDatabase): boolean => migrationRevision?.split(',').every((each) => known.has(each)) === true;
  const fitting = newestFirst(snapshots).filter(fits);
  const snapshot = fitting.find(({ git }) => git?.branch === branch) ?? fitting[0];
  return { branch, missing, ...(snapshot === undefined ? {} : { snapshot }) };
}

/** The revision that a migration of Alembic says that it is: `revision = "…"` or `revision: str = "…"`, at the start of a line. */
function declaredRevision(text: string): readonly string[] {
  const found = /^revision(?:\s*:[^=\n]+)?\s*=\s*(?:"([^"\n]+)"|'([^'\n]+)')/m.exec(text);
  const revision = found?.[1] ?? found?.[2];
  return revision === undefined ? [] : [revision];
}
