import { formatCount, formatDuration } from '../../protocol/format';
import { failureOfRehearsal, type Changes, type Rehearsal } from './rehearse';
import type { UpdateStep } from './course';
import type { UpdateReport } from './updates';

const verdicts: Readonly<Record<UpdateReport['state'], string>> = {
  updated: 'was updated',
  'not begun': 'was not touched',
  failed: 'was changed, and the update failed',
  restored: 'is again what it was before the update, which failed',
};

const signs: Readonly<Record<UpdateStep['state'], string>> = { done: '✓', skipped: '-', failed: '✗' };

/** Entries of a list that are shown. */
const most = 20;

/** A report, line by line, for people. */
export function updateLines(name: string, { state, steps, failure, rehearsal, changes, backup, result }: UpdateReport): readonly string[] {
  return [
    `${name} ${verdicts[state]}.`,
    '',
    ...steps.map((step) => `${signs[step.state]} ${step.name} (${formatDuration(step.milliseconds)}): ${step.message}`),
    ...(failure === undefined ? [] : ['', failure.message, failure.remedy]),
    ...(rehearsal === undefined ? [] : rehearsalLines(rehearsal)),
    ...(changes === undefined ? [] : changeLines('What the update changed', changes)),
    ...(backup === undefined ? [] : ['', `Backup made before: ${backup}`]),
    ...(result === undefined ? [] : [`Output: ${result.log}`]),
  ];
}

/** What a rehearsal showed that no update follows. */
export function rehearsalReport(name: string, rehearsal: Rehearsal): readonly string[] {
  const failure = failureOfRehearsal(rehearsal);
  return [
    failure === undefined ? `The migrations run through on a copy of ${name}.` : `The migrations fail on a copy of ${name}.`,
    `${name} itself was only read.`,
    ...(failure === undefined ? [] : ['', failure.message, failure.remedy]),
    ...rehearsalLines(rehearsal),
  ];
}

function rehearsalLines({ milliseconds, statements, slowest, locks, changes, failedAt, downgrade }: Rehearsal): readonly string[] {
  return [
    '',
    `Rehearsal: ${formatCount(statements)} ${statements === 1 ? 'statement' : 'statements'} in ${formatDuration(milliseconds)}`,
    ...(failedAt === undefined ? [] : [`  failed at: ${failedAt}`]),
    ...slowest.map(({ sql, milliseconds: each }) => `  ${formatDuration(each)}  ${sql}`),
    ...shown(
      locks.map(({ table, mode, milliseconds: each }) => `  ${formatDuration(each)}  ${mode} on ${table}`),
      'locks',
    ),
    ...changeLines('On the copy', changes),
    ...(downgrade === undefined || downgrade.differences.length === 0
      ? []
      : [
          '',
          'Taken back on the copy, this is not what it was:',
          ...(downgrade.failedAt === undefined ? [] : [`  failed at: ${downgrade.failedAt}`]),
          ...shown(
            downgrade.differences.map((each) => `  ${each}`),
            'objects',
          ),
        ]),
  ];
}

function changeLines(title: string, { schema, rewritten, rows, broken }: Changes): readonly string[] {
  const count = (value: number | undefined): string => (value === undefined ? 'none' : formatCount(value));
  const lines = [
    ...shown(
      schema.map((each) => `  ${each}`),
      'objects',
    ),
    ...(rewritten.length === 0 ? [] : [`  written anew: ${rewritten.join(', ')}`]),
    ...shown(
      rows.map(({ table, before, after }) => `  rows of ${table}: ${count(before)} → ${count(after)}`),
      'tables',
    ),
    ...shown(
      broken.map((each) => `  not sound: ${each}`),
      'findings',
    ),
  ];
  return ['', `${title}:`, ...(lines.length === 0 ? ['  nothing'] : lines)];
}

function shown(lines: readonly string[], what: string): readonly string[] {
  return lines.length <= most ? lines : [...lines.slice(0, most), `  and ${formatCount(lines.length - most)} more ${what}`];
}
