import type { MigrationStatus } from '../model';
import type { Distance, MigrationAction } from './action';

/** What Alembic is told; undefined for what it cannot do. */
export function alembicArgs(action: MigrationAction, status: MigrationStatus): readonly string[] | undefined {
  switch (action.kind) {
    case 'upgrade':
      return ['upgrade', upgradeTarget(action.to, status)];
    case 'downgrade':
      return ['downgrade', downgradeTarget(action.to, status)];
    case 'preview':
      return action.direction === 'upgrade'
        ? ['upgrade', `${rangeStart(status)}${upgradeTarget(action.to, status)}`, '--sql']
        : downgradePreview(action.to, status);
    case 'revision':
      return ['revision', ...(action.autogenerate ? ['--autogenerate'] : []), '-m', action.message];
    case 'merge':
      return ['merge', '-m', action.message, 'heads'];
    case 'current':
      return ['current', '--verbose'];
    case 'history':
      return ['history', '--indicate-current'];
    case 'stamp':
      return ['stamp', action.revision];
  }
}

/** "head" is refused when there are several. */
function upgradeTarget(to: Distance, status: MigrationStatus): string {
  if (to.kind === 'steps') return `+${to.steps}`;
  if (to.kind === 'revision') return to.revision;
  return status.heads.length > 1 ? 'heads' : 'head';
}

function downgradeTarget(to: Distance, { current, revisions }: MigrationStatus): string {
  if (to.kind !== 'steps') return to.kind === 'revision' ? to.revision : 'base';
  // From a merge Alembic finds no single way back; to one of its parents means the merge alone, for the others stay.
  const parents = revisions.find(({ id }) => id === current[0])?.parents ?? [];
  return to.steps === 1 && current.length === 1 && parents.length > 1 && parents[0] !== undefined ? parents[0] : `-${to.steps}`;
}

/** Without a connection Alembic has to be told where it starts. */
function rangeStart({ current }: MigrationStatus): string {
  const [only, ...others] = current;
  return only === undefined || others.length > 0 ? '' : `${only}:`;
}

/** A downgrade's SQL needs both ends by name. */
function downgradePreview(to: Distance, status: MigrationStatus): readonly string[] | undefined {
  const [from, ...others] = status.current;
  if (from === undefined || others.length > 0) return undefined;
  const target = to.kind === 'steps' ? status.applied.at(-1 - to.steps) : to.kind === 'revision' ? to.revision : 'base';
  return ['downgrade', `${from}:${target ?? 'base'}`, '--sql'];
}
