import { commands, env, window } from 'vscode';
import type { Service } from '../../inventory/model';
import type { SmokeReport, SmokeWay } from '../../protocol/smokeReport';
import { Failure } from '../../protocol/failure';
import { askFirst } from '../askFirst';
import { pickOne, type ServicePlace } from '../picks';
import { realTestQuestion, smokeMarkdown, smokeView } from '../present/smokeText';
import type { ShownReport } from '../report/panels';
import { clock, translate as t } from '../translate';
import type { Command, CommandContext } from './command';
import { targetService } from './targets';

const isTestable = ({ container, state }: Service): boolean => container !== undefined && (state === 'running' || state === 'stopped');

export const testPersistence: Command = {
  id: 'containerDatabases.testPersistence',
  enabled: (subject) => subject === undefined || subject.kind === 'service' || subject.kind === 'volume',
  async run(context, subject) {
    const place = await targetService(context, subject, isTestable, t('Test the persistence of which service?'));
    if (place === undefined) return undefined;
    if (!isTestable(place.service)) {
      throw new Failure('SERVICE_NOT_READY', t('{0} can be tested when it runs, or is stopped.', place.service.name), t('Start it, then try again.'));
    }
    const way = await chooseWay(place);
    if (way === undefined || (way === 'real' && !(await askForReal(context, place)))) return undefined;
    return test(context, place, way);
  },
};

export const showPersistenceReport: Command = {
  id: 'containerDatabases.showPersistenceReport',
  enabled: (subject) => subject === undefined || subject.kind === 'service' || subject.kind === 'volume',
  async run(context, subject) {
    const place = await targetService(context, subject, ({ container }) => container !== undefined, t('Show the persistence test of which service?'));
    if (place === undefined) return undefined;
    const { smokeTests } = await context.app();
    const report = await smokeTests.last(place);
    if (report === undefined) {
      throw new Failure('SMOKE_MISSING', t('The persistence of {0} was not tested yet.', place.service.name), t('"Test persistence…" does it.'));
    }
    context.reports.show(keyOf(place), shownReport(place, report));
    return report;
  },
};

/** The service itself is offered only where nothing can be lost by it. */
async function chooseWay({ service }: ServicePlace): Promise<SmokeWay | undefined> {
  const kind = service.volume?.kind;
  const real = service.state === 'running' && (kind === 'named' || kind === 'bind');
  return pickOne<SmokeWay>(
    [
      { label: t('On a clone'), description: t('a copy in a throwaway container; nothing is stopped'), value: 'clone' },
      ...(real ? [{ label: t('On the service itself…'), description: t('backed up, restarted, removed and made anew'), value: 'real' as const }] : []),
    ],
    t('Test the persistence of {0}', service.name),
  );
}

async function askForReal(context: CommandContext, place: ServicePlace): Promise<boolean> {
  const { smokeTests } = await context.app();
  const dependents = await context.wait(t('Looking at what uses {0}', place.service.name), () => smokeTests.planReal(place));
  return askFirst(
    realTestQuestion(
      t,
      `${place.project.name}/${place.service.name}`,
      dependents.map(({ name }) => name),
    ),
  );
}

/** Follows the test in the report, and has the row tell of it afterwards. */
async function test(context: CommandContext, place: ServicePlace, way: SmokeWay): Promise<SmokeReport> {
  const { smokeTests } = await context.app();
  let shown = false;
  const onReport = (report: SmokeReport): void => {
    if (shown) return context.reports.update(keyOf(place), shownReport(place, report));
    shown = true;
    context.reports.show(keyOf(place), shownReport(place, report));
  };
  try {
    return await context.operation(t('Testing the persistence of {0}', place.service.name), (operation) => smokeTests.run(place, { way, onReport }, operation));
  } finally {
    await context.smokeResults.follow(await context.inventory());
    if (way === 'real') await Promise.all([context.watch.refresh(), context.shelf.refresh()]);
  }
}

function keyOf({ service }: ServicePlace): string {
  return `smoke ${service.id}`;
}

function shownReport(place: ServicePlace, report: SmokeReport): ShownReport {
  return { view: smokeView(t, report, clock()), act: (action) => act(action, place, report) };
}

async function act(action: string, place: ServicePlace, report: SmokeReport): Promise<void> {
  if (action === 'again') await commands.executeCommand(testPersistence.id, { subject: { kind: 'volume', ...place } });
  if (action !== 'copy') return;
  await env.clipboard.writeText(smokeMarkdown(t, report, clock()));
  void window.showInformationMessage(t('The report was copied as Markdown.'));
}
