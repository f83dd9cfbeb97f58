import type { Service } from '../../inventory/model';
import { databaseTargets, type DatabaseTarget, type ServiceTarget } from '../../inventory/target';
import { Failure } from '../../protocol/failure';
import { pickService, pickTarget, type ServicePlace } from '../picks';
import { presentService, restoreTargets, serviceOf, type Subject } from '../present/subject';
import { translate as t } from '../translate';
import type { CommandContext } from './command';

/** The database that a command is about: the row's, the only one of the row's service, or the one that the user picks. */
export async function targetDatabase(context: CommandContext, subject: Subject | undefined, title: string): Promise<DatabaseTarget | undefined> {
  const inventory = await context.inventory();
  const service = presentOf(inventory, subject);
  const all = databaseTargets(inventory).filter((target) => service === undefined || target.service.id === service.id);
  const named = subject !== undefined && 'database' in subject ? all.filter(({ database }) => database.name === subject.database.name) : all;
  if (service !== undefined && named.length === 0) throw unreachable(service);
  const picked = await pickTarget(
    named.map(({ database, ...place }) => ({ ...place, databaseName: database.name })),
    title,
  );
  return named.find(({ service: each, database }) => each.id === picked?.service.id && database.name === picked.databaseName);
}

/** Where a restore goes: like `targetDatabase`, but the database may be missing. */
export async function targetPlace(context: CommandContext, subject: Subject | undefined, title: string): Promise<ServiceTarget | undefined> {
  const inventory = await context.inventory();
  const service = presentOf(inventory, subject);
  const name = subject?.kind === 'database' ? subject.database.name : subject?.kind === 'missing database' ? subject.databaseName : undefined;
  const all = restoreTargets(inventory).filter((target) => service === undefined || target.service.id === service.id);
  const named = name === undefined ? all : all.filter(({ databaseName }) => databaseName === name);
  if (service !== undefined && named.length === 0) throw unreachable(service);
  return pickTarget(named, title);
}

/** The service that a command is about. */
export async function targetService(
  context: CommandContext,
  subject: Subject | undefined,
  fits: (service: Service) => boolean,
  title: string,
): Promise<ServicePlace | undefined> {
  const inventory = await context.inventory();
  const service = serviceOf(subject);
  const present = service === undefined ? undefined : presentService(inventory, service);
  if (service !== undefined && present === undefined) throw serviceGone(service);
  return present ?? pickService(inventory, fits, title);
}

function presentOf(inventory: Awaited<ReturnType<CommandContext['inventory']>>, subject: Subject | undefined): Service | undefined {
  const service = serviceOf(subject);
  if (service === undefined) return undefined;
  const present = presentService(inventory, service)?.service;
  if (present === undefined) throw serviceGone(service);
  return present;
}

/** The failure of whoever looks for a service that was removed. */
export function serviceGone({ projectName, name }: Service): Failure {
  return new Failure('SERVICE_GONE', t('The service {0} is no longer there.', `${projectName}/${name}`), t('Refresh the view, and start it again if needed.'));
}

function unreachable({ projectName, name, problem }: Service): Failure {
  const message = t('The service {0} is not running.', `${projectName}/${name}`);
  return new Failure(problem?.code ?? 'SERVICE_NOT_RUNNING', problem?.message ?? message, problem?.remedy ?? t('Start it, then try again.'));
}
