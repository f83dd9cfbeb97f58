import { findService } from '../../inventory/target';
import type { Diagnosis, FoundCluster, WayBack } from '../../persistence/diagnose/diagnosis';
import { formatBytes } from '../../protocol/format';
import { textOption, type CliCommand } from '../command';

/** Looks for data that seems to be gone. */
export const diagnoseCommand: CliCommand = {
  name: 'diagnose',
  summary: 'when data disappeared: look where it may be, in other volumes and in backups, and how it comes back',
  argument: ['<target>', 'project/service, or any shorter form that fits only one'],
  options: [],
  run: async ({ app, terminal, signal, argument, options }) => {
    const diagnosis = await app.diagnoses.run(findService(app.inventory.current, argument), terminal.operation(signal), textOption(options, 'folder'));
    return { value: diagnosis, lines: linesOf(diagnosis) };
  },
};

function linesOf({ project, service, checks, clusters, waysBack }: Diagnosis): readonly string[] {
  const ways = waysBack.length === 0 ? ['There is no way back that could be found.'] : waysBack.flatMap((way) => wayLines(way, `${project}/${service}`));
  return [...checks.map(({ id, state, message }) => `${id}: ${state}. ${message}`), ...clusters.map(clusterLine), ...ways];
}

function clusterLine({ volume, folder, major, changedAt, sizeBytes, databases, present }: FoundCluster): string {
  const names = databases === undefined ? '' : `: ${databases.map((each) => `${each.name} (${formatBytes(each.sizeBytes)})`).join(', ')}`;
  return `${volume}${folder === '' ? '' : `/${folder}`}, Postgres ${major}, ${formatBytes(sizeBytes)}, ${changedAt}${present ? ', in use by the service' : ''}${names}`;
}

function wayLines(way: WayBack, target: string): readonly string[] {
  if (way.kind === 'useVolume') return [way.message, ...way.steps.map((step) => `  ${step}`)];
  return [way.message, `  container-databases restore ${target} --file ${way.file} --yes`];
}
