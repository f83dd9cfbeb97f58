import type { Check, Validation } from '../../migrations/schema/validate';
import { formatCount } from '../../protocol/format';
import type { ReportStep, ReportView } from '../../protocol/reportView';
import type { Translate } from './translate';

/** Findings of a check that are shown. */
const most = 50;

/** What the page of a validation shows: a verdict, each check with what it found, and what was counted. */
export function validationView(t: Translate, name: string, { checks, objects, rows }: Validation): ReportView {
  const kinds = Object.entries(objects).map(([kind, count]) => ({ name: kind, value: formatCount(count) }));
  const counted = rows === undefined ? [] : [{ name: t('rows'), value: rowsText(t, Object.values(rows)) }];
  return {
    heading: t('Validation of {0}', name),
    subheading: t('It was only read.'),
    verdict: verdictOf(t, checks),
    facts: [],
    remarks: [],
    actions: [{ id: 'copy', label: t('Copy as text') }],
    actionsLabel: t('What can be done'),
    sections: [
      { title: t('What was checked'), steps: checks.map((check) => checkStep(t, check)) },
      { title: t('What there is'), steps: [{ title: t('Counted'), state: 'done', word: '', time: '', evidence: [...counted, ...kinds] }] },
    ],
  };
}

function verdictOf(t: Translate, checks: readonly Check[]): ReportView['verdict'] {
  const count = (state: Check['state']): number => checks.filter((check) => check.state === state).length;
  if (count('bad') > 0) return { tone: 'bad', word: t('Not sound'), sentence: t('Checks that found something: {0}.', count('bad')) };
  if (count('unknown') > 0) return { tone: 'warning', word: t('Not known'), sentence: t('Checks that could not be made: {0}.', count('unknown')) };
  return { tone: 'good', word: t('Sound'), sentence: t('No check found anything that is broken.') };
}

function checkStep(t: Translate, { id, state, count, message, found, remedy }: Check): ReportStep {
  const marks = { good: 'done', note: 'open', bad: 'failed', unknown: 'skipped' } as const;
  const more = found.length > most ? [t('… and {0} more', found.length - most)] : [];
  const lines = [...found.slice(0, most), ...more, ...(remedy === undefined ? [] : [remedy])];
  return { title: message, state: marks[state], word: `${id} (${formatCount(count)})`, time: '', evidence: lines.map((value) => ({ name: '', value })) };
}

function rowsText(t: Translate, counts: readonly number[]): string {
  const all = counts.reduce((sum, each) => sum + each, 0);
  return t('{0} in {1} tables', formatCount(all), formatCount(counts.length));
}
