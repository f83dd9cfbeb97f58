import { ThemeIcon, window } from 'vscode';
import type { Backup } from '../backup/catalogue';
import { databaseTargets, type ServiceTarget } from '../inventory/target';
import { Failure } from '../protocol/failure';
import type { OnConflict } from '../restore/facts';
import type { RestorePlan } from '../restore/plan';
import type { RestoreOptions } from '../restore/restores';
import { askFirst } from './askFirst';
import type { CommandContext } from './commands/command';
import { pickTarget } from './picks';
import { tableOptions } from './present/backupOptions';
import { restoreTargets } from './present/subject';
import { askStep } from './steps';
import { clock, translate as t } from './translate';

/** Where a restore goes, and what of it. */
export interface Destination {
  readonly target: ServiceTarget;
  readonly options: Pick<RestoreOptions, 'tables' | 'onConflict' | 'scope' | 'beside'>;
}

/** Asks where a backup is to go: over the database that it is of, into chosen tables of it, or elsewhere. */
export async function chooseDestination(context: CommandContext, target: ServiceTarget, backup: Backup): Promise<Destination | undefined> {
  const { databaseName, service, project } = target;
  const isThere = service.databases.some(({ name }) => name === databaseName);
  const canHaveTables = isThere && backup.manifest?.scope !== 'schema';
  const isPart = partOf(backup, target).scope !== undefined;
  const title = t('Restore into…');
  const chosen = await window.showQuickPick(
    [
      {
        label: !isThere
          ? t('Create "{0}"', databaseName)
          : isPart
            ? t('The tables that it has rows of, in "{0}"', databaseName)
            : t('Replace "{0}"', databaseName),
        description: !isThere || isPart ? '' : t('what it is now is kept for a day'),
        iconPath: new ThemeIcon('database'),
        value: 'same' as const,
      },
      ...(canHaveTables
        ? [
            {
              label: t('Chosen tables of "{0}"…', databaseName),
              description: t('everything else stays'),
              iconPath: new ThemeIcon('table'),
              value: 'tables' as const,
            },
          ]
        : []),
      { label: t('A new database…'), description: `${project.name}/${service.name}`, iconPath: new ThemeIcon('add'), value: 'new' as const },
      { label: t('Another database or service…'), description: '', iconPath: new ThemeIcon('server'), value: 'other' as const },
    ],
    { title, placeHolder: t('What this replaces is backed up first'), ignoreFocusOut: true },
  );
  switch (chosen?.value) {
    case undefined:
      return undefined;
    case 'same':
      return { target, options: partOf(backup, target) };
    case 'tables':
      return chooseTables(context, target);
    case 'new':
      return inNewDatabase(target);
    case 'other': {
      const other = await pickTarget(restoreTargets(await context.inventory()), title);
      return other === undefined ? undefined : { target: other, options: partOf(backup, other) };
    }
  }
}

/** What a backup of rows or tables alone is restored as, where there are tables: the question that follows names them. */
export function partOf({ manifest }: Backup, { service, databaseName }: ServiceTarget): Destination['options'] {
  const scope = manifest?.scope;
  const isThere = service.databases.some(({ name }) => name === databaseName);
  return isThere && (scope === 'data' || scope === 'tables') ? { scope } : {};
}

/** Asks for the name of a database that is made beside the others of a service; `proposal` stands there at first. */
export async function inNewDatabase(target: ServiceTarget, proposal = ''): Promise<Destination | undefined> {
  const taken = target.service.databases.map(({ name }) => name);
  const name = await window.showInputBox({
    title: t('Restore into a new database'),
    prompt: t('Its name'),
    value: proposal,
    ignoreFocusOut: true,
    validateInput: (text) => {
      if (taken.includes(text)) return t('There is a database of this name already.');
      return Buffer.byteLength(text) > 63 ? t('A name has at most 63 bytes.') : undefined;
    },
  });
  return name === undefined || name === '' ? undefined : { target: { ...target, databaseName: name }, options: { beside: true } };
}

async function chooseTables(context: CommandContext, target: ServiceTarget): Promise<Destination | undefined> {
  const database = databaseTargets(await context.inventory()).find(
    (each) => each.service.id === target.service.id && each.database.name === target.databaseName,
  );
  if (database === undefined) return undefined;
  const title = t('Restore tables of "{0}"', target.databaseName);
  const options = async (signal: AbortSignal): Promise<ReturnType<typeof tableOptions>> => {
    const { backups } = await context.app();
    return tableOptions(t, await backups.tables(database, signal), clock().language);
  };
  const place = { number: 1, of: 2 };
  const tables = await askStep({ title, place, placeholder: t('Which tables? Largest first'), options, several: t('Tick at least one table') });
  if (tables === undefined || tables === 'back') return undefined;
  const answer = await askStep({
    title,
    place: { number: 2, of: 2 },
    placeholder: t('What becomes of the rows that are there?'),
    options: async () => conflictOptions(),
  });
  if (answer === 'back') return chooseTables(context, target);
  const [onConflict] = answer ?? [];
  return onConflict === undefined ? undefined : { target, options: { tables, onConflict } };
}

const conflictOptions = (): readonly { readonly label: string; readonly detail: string; readonly value: OnConflict }[] => [
  { label: t('Replace'), detail: t('The tables hold what the backup has, and nothing else'), value: 'replace' },
  { label: t('Skip'), detail: t('Rows of the backup are added where their key is free'), value: 'skip' },
  { label: t('Append'), detail: t('All rows of the backup are added; a key that is taken refuses all of it'), value: 'append' },
];

/** Plans, and asks what a plan may need to be allowed. Undefined when the user does not want that. */
export async function planAsking<Options extends RestoreOptions>(
  options: Options,
  plan: (options: Options) => Promise<RestorePlan>,
): Promise<{ readonly plan: RestorePlan; readonly options: Options } | undefined> {
  try {
    return { plan: await plan(options), options };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const more = wayOut(error.code, options);
    if (more === undefined) throw error;
    const agreed = await askFirst({ message: error.message, detail: more.detail, button: more.button });
    return agreed ? planAsking({ ...options, ...more.options }, plan) : undefined;
  }
}

function wayOut(
  code: string,
  { withoutOwners, allowMetaCommands }: RestoreOptions,
): { readonly detail: string; readonly button: string; readonly options: RestoreOptions } | undefined {
  if (code === 'ROLE_MISSING' && withoutOwners !== true) {
    return {
      detail: t("Create the roles first; or let everything belong to the database's owner, without the privileges of others."),
      button: t('Go on without owners'),
      options: { withoutOwners: true },
    };
  }
  if (code === 'META_COMMANDS' && allowMetaCommands !== true) {
    return {
      detail: t('Such commands can run programs. Allow them only in a script that you trust; they run inside the container.'),
      button: t('Run them in the container'),
      options: { allowMetaCommands: true },
    };
  }
  return undefined;
}
