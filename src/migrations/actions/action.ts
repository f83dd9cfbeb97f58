import type { MigrationStatus } from '../model';

/** How far an upgrade or a downgrade goes. */
export type Distance = { readonly kind: 'all' } | { readonly kind: 'steps'; readonly steps: number } | { readonly kind: 'revision'; readonly revision: string };

/** What a tool can be asked to do. */
export type MigrationAction =
  | { readonly kind: 'upgrade'; readonly to: Distance }
  | { readonly kind: 'downgrade'; readonly to: Distance }
  /** The SQL of an upgrade or a downgrade, without running it. */
  | { readonly kind: 'preview'; readonly direction: 'upgrade' | 'downgrade'; readonly to: Distance }
  | { readonly kind: 'revision'; readonly message: string; readonly autogenerate: boolean }
  | { readonly kind: 'merge'; readonly message: string }
  | { readonly kind: 'current' }
  | { readonly kind: 'history' }
  /** Notes that the database is at a revision, without running anything. */
  | { readonly kind: 'stamp'; readonly revision: string };

/** Whether an action changes the database, so that it deserves a backup first. */
export function changesDatabase({ kind }: MigrationAction): boolean {
  return kind === 'upgrade' || kind === 'downgrade' || kind === 'stamp';
}

/** The migrations that an upgrade applies, in their order; none where the revision is not pending. */
export function pendingUpTo({ pending }: Pick<MigrationStatus, 'pending'>, to: Distance): readonly string[] {
  if (to.kind === 'all') return pending;
  return pending.slice(0, to.kind === 'steps' ? to.steps : pending.indexOf(to.revision) + 1);
}
