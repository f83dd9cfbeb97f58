import type { Inventory } from '../../inventory/model';
import { databaseTargets, type DatabaseTarget } from '../../inventory/target';
import { Failure } from '../../protocol/failure';
import { scheduleTarget, type Schedule } from './schedule';

/**
 * The database of a schedule, on the engine that it was on. Throws `SERVICE_NOT_RUNNING`, `TARGET_NOT_FOUND` or what
 * keeps the engine or service from being read. Another database, or one of that name on another engine, is never taken
 * for it: a backup of that would pass for what was wanted.
 */
export function scheduledTarget(inventory: Inventory, schedule: Schedule): DatabaseTarget {
  const named = databaseTargets(inventory).filter(
    ({ project, service, database }) => project.name === schedule.project && service.name === schedule.service && database.name === schedule.database,
  );
  const isThere = (endpoint: string | undefined): boolean => schedule.endpoint === undefined || endpoint === schedule.endpoint;
  const [target, ...others] = named.filter(({ service }) => isThere(service.container?.endpointId));
  if (target !== undefined && others.length === 0) return target;
  throw whyNot(inventory, schedule, named.length);
}

function whyNot(inventory: Inventory, schedule: Schedule, elsewhere: number): Failure {
  const name = scheduleTarget(schedule);
  const engine = inventory.endpoints.find(({ id, state }) => id === schedule.endpoint && state === 'failed')?.problem;
  if (engine !== undefined) return new Failure(engine.code, engine.message, engine.remedy);
  if (elsewhere > 0) {
    const remedy = 'Start that engine; or remove the schedule, and schedule the backups anew.';
    return new Failure('TARGET_NOT_FOUND', `"${name}" is not on the engine that it was on (${schedule.endpoint ?? 'unknown'}), but on another.`, remedy);
  }
  const services = inventory.projects.filter((project) => project.name === schedule.project).flatMap((project) => project.services);
  const service = services.find((each) => each.name === schedule.service);
  if (service?.problem !== undefined) return new Failure(service.problem.code, service.problem.message, service.problem.remedy);
  if (service !== undefined && service.state !== 'running') {
    return new Failure('SERVICE_NOT_RUNNING', `The service ${schedule.project}/${schedule.service} is ${service.state}.`, 'Start it, then run the schedule.');
  }
  return new Failure('TARGET_NOT_FOUND', `There is no database "${name}".`, 'Start its service, or remove the schedule if it is gone for good.');
}
