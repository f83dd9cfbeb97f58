import type { MigrationStatus } from '../../migrations/model';
import type { Translate } from './translate';

/** Where a database stands, in a few words: `0019 · head`, `2 pending`, `unknown revision abc123: another branch?`. */
export function migrationStatusText(t: Translate, status: MigrationStatus): string {
  const { current, heads, pending, unknown, dirty, applied, problems, revisions } = status;
  const look = problems.some(({ code }) => ['checksum', 'skipped', 'locked', 'out-of-order'].includes(code)) ? [t('needs a look')] : [];
  const [stranger, ...strangers] = unknown;
  const parts = [
    ...dirty.slice(0, 1).map((id) => t('{0} failed half way', id)),
    ...(stranger === undefined
      ? []
      : strangers.length === 0
        ? [t('unknown revision {0}: another branch?', stranger)]
        : [t('{0} unknown revisions: another branch?', unknown.length)]),
    ...(heads.length > 1 ? [t('{0} heads', heads.length)] : []),
    ...(pending.length > 0
      ? [applied.length === 0 && unknown.length === 0 ? t('never migrated, {0} pending', pending.length) : t('{0} pending', pending.length)]
      : []),
    ...look,
  ];
  if (parts.length > 0) return parts.join(' · ');
  if (revisions.length === 0) return t('no files');
  return [...current, t('head')].join(' · ');
}

/** Whether nothing is left to do or to look at. */
export function isSettled({ pending, unknown, dirty, problems }: MigrationStatus): boolean {
  return pending.length === 0 && unknown.length === 0 && dirty.length === 0 && problems.length === 0;
}
