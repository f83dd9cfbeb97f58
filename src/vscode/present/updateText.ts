import type { Changes, DowngradeTrial, Rehearsal } from '../../migrations/update/rehearse';
import { failureOfRehearsal } from '../../migrations/update/rehearse';
import type { UpdateProgress, UpdateStep } from '../../migrations/update/course';
import type { UpdateReport } from '../../migrations/update/updates';
import { formatCount, formatDuration } from '../../protocol/format';
import type { ReportStep, ReportView } from '../../protocol/reportView';
import type { Translate } from './translate';

/** Entries of a list that are shown; the text that is copied has no more either. */
const most = 20;

type Section = ReportView['sections'][number];

/** What the page of an update shows while it runs. */
export function updatingView(t: Translate, name: string, { steps, running }: UpdateProgress): ReportView {
  const usual = ['backup', 'rehearsal', 'migration', 'validation'] as const;
  const waiting = usual.filter((each) => each !== running && !steps.some((step) => step.name === each));
  const isFailing = steps.some(({ state }) => state === 'failed');
  const ahead = [
    ...(running === undefined ? [] : [aheadView(t, running, 'running')]),
    ...(isFailing ? [] : waiting.map((each) => aheadView(t, each, 'waiting'))),
  ];
  return {
    ...frame(t, t('Update of {0}', name)),
    verdict: { word: t('Updating…'), sentence: '' },
    sections: [{ title: t('Steps'), steps: [...steps.map((step) => stepView(t, step)), ...ahead] }],
  };
}

/** What it shows when the user stopped it, which can be done only before the database is touched. */
export function stoppedView(t: Translate, name: string, { steps }: UpdateProgress): ReportView {
  return {
    ...updatingView(t, name, { steps }),
    verdict: { tone: 'warning', word: t('Not touched'), sentence: t('The database is as it was.') },
    sections: [{ title: t('Steps'), steps: steps.map((step) => stepView(t, step)) }],
  };
}

/** What it shows afterwards. */
export function updatedView(t: Translate, name: string, report: UpdateReport): ReportView {
  const { steps, rehearsal, changes, backup, result, state } = report;
  const facts = [
    ...(backup === undefined ? [] : [{ name: t('Backup made before'), value: backup }]),
    ...(result === undefined ? [] : [{ name: t('Output of the tool'), value: result.log }]),
  ];
  const restore = state === 'failed' && backup !== undefined ? [{ id: 'restore', label: t('Restore the backup…') }] : [];
  return {
    ...frame(t, t('Update of {0}', name)),
    verdict: verdictOf(t, report),
    facts,
    sections: [
      { title: t('Steps'), steps: steps.map((step) => stepView(t, step)) },
      ...(rehearsal === undefined ? [] : rehearsalSections(t, rehearsal)),
      ...(changes === undefined ? [] : changeSection(t, t('What the update changed'), changes)),
    ],
    actions: [...restore, copyAction(t)],
  };
}

/** What a rehearsal showed that no update follows. */
export function rehearsalView(t: Translate, name: string, rehearsal: Rehearsal): ReportView {
  const failure = failureOfRehearsal(rehearsal);
  return {
    ...frame(t, t('Rehearsal for {0}', name)),
    subheading: t('{0} itself was only read.', name),
    verdict:
      failure === undefined
        ? { tone: 'good', word: t('Runs through'), sentence: t('The migrations run through on a copy.') }
        : { tone: 'bad', word: t('Fails'), sentence: `${failure.message} ${failure.remedy}` },
    sections: rehearsalSections(t, rehearsal),
    actions: [copyAction(t)],
  };
}

function frame(t: Translate, heading: string): Omit<ReportView, 'verdict' | 'sections'> {
  return { heading, subheading: '', facts: [], remarks: [], actions: [], actionsLabel: t('What can be done') };
}

function copyAction(t: Translate): ReportView['actions'][number] {
  return { id: 'copy', label: t('Copy as text') };
}

function verdictOf(t: Translate, { state, failure }: UpdateReport): ReportView['verdict'] {
  const why = failure === undefined ? '' : ` ${failure.message} ${failure.remedy}`;
  switch (state) {
    case 'updated':
      return { tone: 'good', word: t('Updated'), sentence: t('The migrations ran, and the database is sound.') };
    case 'not begun':
      return { tone: 'warning', word: t('Not touched'), sentence: `${t('The database is as it was.')}${why}` };
    case 'failed':
      return { tone: 'bad', word: t('Failed'), sentence: `${t('The database was changed.')}${why}` };
    case 'restored':
      return { tone: 'warning', word: t('Taken back'), sentence: `${t('The database is what it was before.')}${why}` };
  }
}

function stepView(t: Translate, { name, state, milliseconds, message }: UpdateStep): ReportStep {
  const evidence = message === '' ? [] : [{ name: '', value: message }];
  return { title: stepTitle(t, name), state, word: stateWord(t, state), time: formatDuration(milliseconds), evidence };
}

function aheadView(t: Translate, name: UpdateStep['name'], state: 'running' | 'waiting'): ReportStep {
  return { title: stepTitle(t, name), state, word: stateWord(t, state), time: '', evidence: [] };
}

function stepTitle(t: Translate, name: UpdateStep['name']): string {
  const titles: Readonly<Record<UpdateStep['name'], string>> = {
    backup: t('Back up'),
    rehearsal: t('Rehearse on a copy made of the backup'),
    downgrade: t('Try the way back on the copy'),
    migration: t('Run the migrations'),
    validation: t('Validate the database'),
    restart: t('Restart what uses it'),
    health: t('Compare its health with before'),
    restore: t('Restore the backup'),
  };
  return titles[name];
}

function stateWord(t: Translate, state: 'done' | 'skipped' | 'failed' | 'running' | 'waiting'): string {
  const words = { done: t('done'), skipped: t('skipped'), failed: t('failed'), running: t('running'), waiting: '' };
  return words[state];
}

function rehearsalSections(t: Translate, { milliseconds, statements, slowest, locks, changes, failedAt, downgrade }: Rehearsal): readonly Section[] {
  const count = statements === 1 ? t('1 statement') : t('{0} statements', formatCount(statements));
  const failed = failedAt === undefined ? [] : [entry(failedAt, { state: 'failed', word: t('fails') })];
  const times = slowest.map((each) => entry(each.sql, { time: formatDuration(each.milliseconds) }));
  const held = locks.slice(0, most).map(({ table, mode, milliseconds: each }) => entry(table, { word: mode, time: formatDuration(each) }));
  const more = locks.length > most ? [entry(t('… and {0} more', locks.length - most), {})] : [];
  return [
    { title: t('On the copy: {0} in {1}, the slowest first', count, formatDuration(milliseconds)), steps: [...failed, ...times] },
    ...(held.length === 0 ? [] : [{ title: t('Locks that were held, and for how long'), steps: [...held, ...more] }]),
    ...changeSection(t, t('What changed on the copy'), changes),
    ...(downgrade === undefined ? [] : [{ title: t('The way back, tried on the copy'), steps: [trialView(t, downgrade)] }]),
  ];
}

/** A way back that does not lead back is no failure of the upgrade: a backup is the way back that counts. */
function trialView(t: Translate, { state, milliseconds, differences, failure, failedAt }: DowngradeTrial): ReportStep {
  const titles = {
    works: t('The schema is again what it was'),
    differs: t('Not everything is what it was'),
    fails: t('It does not work'),
    'not written': t('It is not written'),
  };
  const why = [failedAt, failure?.message].filter((each) => each !== undefined);
  const lines = [...why, ...shortened(t, state === 'not written' ? [] : differences)];
  const evidence = lines.map((value) => ({ name: '', value }));
  return entry(titles[state], {
    state: state === 'works' ? 'done' : state === 'not written' ? 'skipped' : 'failed',
    time: formatDuration(milliseconds),
    evidence,
  });
}

function changeSection(t: Translate, title: string, { schema, rewritten, rows, broken }: Changes): readonly Section[] {
  const steps = [
    ...group(t('Not sound any more'), 'failed', shortened(t, broken)),
    ...group(t('Objects'), 'done', shortened(t, schema)),
    ...group(t('Tables written anew'), 'done', shortened(t, rewritten)),
    ...group(
      t('Rows'),
      'done',
      shortened(
        t,
        rows.map(({ table, before, after }) => `${table}: ${rowCount(t, before)} → ${rowCount(t, after)}`),
      ),
    ),
  ];
  return [{ title, steps: steps.length === 0 ? [entry(t('Nothing'), { state: 'skipped' })] : steps }];
}

/** A list as one step, each line of it beneath. */
function group(title: string, state: ReportStep['state'], lines: readonly string[]): readonly ReportStep[] {
  if (lines.length === 0) return [];
  return [entry(title, { state, evidence: lines.map((value) => ({ name: '', value })) })];
}

function entry(title: string, rest: Partial<ReportStep>): ReportStep {
  return { title, state: 'done', word: '', time: '', evidence: [], ...rest };
}

function shortened(t: Translate, lines: readonly string[]): readonly string[] {
  return lines.length <= most ? lines : [...lines.slice(0, most), t('… and {0} more', lines.length - most)];
}

function rowCount(t: Translate, rows: number | undefined): string {
  return rows === undefined ? t('none') : formatCount(rows);
}
