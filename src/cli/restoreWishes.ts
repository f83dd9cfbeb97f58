import { conflictChoices, restoreScopes, type RestoreWishes } from '../restore/facts';
import { choiceOption, listOption, textOption, type CommandOption } from './command';

/** What the command line may say of a restore, apart from what is restored and where. */
export const restoreWishOptions: readonly CommandOption[] = [
  ['--scope <part>', `what of it: ${restoreScopes.join(', ')}; as the backup has it when left out`],
  ['--table <name>', 'only the rows of this table, into the live database; may be given several times', 'repeated'],
  ['--on-conflict <what>', `of chosen tables, what becomes of rows that are there: ${conflictChoices.join(', ')} (default replace)`],
  ['--database <name>', 'of a file that holds several databases, the one that is meant'],
  ['--no-owner', "let everything belong to the database's owner, and leave privileges out"],
  ['--allow-meta-commands', 'run commands of psql that are in a script, inside the container'],
  ['--skip-safety-backup', 'for a database that can no longer be dumped; replaced as a whole it is kept as undo all the same'],
];

/** Reads them. Throws `USAGE`. */
export function restoreWishes(options: Readonly<Record<string, unknown>>): RestoreWishes {
  const scope = choiceOption(options, 'scope', restoreScopes);
  const tables = listOption(options, 'table');
  const onConflict = choiceOption(options, 'onConflict', conflictChoices);
  const fromName = textOption(options, 'database');
  return {
    ...(scope === undefined ? {} : { scope }),
    ...(tables.length === 0 ? {} : { tables }),
    ...(onConflict === undefined ? {} : { onConflict }),
    ...(fromName === undefined ? {} : { fromName }),
    withoutOwners: options['owner'] === false,
    allowMetaCommands: options['allowMetaCommands'] === true,
    skipSafetyBackup: options['skipSafetyBackup'] === true,
  };
}
