import { ThemeIcon } from 'vscode';
import { targetName } from '../../inventory/target';
import type { Revision } from '../../migrations/model';
import type { FoundMigrations } from '../../migrations/survey';
import { tools } from '../../migrations/tools/all';
import { Failure } from '../../protocol/failure';
import { pickOne } from '../picks';
import { migrationStatusText } from '../present/migrationText';
import type { Subject } from '../present/subject';
import { translate as t } from '../translate';
import type { CommandContext } from './command';

type MigrationsSubject = Subject & { readonly kind: 'migrations' };

/** What a command about migrations is about. */
interface MigrationsChosen extends Omit<MigrationsSubject, 'kind'> {
  /** The revision of the row, if it was one. */
  readonly revision?: Revision;
}

/** Whether a row is about migrations, or may have some. */
export function isAboutMigrations(subject: Subject | undefined): boolean {
  return subject === undefined || subject.kind === 'migrations' || subject.kind === 'migration' || subject.kind === 'database';
}

/** The migrations that a command is about, as they are now: the row's, or those that the user picks. Throws `MIGRATIONS_MISSING`. */
export async function targetMigrations(
  { migrations: { shelf } }: CommandContext,
  subject: Subject | undefined,
  title: string,
): Promise<MigrationsChosen | undefined> {
  await shelf.refresh();
  const all = (shelf.current?.databases ?? []).flatMap(({ target, migrations }) => migrations.map((found) => ({ ...target, found })));
  const fitting = all.filter((each) => fits(each, subject));
  if (fitting.length === 0)
    throw new Failure('MIGRATIONS_MISSING', t('There are no migrations for that.'), t('Open the folder that has their files, and start the database.'));
  const chosen = await pickOne(
    fitting.map((value) => ({
      label: value.database.name,
      description: `${tools[value.found.status.tool].label} · ${migrationStatusText(t, value.found.status)}`,
      detail: targetName(value),
      iconPath: new ThemeIcon('git-commit'),
      value,
    })),
    title,
  );
  if (chosen === undefined || subject?.kind !== 'migration') return chosen;
  const revision = chosen.found.status.revisions.find(({ id }) => id === subject.revision.id);
  return { ...chosen, ...(revision === undefined ? {} : { revision }) };
}

function fits(each: Omit<MigrationsSubject, 'kind'>, subject: Subject | undefined): boolean {
  if (subject === undefined || !('database' in subject)) return true;
  if (each.service.id !== subject.service.id || each.database.name !== subject.database.name) return false;
  return !('found' in subject) || isSame(each.found, subject.found);
}

function isSame(a: FoundMigrations, b: FoundMigrations): boolean {
  return a.status.tool === b.status.tool && a.status.folder === b.status.folder && a.status.table === b.status.table;
}
