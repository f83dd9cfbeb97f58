import { readThresholds } from '../../health/thresholds';
import { worstState, type Health, type HealthState } from '../../health/model';
import type { Inventory, Project, Service } from '../../inventory/model';
import { findService } from '../../inventory/target';
import { Failure } from '../../protocol/failure';
import { choiceOption, folderOption, listOption, type CliCommand } from '../command';

/** How services are; the exit code tells scripts. */
export const healthCommand: CliCommand = {
  name: 'health',
  summary: 'tell how database services are, and why; ends with 0 when they are healthy, else with 1',
  argument: ['[target]', 'project/service, or any shorter form; left out, all services that were ever started'],
  options: [
    ['--fail-on <state>', 'end with 1 from which state on: degraded (the standard) or down'],
    ['--limit <name=number>', 'from when on something counts, such as backupAgeDays=3; 0 for never', 'repeated'],
    ['--url <service=address>', 'an address of a service that must answer', 'repeated'],
  ],
  run: async ({ app, argument, options, signal }) => {
    const failOn = choiceOption(options, 'failOn', ['degraded', 'down']) ?? 'degraded';
    const wishes = {
      thresholds: readThresholds(limits(listOption(options, 'limit'))),
      urls: pairs('--url', listOption(options, 'url')),
      ...folderOption(options),
    };
    const services = [];
    for (const { project, service } of meant(app.inventory.current, argument)) {
      services.push({ project: project.name, service: service.name, ...(await app.healths.of(project, service, wishes, signal)) });
    }
    const state = worstState(services.map((each) => each.state)) ?? 'unknown';
    const bad: readonly HealthState[] = failOn === 'down' ? ['down'] : ['down', 'degraded', 'unknown'];
    return { value: { state, services }, lines: services.flatMap(linesOf), incomplete: bad.includes(state) };
  },
};

function meant(inventory: Inventory, text: string): readonly { readonly project: Project; readonly service: Service }[] {
  if (text !== '') return [findService(inventory, text)];
  const all = inventory.projects.flatMap((project) => project.services.map((service) => ({ project, service })));
  const started = all.filter(({ service }) => service.state !== 'not created');
  if (started.length > 0) return started;
  throw new Failure('TARGET_NOT_FOUND', 'There is no database service.', 'Start one, or look at "list" for engines that do not answer.');
}

function linesOf({ project, service, state, reasons }: Health & { readonly project: string; readonly service: string }): readonly string[] {
  return [`${project}/${service}: ${state}`, ...reasons.flatMap(({ severity, message, remedy }) => [`  ${severity}: ${message}`, `    ${remedy}`])];
}

function limits(texts: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(pairs('--limit', texts)).map(([name, value]) => [name, Number(value)]));
}

function pairs(option: string, texts: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    texts.map((text) => {
      const [, name, value] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
      if (name === undefined || value === undefined) throw new Failure('USAGE', `${option} cannot be "${text}".`, 'Write it as name=value.');
      return [name, value];
    }),
  );
}
