import type { Diagnosis } from '../../persistence/doctor/examine';
import type { Finding } from '../../persistence/doctor/finding';
import { events, type Verdict } from '../../persistence/doctor/survival';
import type { OverviewSection, Tone } from '../../protocol/overview';
import { verdictWord } from './doctorText';
import { facts, link, section } from './overviewParts';
import type { Translate } from './translate';

/** Whether the data of a service survive, why, and what. */
export function persistenceSection(t: Translate, { verdict, findings, survives }: Diagnosis): OverviewSection {
  const [first, ...others] = findings;
  const tones: Readonly<Record<Verdict, Tone>> = { persistent: 'good', 'at-risk': 'warning', lost: 'bad', unknown: 'warning' };
  const fate = (survived: boolean | null): string => (survived === null ? t('not known') : survived ? t('still there') : t('gone'));
  return section('persistence', t('Persistence'), {
    verdict: { tone: tones[verdict], word: verdictWord(t, verdict), ...(first === undefined ? {} : { sentence: first.message }) },
    facts: facts(others.map((finding) => [kindText(t, finding), finding.message])),
    table: { columns: [{ title: t('After') }, { title: t('the data are') }], rows: events.map((event) => [event, fate(survives[event])]) },
    links: [link('containerDatabases.testPersistence', t('Test…')), link('containerDatabases.diagnoseData', t('Find lost data'))],
  });
}

function kindText(t: Translate, { severity }: Finding): string {
  const words: Readonly<Record<Finding['severity'], string>> = { danger: t('Danger'), unsure: t('Unsure'), advice: t('Advice'), good: t('Good') };
  return words[severity];
}
