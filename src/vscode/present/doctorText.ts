import type { Diagnosis } from '../../persistence/doctor/examine';
import type { Verdict } from '../../persistence/doctor/survival';
import type { Translate } from './translate';

/** The verdict, as the beginning of a sentence of its own. */
export function verdictWord(t: Translate, verdict: Verdict): string {
  const words: Readonly<Record<Verdict, string>> = {
    persistent: t('Persistent.'),
    'at-risk': t('At risk.'),
    lost: t('Lost with the container.'),
    unknown: t('Not known.'),
  };
  return words[verdict];
}

/** What the row of a volume says of it; undefined where there is nothing to fear. */
export function verdictText(t: Translate, { verdict }: Diagnosis): string | undefined {
  return verdict === 'at-risk' ? t('at risk') : verdict === 'lost' ? t('lost with the container') : undefined;
}

/** The verdict with its first reason. */
export function verdictSentence(t: Translate, { verdict, findings }: Diagnosis): string {
  const reason = findings.find(({ severity }) => severity === 'danger' || severity === 'unsure');
  return t('Doctor: {0}', reason === undefined ? verdictWord(t, verdict) : `${verdictWord(t, verdict)} ${reason.message}`);
}
