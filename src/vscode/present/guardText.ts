import type { GuardedAction, GuardedLoss, GuardPlan } from '../../persistence/volumes/guardPlan';
import { formatBytes } from '../../protocol/format';
import type { Question } from './restoreText';
import { ageText } from './time';
import type { Clock, Translate } from './translate';
import { joinParts, volumeText } from './words';

/** Asks for something that destroys data: what exactly is lost, what stays, and what copy there is. */
export function guardQuestion(t: Translate, plan: GuardPlan, clock: Clock): Question {
  const { losses, containers, otherVolumes, action } = plan;
  const gone = losses.filter(({ fate }) => fate === 'lost');
  const orphaned = losses.filter(({ fate }) => fate === 'orphaned');
  const kept = losses.filter(({ fate }) => fate === 'kept');
  const sections = [
    section(
      t('Lost:'),
      gone.map((loss) => lossText(t, loss, plan)),
    ),
    section(
      t('Left in a volume without a name, which the next container does not get:'),
      orphaned.map((loss) => lossText(t, loss, plan)),
    ),
    section(
      t('Kept:'),
      kept.map((loss) => lossText(t, loss, plan)),
    ),
    section(t('Lost without a backup, since no database is known in it:'), otherVolumes),
    action === 'drop database' || containers.length === 0 ? [] : section(containersTitle(t, plan), [containers.join(', ')]),
    action === 'drop database' ? section(t('Ended:'), [t('all sessions that use it')]) : [],
    section(t('Copies:'), copiesText(t, plan, clock)),
  ];
  return {
    message: questionText(t, plan),
    detail: sections
      .filter((lines) => lines.length > 0)
      .map((lines) => lines.join('\n'))
      .join('\n\n'),
    button: buttonText(t, action),
  };
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [title, ...lines.map((line) => `• ${line}`)];
}

function questionText(t: Translate, { action, project, database, losses }: GuardPlan): string {
  const [first] = losses;
  switch (action) {
    case 'drop database':
      return t('Drop the database "{0}" of {1}?', database ?? '', project);
    case 'remove volume':
      return t('Remove the data of {0} in {1}?', first?.service ?? '', project);
    case 'down':
      return t('Take {0} down?', project);
    case 'down with volumes':
      return t('Take {0} down, with its volumes?', project);
    case 'reset':
      return t('Reset {0} to a fresh state?', project);
  }
}

function buttonText(t: Translate, action: GuardedAction): string {
  const texts: Readonly<Record<GuardedAction, string>> = {
    'drop database': t('Back up and drop'),
    'remove volume': t('Back up and remove'),
    down: t('Back up and take down'),
    'down with volumes': t('Back up and take down'),
    reset: t('Back up and reset'),
  };
  return texts[action];
}

function lossText(t: Translate, { service, volume, databases }: GuardedLoss, { action, database }: GuardPlan): string {
  const [only] = databases;
  if (action === 'drop database') return joinParts(`"${database ?? ''}"`, only === undefined ? undefined : formatBytes(only.sizeBytes));
  const what = volume === undefined ? service : joinParts(volume.name ?? volume.source ?? service, volumeText(t, volume));
  const content = databases.map(({ name, sizeBytes }) => `"${name}" (${formatBytes(sizeBytes)})`).join(', ');
  return content === '' ? what : t('{0}, with {1}', what, content);
}

function containersTitle(t: Translate, { action, losses }: GuardPlan): string {
  return action === 'remove volume' && losses[0]?.volume?.kind === 'bind' ? t('Stopped:') : t('Removed, to be made anew by Compose:');
}

function copiesText(t: Translate, plan: GuardPlan, clock: Clock): readonly string[] {
  const newest = plan.losses.flatMap(({ service, newestBackup }) => {
    if (newestBackup === undefined) return [t('There is no verified backup of {0} yet.', plan.database ?? service)];
    return [t('The newest verified backup of {0} was made {1}.', plan.database ?? service, ageText(t, newestBackup.finishedAt, clock))];
  });
  const quiet = plan.losses.some(({ backup }) => backup === 'quiet');
  const made = plan.losses.some(({ backup }) => backup === 'dump')
    ? t('It is backed up first, and the backup is read whole.')
    : quiet
      ? t('First everything is stopped and the data backed up, to the last row; the copy is booted and counted.')
      : t('The data are backed up first, while they are in use; the copy is booted and counted.');
  return [
    ...newest,
    made,
    quiet ? t('If that fails, nothing is removed, and what ran is started again.') : t('If that fails, nothing is removed.'),
    ...(plan.action === 'reset' ? [t('Afterwards the restore is offered.')] : []),
  ];
}

/** Asks for the name to be typed. */
export function typedPrompt(t: Translate, { production, typed }: GuardPlan): string {
  return t('This looks like production ({0}). Type {1} to go on.', production ?? '', typed ?? '');
}
