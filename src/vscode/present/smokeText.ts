import type { Service } from '../../inventory/model';
import { formatDuration } from '../../protocol/format';
import type { ReportStep, ReportView } from '../../protocol/reportView';
import type { SmokeEvidence, SmokeReport, SmokeStep, SmokeStepId } from '../../protocol/smokeReport';
import type { Question } from './restoreText';
import { ageText, fullMomentText } from './time';
import type { Clock, Translate } from './translate';
import { joinParts, volumeText } from './words';

/** What the page of a persistence test shows, while it runs and afterwards. */
export function smokeView(t: Translate, report: SmokeReport, clock: Clock): ReportView {
  const { project, service, startedAt, verdict } = report;
  return {
    heading: t('Persistence of {0}', `${project}/${service}`),
    subheading: joinParts(wayText(t, report), ageText(t, new Date(startedAt), clock)),
    verdict: verdictView(t, report),
    facts: factsOf(t, report).map(([name, value]) => ({ name, value })),
    sections: [{ title: t('Steps'), steps: report.steps.map((step) => stepView(t, step)) }],
    remarks: report.remarks,
    actions:
      verdict === undefined
        ? []
        : [
            { id: 'copy', label: t('Copy as Markdown') },
            { id: 'again', label: t('Test again…') },
          ],
    actionsLabel: t('What can be done'),
  };
}

/** The report as a text for an issue or a merge request. What comes from the engine stands in code spans. */
export function smokeMarkdown(t: Translate, report: SmokeReport, { language, now }: Clock): string {
  const { word, sentence } = verdictView(t, report);
  const tested = fullMomentText(new Date(report.startedAt), { language, now });
  const steps = report.steps.map((step) => stepView(t, step));
  return [
    `# ${t('Persistence of {0}', code(`${report.project}/${report.service}`))}: ${word}`,
    '',
    sentence,
    '',
    `- ${t('Tested')}: ${tested}, ${wayText(t, report)}`,
    ...factsOf(t, report).map(([name, value]) => `- ${name}: ${code(value)}`),
    ...report.remarks.map((remark) => `- ${remark.replace(/\s+/g, ' ')}`),
    '',
    `| ${t('Step')} | ${t('Result')} | ${t('Time')} |`,
    '| --- | --- | ---: |',
    ...steps.map(({ title, word: result, time }) => `| ${title} | ${result} | ${time} |`),
    '',
    ...steps.flatMap(({ title, evidence }) => evidence.map(({ name, value }) => `- ${title}, ${name}: ${code(value)}`)),
    '',
  ].join('\n');
}

/** Asks for a test of the service itself. */
export function realTestQuestion(t: Translate, place: string, dependents: readonly string[]): Question {
  const lines = [
    t('First a backup of the volume is made, booted and counted. If that fails, nothing is stopped.'),
    t('The container is restarted; then it is stopped, removed and made anew. Its data stay where they are.'),
    dependents.length === 0 ? t('Nothing else that runs uses it.') : t('Stopped meanwhile, and started again: {0}.', dependents.join(', ')),
    t('Whatever happens in between, a crash included, all is put back as it was.'),
  ];
  return { message: t('Test the persistence of {0} on the service itself?', place), detail: lines.map((line) => `• ${line}`).join('\n'), button: t('Test') };
}

/** The last test in a few words, for a row; undefined when it does not speak of how the data lie now. */
export function testedText(t: Translate, report: SmokeReport | undefined, service: Service): string | undefined {
  if (report === undefined || !isOfPresentVolume(report, service)) return undefined;
  if (report.verdict === 'persists') return t('persists');
  return report.verdict === 'lost' ? t('loses data') : undefined;
}

/** What the last test found, in a sentence; undefined when there was none that still counts. */
export function testedSentence(t: Translate, report: SmokeReport | undefined, service: Service, clock: Clock): string | undefined {
  if (report === undefined || !isOfPresentVolume(report, service)) return undefined;
  return t('Persistence test, {0}: {1}', ageText(t, new Date(report.startedAt), clock), verdictView(t, report).sentence);
}

/** A test speaks of the place that the data lay in then. */
function isOfPresentVolume({ volume: tested, dataDirectory }: SmokeReport, { volume }: Service): boolean {
  if (volume === undefined || volume.kind !== tested.kind || volume.dataDirectory !== dataDirectory) return false;
  return volume.kind !== 'named' && volume.kind !== 'bind' ? true : volume.name === tested.name && volume.source === tested.source;
}

function wayText(t: Translate, { way }: SmokeReport): string {
  return way === 'clone' ? t('on a clone; the service was not touched') : t('on the service itself');
}

function verdictView(t: Translate, { verdict, lostAt, problem }: SmokeReport): ReportView['verdict'] {
  if (verdict === undefined) return { word: t('Testing…'), sentence: '' };
  switch (verdict) {
    case 'persists':
      return { tone: 'good', word: t('Persistent'), sentence: t('The data outlived a restart, and a new container.') };
    case 'lost':
      return lostAt === 'restart'
        ? { tone: 'bad', word: t('Lost'), sentence: t('The data are gone once the container has stopped.') }
        : { tone: 'bad', word: t('Lost'), sentence: t('The data are gone with the container: after "down", a new image, or a changed Compose file.') };
    case 'failed':
      return { tone: 'warning', word: t('Not proven'), sentence: [problem?.message ?? '', problem?.remedy ?? ''].join(' ').trim() };
  }
}

function factsOf(t: Translate, { image, dataDirectory, volume }: SmokeReport): readonly (readonly [string, string])[] {
  const kinds = ['named', 'anonymous', 'bind', 'tmpfs', 'container layer'] as const;
  const kind = kinds.find((each) => each === volume.kind);
  const place = joinParts(kind === undefined ? undefined : volumeText(t, { kind, dataDirectory }), volume.name ?? volume.source);
  const mounted = volume.destination === undefined ? [] : [[t('Mounted at'), volume.destination] as const];
  return [[t('Image'), image], [t('Data directory'), dataDirectory], [t('Held by'), place], ...mounted];
}

function stepView(t: Translate, { id, state, milliseconds, evidence }: SmokeStep): ReportStep {
  const seen = evidence.map(({ kind, value }) => ({ name: evidenceName(t, kind), value }));
  return { title: stepTitle(t, id), state, word: stateWord(t, state), time: milliseconds === undefined ? '' : formatDuration(milliseconds), evidence: seen };
}

function stepTitle(t: Translate, id: SmokeStepId): string {
  const titles: Readonly<Record<SmokeStepId, string>> = {
    look: t('Look at the mounts'),
    backUp: t('Back up, and prove the backup'),
    copy: t('Copy the data'),
    start: t('Start a stand-in on the copy'),
    write: t('Write rows, a large object, a sequence and an index'),
    restart: t('Restart the container'),
    verifyRestart: t('Read them again after the restart'),
    recreate: t('Stop the container, remove it, make it anew'),
    verifyRecreate: t('Read them again in the new container'),
    cleanUp: t('Clean up'),
  };
  return titles[id];
}

function stateWord(t: Translate, state: SmokeStep['state']): string {
  const words: Readonly<Record<SmokeStep['state'], string>> = {
    waiting: t('to come'),
    running: t('running'),
    done: t('done'),
    failed: t('failed'),
    skipped: t('not reached'),
  };
  return words[state];
}

function evidenceName(t: Translate, kind: SmokeEvidence['kind']): string {
  const names: Readonly<Record<SmokeEvidence['kind'], string>> = {
    checksum: t('checksum'),
    container: t('container'),
    mount: t('mount'),
    database: t('database'),
    size: t('size'),
    backup: t('backup'),
    services: t('stopped'),
    content: t('data'),
    compose: t('Compose'),
  };
  return names[kind];
}

function code(text: string): string {
  return `\`${text.replaceAll('`', "'").replace(/\s+/g, ' ')}\``;
}
