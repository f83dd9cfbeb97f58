import { Failure } from '../protocol/failure';
import type { Database, Inventory, Project, Service } from './model';

/** One database, with what it belongs to. */
export interface DatabaseTarget {
  readonly project: Project;
  readonly service: Service;
  readonly database: Database;
}

/** A service, and the name that a database of it has or is to have. */
export interface ServiceTarget {
  readonly project: Project;
  readonly service: Service;
  readonly databaseName: string;
}

/** `project/service/database`. */
export function targetName({ project, service, database }: DatabaseTarget): string {
  return `${project.name}/${service.name}/${database.name}`;
}

/** All databases that can be worked on. */
export function databaseTargets(inventory: Inventory): readonly DatabaseTarget[] {
  return inventory.projects.flatMap((project) => project.services.flatMap((service) => service.databases.map((database) => ({ project, service, database }))));
}

/**
 * The one database that a text means: `project/service/database` or any shorter form that fits only one. Names may
 * contain slashes themselves, so forms are compared whole. Throws `TARGET_NOT_FOUND` or `TARGET_AMBIGUOUS`.
 */
export function findDatabase(inventory: Inventory, text: string): DatabaseTarget {
  const targets = databaseTargets(inventory);
  const full = targets.filter((target) => targetName(target) === text);
  return onlyOne(full.length > 0 ? full : targets.filter((target) => shortForms(target).includes(text)), text, inventory);
}

/** The database that a text means; with `all`, all databases of the service that it means. */
export function databasesAt(inventory: Inventory, text: string, all: boolean): readonly DatabaseTarget[] {
  if (!all) return [findDatabase(inventory, text)];
  const { project, service } = findService(inventory, text);
  if (service.databases.length === 0) throw notFound(text, inventory);
  return service.databases.map((database) => ({ project, service, database }));
}

/**
 * Like `findDatabase`, but the database need not exist: `project/service/new`, `project/new` or `service/new` mean a
 * database to be made, where that fits only one service.
 */
export function findPlace(inventory: Inventory, text: string): ServiceTarget {
  const services = inventory.projects.flatMap((project) => project.services.map((service) => ({ project, service })));
  const declared = services.filter(({ project, service }) =>
    [`${project.name}/${service.name}/${service.postgres.database}`, project.name, `${project.name}/${service.name}`].includes(text),
  );
  const places = placesOf(services, text);
  try {
    const { project, service, database } = findDatabase(inventory, text);
    return { project, service, databaseName: database.name };
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'TARGET_NOT_FOUND') throw error;
    // The database that the service was made for may have been dropped; that is when it is restored.
    if (declared.length === 1 && declared[0] !== undefined) {
      return { ...declared[0], databaseName: declared[0].service.postgres.database };
    }
    if (places.length === 1 && places[0] !== undefined) return places[0];
    throw error;
  }
}

/** Where a new database may be meant to be. A misspelt service must not pass for a part of a name with slashes, so such a name is written in full. */
function placesOf(services: readonly Omit<ServiceTarget, 'databaseName'>[], text: string): readonly ServiceTarget[] {
  const under = (prefixes: (project: string, service: string) => readonly string[]): readonly ServiceTarget[] =>
    services.flatMap(({ project, service }) => {
      const prefix = prefixes(project.name, service.name).find((each) => text.startsWith(each));
      return prefix === undefined ? [] : [{ project, service, databaseName: text.slice(prefix.length) }];
    });
  const full = under((project, service) => [`${project}/${service}/`]);
  const short = under((project, service) => [`${project}/`, `${service}/`]).filter(({ databaseName }) => !databaseName.includes('/'));
  return (full.length > 0 ? full : short).filter(({ databaseName }) => databaseName !== '');
}

/** The one service that a text means, by the same rules. */
export function findService(inventory: Inventory, text: string): { readonly project: Project; readonly service: Service } {
  const services = inventory.projects.flatMap((project) => project.services.map((service) => ({ project, service })));
  const fitting = services.filter(({ project, service }) => serviceForms(project, service).includes(text));
  if (fitting.length === 1 && fitting[0] !== undefined) return fitting[0];
  if (fitting.length > 1)
    throw ambiguous(
      text,
      fitting.map(({ project, service }) => `${project.name}/${service.name}`),
    );
  const { project, service } = findDatabase(inventory, text);
  return { project, service };
}

function shortForms({ project, service, database }: DatabaseTarget): readonly string[] {
  const container = service.container?.name;
  return [
    ...serviceForms(project, service),
    database.name,
    `${project.name}/${database.name}`,
    `${service.name}/${database.name}`,
    ...(container === undefined ? [] : [`${container}/${database.name}`]),
  ];
}

function serviceForms(project: Project, service: Service): readonly string[] {
  const container = service.container?.name;
  return [`${project.name}/${service.name}`, project.name, service.name, ...(container === undefined ? [] : [container])];
}

function onlyOne(targets: readonly DatabaseTarget[], text: string, inventory: Inventory): DatabaseTarget {
  const [first, ...others] = targets;
  if (first === undefined) throw notFound(text, inventory);
  if (others.length > 0) throw ambiguous(text, targets.map(targetName));
  return first;
}

function ambiguous(text: string, names: readonly string[]): Failure {
  return new Failure(
    'TARGET_AMBIGUOUS',
    `"${text}" fits more than one: ${names.join(', ')}.`,
    'Write the target in full, as project/service/database; if two engines have it, choose one with --endpoint or the setting.',
  );
}

function notFound(text: string, inventory: Inventory): Failure {
  const [failed] = inventory.endpoints.filter(({ state }) => state === 'failed');
  if (inventory.projects.length === 0 && failed?.problem !== undefined) {
    return new Failure(failed.problem.code, failed.problem.message, failed.problem.remedy);
  }
  const fitting = inventory.projects.flatMap(({ services }) => services).filter((service) => serviceFormsOf(inventory, service).includes(text));
  const silent = fitting.find(({ databases, state, problem }) => databases.length === 0 && (state !== 'running' || problem !== undefined));
  if (silent !== undefined) {
    return new Failure(
      'SERVICE_NOT_RUNNING',
      `The databases of "${text}" cannot be reached: ${silent.problem?.message ?? `it is ${silent.state}`}`,
      silent.problem?.remedy ?? 'Start the service, then try again.',
    );
  }
  const names = databaseTargets(inventory).map(targetName);
  const known = names.length === 0 ? 'No database is running.' : `There are ${names.slice(0, 10).join(', ')}${names.length > 10 ? ', …' : ''}.`;
  return new Failure('TARGET_NOT_FOUND', `There is no database "${text}".`, known);
}

function serviceFormsOf(inventory: Inventory, service: Service): readonly string[] {
  return inventory.projects
    .filter(({ services }) => services.includes(service))
    .flatMap((project) => [...serviceForms(project, service), `${project.name}/${service.name}/${service.postgres.database}`, service.postgres.database]);
}
