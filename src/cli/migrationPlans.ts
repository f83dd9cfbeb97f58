import path from 'node:path';
import { findDatabase, targetName, type DatabaseTarget } from '../inventory/target';
import type { ToolPlan } from '../migrations/migrations';
import { toolIds, type MigrationStatus } from '../migrations/model';
import { isWithin } from '../migrations/owners';
import type { FoundMigrations, SurveyRequest } from '../migrations/survey';
import { Failure } from '../protocol/failure';
import { choiceOption, textOption, type CommandContext, type CommandOption } from './command';

export const choosing: readonly CommandOption[] = [
  ['--migrations <folder>', 'the folder of the migrations, where it is not clear or there are several'],
  ['--tool <tool>', 'the tool, where there are several'],
];
/** For what runs the tool. */
export const running: readonly CommandOption[] = [
  ...choosing,
  ['--where <place>', 'service, one-off or host; where the tool is found when left out'],
  ['--dry-run', 'print what would be run, and where, and do nothing'],
];

/** What the options say of where migrations are looked for. */
export function searching({ app, argument, options }: CommandContext): Pick<SurveyRequest, 'folders' | 'remembered'> {
  const folder = textOption(options, 'migrations');
  if (folder === undefined) return { folders: [process.cwd()] };
  const named = path.resolve(folder);
  const said = argument === '' ? [] : [targetName(findDatabase(app.inventory.current, argument))];
  return { folders: [process.cwd(), named], remembered: (location) => (isWithin(location, named) ? said : []) };
}

interface OnlyMigrations {
  readonly place: DatabaseTarget;
  readonly found: FoundMigrations;
}

/** The one set of migrations that a command is about. Throws `MIGRATIONS_AMBIGUOUS`. */
export async function only(context: CommandContext): Promise<OnlyMigrations> {
  const { app, argument, options, signal } = context;
  const place = findDatabase(app.inventory.current, argument);
  const { migrations } = await app.migrations.of(place, { ...searching(context), signal });
  const tool = choiceOption(options, 'tool', toolIds);
  const folder = textOption(options, 'migrations');
  const fitting = migrations.filter(
    (each) => (tool === undefined || each.status.tool === tool) && (folder === undefined || liesIn(each, path.resolve(folder))),
  );
  const [found, ...others] = fitting;
  if (found === undefined)
    throw new Failure(
      'MIGRATIONS_MISSING',
      `No such migrations were found for ${targetName(place)}.`,
      'Leave out --tool and --migrations to see what there is.',
    );
  if (others.length === 0) return { place, found };
  const names = fitting.map(({ status: each }) => `${each.tool} ${each.folder ?? each.table ?? ''}`.trim());
  throw new Failure('MIGRATIONS_AMBIGUOUS', `${targetName(place)} has several: ${names.join(', ')}.`, 'Choose one with --tool or --migrations.');
}

/** What would be done, step by step. */
export function describePlan({ text, place, action, isConnectionUnknown, target: database }: ToolPlan, backsUp: boolean): readonly string[] {
  const where =
    place.kind === 'host'
      ? `on this host, in ${place.directory}`
      : place.kind === 'service'
        ? `in the running service ${place.service}`
        : place.kind === 'one-off'
          ? `in a container like that of ${place.service}`
          : `in the database, each file noted in ${place.table.schema}.${place.table.name}`;
  return [
    ...(backsUp && action.kind !== 'merge' ? [`Back up ${targetName(database)}`] : []),
    `Run "${text}" ${where}`,
    ...(isConnectionUnknown ? ['Its connection cannot be read: whether it works on this database shows only afterwards'] : []),
  ];
}

/** Where a database stands, for JSON. */
export function positionOf({ current, heads, applied, pending }: MigrationStatus): unknown {
  return { current, heads, applied: applied.length, pending };
}

/** How far the options say to go. Throws `USAGE`. */
export function distanceOf({
  options,
}: CommandContext): { readonly kind: 'steps'; readonly steps: number } | { readonly kind: 'revision'; readonly revision: string } | undefined {
  const revision = textOption(options, 'to');
  const text = textOption(options, 'steps');
  if (revision !== undefined && text !== undefined) throw new Failure('USAGE', 'Both a revision and a count were given.', 'Leave out --to or --steps.');
  if (revision?.startsWith('-') === true) throw new Failure('USAGE', `"${revision}" is no revision.`, 'Write the revision as the history has it.');
  if (revision !== undefined) return { kind: 'revision', revision };
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new Failure('USAGE', `--steps cannot be "${text}".`, 'Write a number from 1.');
  return { kind: 'steps', steps: Number(text) };
}

export function liesIn({ source }: FoundMigrations, folder: string): boolean {
  return source !== undefined && [source.facts.root, ...source.facts.locations].some((each) => isWithin(each, folder) || isWithin(folder, each));
}
