import { findService } from '../../inventory/target';
import { formatDuration } from '../../protocol/format';
import type { SmokeReport } from '../../protocol/smokeReport';
import { confirmationMissing, folderOption, type CliCommand } from '../command';

/** Tests whether the data of a service outlives its container. */
export const smokeCommand: CliCommand = {
  name: 'smoke',
  summary: 'test whether data outlives a restart and a new container: on a clone, or on the service itself',
  argument: ['<target>', 'project/service, or any shorter form that fits only one'],
  options: [
    ['--real', 'test the service itself: it is backed up, restarted, removed and made anew, and what uses it is stopped meanwhile'],
    ['--yes', 'do that without asking'],
  ],
  run: async ({ app, terminal, signal, argument, options }) => {
    const place = findService(app.inventory.current, argument);
    const way = options['real'] === true ? 'real' : 'clone';
    if (way === 'real' && options['yes'] !== true) {
      const stopped = [place.service, ...(await app.smokeTests.planReal(place))].map(({ name }) => name);
      throw confirmationMissing(
        `These are stopped for the test and started again: ${stopped.join(', ')}. The container of ${place.service.name} is removed and made anew.`,
        'Add --yes to do it, or leave --real out to test a clone.',
      );
    }
    const report = await app.smokeTests.run(place, { way, ...folderOption(options) }, terminal.operation(signal));
    return { value: report, lines: linesOf(report), incomplete: report.verdict !== 'persists' };
  },
};

function linesOf(report: SmokeReport): readonly string[] {
  const steps = report.steps.flatMap(({ id, state, milliseconds, evidence }) => [
    `${id}: ${state}${milliseconds === undefined ? '' : ` (${formatDuration(milliseconds)})`}`,
    ...evidence.map(({ kind, value }) => `  ${kind}: ${value}`),
  ]);
  return [...steps, ...report.remarks, verdictLine(report)];
}

function verdictLine({ project, service, verdict, lostAt, problem }: SmokeReport): string {
  const name = `${project}/${service}`;
  if (verdict === 'persists') return `${name}: data outlives a restart and a new container.`;
  if (verdict === 'lost') return `${name}: data is lost ${lostAt === 'restart' ? 'when the container restarts' : 'when the container is made anew'}.`;
  return `${name}: the test could not be done: ${problem?.message ?? ''} ${problem?.remedy ?? ''}`;
}
