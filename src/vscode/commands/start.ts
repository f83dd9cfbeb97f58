import { ThemeIcon } from 'vscode';
import type { EndpointView } from '../../inventory/model';
import { Failure } from '../../protocol/failure';
import { findEnginePrograms } from '../../operations/findProgram';
import { pickOne, type ServicePlace } from '../picks';
import { composeUp } from '../../operations/engineCommand';
import { runProgramTask } from '../programTask';
import { translate as t } from '../translate';
import type { Command, CommandContext } from './command';
import { cliMissing, engineFor } from './containers';
import { targetService } from './targets';

const startable = new Set(['stopped', 'paused', 'not created']);

export const start: Command = {
  id: 'containerDatabases.start',
  enabled: (subject) => subject === undefined || (subject.kind === 'service' && startable.has(subject.service.state)),
  async run(context, subject) {
    const place = await targetService(context, subject, ({ state }) => startable.has(state), t('Start which service?'));
    if (place === undefined) return undefined;
    const { name, state } = place.service;
    if (state === 'not created') return create(context, place);
    const { engine, container } = await engineFor(context, place.service);
    await context.wait(t('Starting {0}', name), () => (state === 'paused' ? engine.unpause(container.id) : engine.start(container.id)));
    await context.watch.refresh();
    return name;
  },
};

/** Has Compose create the service from its file, in a terminal that the user sees. */
async function create(context: CommandContext, { project, service }: ServicePlace): Promise<string | undefined> {
  const endpoint = await endpointFor(context, project.endpointId);
  if (endpoint === undefined || project.folder === undefined) return undefined;
  const { name, folder, configFiles } = project;
  const call = composeUp(endpoint, await findEnginePrograms(), { name, folder, configFiles }, service.name);
  if (call === undefined) throw cliMissing(endpoint);
  const code = await runProgramTask(t('Start {0}', service.name), call, folder);
  await context.watch.refresh();
  if (code === 0) return service.name;
  throw new Failure('COMPOSE_FAILED', t('Compose could not start {0}.', service.name), t('Its terminal says why.'));
}

/** The engine on which a project lives or is to live. Throws `ENGINE_MISSING`. */
async function endpointFor(context: CommandContext, endpointId: string | undefined): Promise<EndpointView | undefined> {
  const { endpoints } = await context.inventory();
  const connected = endpoints.filter(({ state }) => state === 'connected');
  const own = connected.find(({ id }) => id === endpointId);
  if (own !== undefined) return own;
  if (connected.length === 0) throw new Failure('ENGINE_MISSING', t('No container engine is running.'), t('Start Docker or Podman, then try again.'));
  const choices = connected.map((endpoint) => ({
    label: endpoint.name,
    description: endpoint.version ?? '',
    iconPath: new ThemeIcon('server'),
    value: endpoint,
  }));
  return pickOne(choices, t('Start it on which engine?'));
}
