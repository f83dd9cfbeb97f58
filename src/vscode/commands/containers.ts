import type { Engine } from '../../engine/engine';
import type { EndpointView, Inventory, Service, ServiceContainer } from '../../inventory/model';
import { Failure } from '../../protocol/failure';
import { findEnginePrograms } from '../../operations/findProgram';
import { engineProgram, type ProgramCall } from '../../operations/engineCommand';
import { translate as t } from '../translate';
import type { CommandContext } from './command';

/** The engine that has a service's container. Throws `SERVICE_NOT_CREATED`. */
export async function engineFor(context: CommandContext, service: Service): Promise<{ readonly engine: Engine; readonly container: ServiceContainer }> {
  const { inventory } = await context.app();
  const container = inventory.containerOf(service);
  return { engine: inventory.engineOf(container.endpointId), container };
}

/** The command line that talks to the engine of a service. Throws `CLI_MISSING`. */
export async function programFor(inventory: Inventory, endpointId: string | undefined): Promise<ProgramCall> {
  const endpoint = inventory.endpoints.find(({ id }) => id === endpointId);
  const call = endpoint === undefined ? undefined : engineProgram(endpoint, await findEnginePrograms());
  if (call === undefined) throw cliMissing(endpoint);
  return call;
}

export function cliMissing(endpoint: EndpointView | undefined): Failure {
  const name = endpoint?.engine ?? 'docker';
  return new Failure(
    'CLI_MISSING',
    t('The program "{0}" was not found on this host.', name),
    t('A terminal needs it. Install it, or add its folder to PATH and restart the editor.'),
  );
}
