import type { MigrationStatus } from './model';

/** Where a database stands, in a few words: `0019 · head`, `2 pending`, `unknown revision abc123: another branch?`. */
export function describeStatus(status: MigrationStatus): string {
  const { compared, revisions, current, heads, pending, unknown, dirty, applied, problems } = status;
  const headText = heads.length > 1 ? [`${heads.length} heads`] : [];
  if (!compared) return [`${revisions.length} revisions`, ...headText].join(' · ');
  const parts = [
    ...(dirty.length > 0 ? [`${dirty.join(', ')} failed half way`] : []),
    ...unknown.slice(0, 1).map((id) => `unknown revision ${id}: another branch?`),
    ...(unknown.length > 1 ? [`${unknown.length} unknown revisions`] : []),
    ...headText,
    ...(pending.length > 0 ? [applied.length === 0 ? `never migrated, ${pending.length} pending` : `${pending.length} pending`] : []),
  ];
  const notable = problems.some(({ code }) => code === 'checksum' || code === 'skipped' || code === 'locked' || code === 'out-of-order')
    ? ['needs a look']
    : [];
  if (parts.length > 0) return [...parts, ...notable].join(' · ');
  return [current.join(', ') || 'no revisions', ...(current.length > 0 ? ['head'] : []), ...notable].join(' · ');
}
