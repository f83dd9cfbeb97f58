import type { ScheduleState } from '../../backup/schedule/schedules';
import type { Installation } from '../../backup/schedule/schedule';
import type { Project, Service } from '../../inventory/model';
import { formatBytes, formatDuration } from '../../protocol/format';
import { tooltip } from './markdown';
import { ageText, fullMomentText, momentText } from './time';
import type { Clock, Translate } from './translate';
import { colors, type TreeNode } from './treeNode';
import { joinParts } from './words';

/** The schedules of a service: by its name, and by its engine where both are known. */
export function serviceSchedules(project: Project, service: Service, schedules: readonly ScheduleState[]): readonly ScheduleState[] {
  const endpoint = service.container?.endpointId ?? project.endpointId;
  return schedules.filter(
    ({ schedule }) =>
      schedule.project === project.name &&
      schedule.service === service.name &&
      (schedule.endpoint === undefined || endpoint === undefined || schedule.endpoint === endpoint),
  );
}

/** What is wrong with a schedule, in two words; undefined when all is well. */
export function scheduleTrouble(t: Translate, { last, overdueSince }: ScheduleState): string | undefined {
  if (last?.result === 'failed') return t('backup failed');
  return overdueSince === undefined ? undefined : t('backup overdue');
}

/** Who runs a schedule. */
export function installationText(t: Translate, installed: Installation): string {
  const texts: Readonly<Record<Installation, string>> = {
    editor: t('while VS Code is open'),
    crontab: t('by your crontab'),
    systemd: t('by a systemd timer'),
  };
  return texts[installed];
}

/** The row of a schedule: when, the next run, the last. */
export function scheduleNode(t: Translate, project: Project, service: Service, state: ScheduleState, nameDatabase: boolean, clock: Clock): TreeNode {
  const { schedule, when, next, last } = state;
  const trouble = scheduleTrouble(t, state);
  const label = nameDatabase ? t('{0}: {1}', schedule.database, when) : when;
  const description = joinParts(next === undefined ? undefined : t('next {0}', futureText(t, next, clock)), lastText(t, state, clock));
  return {
    id: `schedule:${schedule.id}@${project.endpointId ?? ''}`,
    label,
    description,
    tooltip: tooltip(
      t('Scheduled backup of "{0}"', schedule.database),
      [
        [t('When'), joinParts(when, installationText(t, schedule.installed))],
        [t('Next'), next === undefined ? undefined : fullMomentText(next, clock)],
        [t('Last'), last === undefined ? t('not run yet') : fullMomentText(new Date(last.startedAt), clock)],
        [t('Took'), last === undefined ? undefined : formatDuration(last.milliseconds)],
        [t('Size'), last?.sizeBytes === undefined ? undefined : formatBytes(last.sizeBytes)],
        [t('Folder'), schedule.options.folder],
      ],
      troubleSentences(t, state, clock),
    ),
    icon: trouble === undefined ? { id: 'watch' } : { id: 'warning', color: colors.warning },
    context: 'schedule',
    spoken: [t('Schedule of {0}', schedule.database), when, trouble, description].filter((part) => part !== undefined && part !== '').join(', '),
    open: false,
    children: [],
    subject: { kind: 'schedule', project, service, schedule },
  };
}

function lastText(t: Translate, { last, overdueSince }: ScheduleState, clock: Clock): string {
  if (last === undefined) return overdueSince === undefined ? t('not run yet') : t('overdue');
  const age = ageText(t, new Date(last.startedAt), clock);
  if (last.result === 'failed') return t('failed {0}', age);
  const done = last.sizeBytes === undefined ? t('last {0}', age) : t('last {0}, {1}', formatBytes(last.sizeBytes), age);
  return overdueSince === undefined ? done : joinParts(t('overdue'), done);
}

function troubleSentences(t: Translate, { schedule, last, overdueSince }: ScheduleState, clock: Clock): readonly string[] {
  const failed = last?.result === 'failed' && last.failure !== undefined ? [t('The last run failed: {0}', last.failure.message), last.failure.remedy] : [];
  if (overdueSince === undefined) return failed;
  const late = t('It should have run {0}, {1}, and did not.', momentText(t, overdueSince, clock), installationText(t, schedule.installed));
  return [...failed, late, t('Look whether that scheduler runs, and change the schedule if not.')];
}

/** How long it is until a moment, as long as that is easier to grasp than a date: `in 5 min`, `in 5 h`, `tomorrow, 22:00`. */
function futureText(t: Translate, moment: Date, clock: Clock): string {
  const minutes = Math.ceil((moment.getTime() - clock.now.getTime()) / 60_000);
  if (minutes <= 1) return t('within a minute');
  if (minutes < 60) return t('in {0} min', minutes);
  return minutes < 18 * 60 ? t('in {0} h', Math.round(minutes / 60)) : momentText(t, moment, clock);
}
