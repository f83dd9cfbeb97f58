import type { MigrationAction } from '../../migrations/actions/action';
import type { ToolPlan } from '../../migrations/migrations';
import { targetName } from '../../inventory/target';
import type { Translate } from './translate';

/** What is asked before a database is migrated. */
export interface MigrationQuestion {
  readonly message: string;
  readonly detail: string;
  /** The first backs up before. */
  readonly buttons: readonly [withBackup: string, without: string];
}

export function migrationQuestion(t: Translate, plan: ToolPlan): MigrationQuestion {
  const { action, target, text, isConnectionUnknown } = plan;
  const name = target.database.name;
  const lines = [
    t('"{0}" is run {1}.', text, placeText(t, plan)),
    ...warningOf(t, action),
    ...(isConnectionUnknown ? [t('How it connects cannot be read: whether it works on {0} shows only afterwards.', targetName(target))] : []),
  ];
  return { message: messageOf(t, action, name), detail: lines.join('\n\n'), buttons: buttonsOf(t, action) };
}

function messageOf(t: Translate, action: MigrationAction, name: string): string {
  if (action.kind === 'stamp') return t('Mark "{0}" as being at {1}?', name, action.revision);
  if (action.kind !== 'downgrade' && action.kind !== 'upgrade') return name;
  const { to, kind } = action;
  if (kind === 'upgrade') {
    if (to.kind === 'all') return t('Apply everything pending to "{0}"?', name);
    return to.kind === 'steps' ? t('Apply the next {0} to "{1}"?', to.steps, name) : t('Upgrade "{0}" to {1}?', name, to.revision);
  }
  if (to.kind === 'all') return t('Undo all migrations of "{0}"?', name);
  return to.kind === 'steps' ? t('Undo the last {0} of "{1}"?', to.steps, name) : t('Downgrade "{0}" to {1}?', name, to.revision);
}

function warningOf(t: Translate, { kind }: MigrationAction): readonly string[] {
  if (kind === 'downgrade') return [t('What the undone migrations added is removed, with the data in it.')];
  if (kind === 'stamp')
    return [t('Nothing is run: the version table is changed, and the tool takes the schema for what it says. Do it only when the schema really is so.')];
  return [];
}

function buttonsOf(t: Translate, { kind }: MigrationAction): readonly [string, string] {
  if (kind === 'downgrade') return [t('Back up and downgrade'), t('Downgrade without backup')];
  if (kind === 'stamp') return [t('Back up and stamp'), t('Stamp without backup')];
  return [t('Back up and upgrade'), t('Upgrade without backup')];
}

/** Where a tool is run. */
export function placeText(t: Translate, { place }: ToolPlan): string {
  if (place.kind === 'host') return t('on this host, in {0}', place.directory);
  if (place.kind === 'server') return t('in the database, each file noted in {0}', `${place.table.schema}.${place.table.name}`);
  return place.kind === 'service' ? t('in the running service {0}', place.service) : t('in a container like that of the service {0}', place.service);
}
