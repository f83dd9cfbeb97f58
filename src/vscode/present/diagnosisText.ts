import type { Check, Diagnosis, FoundCluster, WayBack } from '../../persistence/diagnose/diagnosis';
import { formatBytes } from '../../protocol/format';
import type { ReportStep, ReportView } from '../../protocol/reportView';
import { ageText } from './time';
import type { Clock, Translate } from './translate';

/** What the page of a diagnosis shows: what was looked at, what was found, and the ways back. The ids of actions are places in `waysBack`. */
export function diagnosisView(t: Translate, diagnosis: Diagnosis, clock: Clock): ReportView {
  const { project, service, checks, clusters, waysBack } = diagnosis;
  const others = clusters.filter(({ present }) => !present);
  return {
    heading: t('Where are the data of {0}?', service),
    subheading: `${project}/${service}`,
    verdict: verdictOf(t, diagnosis),
    facts: [],
    remarks: [],
    actions: [],
    actionsLabel: t('What can be done'),
    sections: [
      { title: t('What was looked at'), steps: checks.map((check) => checkStep(t, check)) },
      ...(others.length === 0 ? [] : [{ title: t('Other clusters, newest first'), steps: others.map((cluster) => clusterStep(t, cluster, clock)) }]),
      ...(waysBack.length === 0 ? [] : [{ title: t('Ways back'), steps: waysBack.map((way, index) => wayStep(t, way, index)) }]),
    ],
  };
}

function verdictOf(t: Translate, { checks, waysBack }: Diagnosis): ReportView['verdict'] {
  const bad = checks.filter(({ id, state }) => state === 'bad' && id !== 'backups');
  if (bad.length === 0) return { tone: 'good', word: t('Nothing is amiss'), sentence: t('The volume, the cluster and the database are there.') };
  if (waysBack.length === 0) return { tone: 'bad', word: t('Not found'), sentence: t('Neither another cluster nor a backup was found.') };
  return { tone: 'warning', word: t('There are ways back'), sentence: t('The best is the first. None of them changes what it was found in.') };
}

function checkStep(t: Translate, { state, message }: Check): ReportStep {
  const words: Readonly<Record<Check['state'], string>> = { good: t('good'), bad: t('bad'), unknown: t('nothing found') };
  const marks = { good: 'done', bad: 'failed', unknown: 'skipped' } as const;
  return { title: message, state: marks[state], word: words[state], time: '', evidence: [] };
}

function clusterStep(t: Translate, { volume, folder, major, changedAt, sizeBytes, databases, usedBy }: FoundCluster, clock: Clock): ReportStep {
  const names = databases?.map(({ name, sizeBytes: size }) => `${name} (${formatBytes(size)})`).join(', ');
  const evidence = [
    [t('volume'), folder === '' ? volume : `${volume}/${folder}`],
    [t('holds'), names],
    [t('used by'), usedBy.join(', ')],
  ] as const;
  return {
    title: t('Postgres {0}, {1}', major, formatBytes(sizeBytes)),
    state: 'done',
    word: ageText(t, new Date(changedAt), clock),
    time: '',
    evidence: evidence.flatMap(([name, value]) => (value === undefined || value === '' ? [] : [{ name, value }])),
  };
}

function wayStep(t: Translate, way: WayBack, index: number): ReportStep {
  const id = String(index);
  const plain = { state: 'open', word: '', time: '' } as const;
  if (way.kind === 'restoreBackup') {
    return { ...plain, title: way.message, evidence: [{ name: t('backup'), value: way.file }], action: { id, label: t('Restore…') } };
  }
  const evidence = way.steps.map((value, step) => ({ name: t('step {0}', step + 1), value }));
  return { ...plain, title: way.message, evidence, ...(way.fits ? { action: { id, label: t('Bring it into the service…') } } : {}) };
}
