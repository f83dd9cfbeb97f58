import path from 'node:path';
import { dependentsOf } from '../compose/dependents';
import type { EndpointView, Inventory, Project, Service } from './model';
import type { WrittenProject } from './composeProjects';
import type { EngineFindings, FoundService, PlacedContainer } from './readEndpoint';
import { recogniseComposeService } from './recogniseService';

/** What one endpoint answered. */
export interface EndpointAnswer {
  readonly view: EndpointView;
  /** Absent when it failed. */
  readonly findings?: EngineFindings;
}

/** Puts together what engines and Compose files tell. `folders` are those of the workspace. */
export function assembleInventory(answers: readonly EndpointAnswer[], written: readonly WrittenProject[], folders: readonly string[]): Inventory {
  const created = answers.flatMap(({ view, findings }) => (findings === undefined ? [] : createdProjects(view.id, findings, written, folders)));
  const known = new Set(created.map(({ name }) => name));
  const notCreated = written.flatMap((project) => (known.has(project.name) ? [] : notCreatedProject(project, folders)));
  const projects = [...created, ...mergeByName(notCreated)].toSorted(byWorkspaceThenName);
  return { endpoints: answers.map(({ view }) => view), projects };
}

function createdProjects(
  endpointId: string,
  { containers, services }: EngineFindings,
  written: readonly WrittenProject[],
  folders: readonly string[],
): readonly Project[] {
  const names = [...new Set(services.map(({ placed }) => placed.projectName))];
  return names.map((name) => {
    const own = services.filter(({ placed }) => placed.projectName === name);
    const siblings = containers.filter(({ projectName }) => projectName === name);
    const files = written.filter((project) => project.name === name);
    const origin = siblings.find((sibling) => sibling.origin?.workingDir !== undefined)?.origin ?? own[0]?.placed.origin;
    const folder = origin?.workingDir ?? files[0]?.folder;
    const missing = files
      .flatMap((project) => writtenServices(project, endpointId))
      .filter(({ name: service }) => !own.some((each) => each.service.name === service));
    const configFiles = origin !== undefined && origin.configFiles.length > 0 ? origin.configFiles : (files[0]?.configFiles ?? []);
    return {
      id: `${endpointId}|${name}`,
      name,
      endpointId,
      ...(folder === undefined ? {} : { folder }),
      configFiles,
      inWorkspace: folder !== undefined && isInWorkspace(folder, folders),
      services: [...own.map((found) => withDependents(found, siblings, files)), ...uniqueByName(missing)].toSorted(byName),
    };
  });
}

/** Who uses a service: by the labels of the containers, and by the files where the labels say nothing. */
function withDependents({ service, placed }: FoundService, siblings: readonly PlacedContainer[], files: readonly WrittenProject[]): Service {
  const links = siblings.map(({ serviceName, origin }) => {
    const inFile = files.flatMap(({ file }) => file.services).find(({ name }) => name === serviceName);
    const conditions = origin !== undefined && origin.dependsOn.length > 0 ? origin.dependsOn : (inFile?.dependsOn ?? []);
    return {
      name: serviceName,
      dependsOn: conditions.map(({ service: other }) => other),
      ...(inFile === undefined ? {} : { environment: inFile.environment }),
    };
  });
  const hostNames = files.flatMap(({ file }) => file.services).find(({ name }) => name === placed.serviceName)?.hostNames ?? [placed.serviceName];
  const { startOrder } = dependentsOf(placed.serviceName, links, hostNames);
  return { ...service, dependents: startOrder.map((dependent) => dependent.service) };
}

function notCreatedProject(project: WrittenProject, folders: readonly string[]): readonly Project[] {
  const services = writtenServices(project, '');
  if (services.length === 0) return [];
  const { name, folder, configFiles } = project;
  return [{ id: `|${name}`, name, folder, configFiles, inWorkspace: isInWorkspace(folder, folders), services }];
}

function writtenServices(project: WrittenProject, endpointId: string): readonly Service[] {
  return project.file.services.flatMap((service): readonly Service[] => {
    const recognition = recogniseComposeService(service);
    if (recognition.verdict !== 'server') return [];
    const { user, database } = recognition.identity;
    return [
      {
        id: `${endpointId}|${project.name}|${service.name}`,
        name: service.name,
        projectName: project.name,
        state: 'not created',
        postgres: { user, database },
        databases: [],
        undos: [],
        snapshots: [],
        hasScratch: false,
        dependents: [],
      },
    ];
  });
}

/** Several files of one folder may give the same project: their services are shown together. */
function mergeByName(projects: readonly Project[]): readonly Project[] {
  const merged = new Map<string, Project>();
  for (const project of projects) {
    const first = merged.get(project.name);
    const services = first === undefined ? project.services : uniqueByName([...first.services, ...project.services]);
    merged.set(project.name, { ...(first ?? project), services });
  }
  return [...merged.values()];
}

function uniqueByName(services: readonly Service[]): readonly Service[] {
  return [...new Map(services.toReversed().map((service) => [service.name, service])).values()].toReversed();
}

/** Whether a folder lies in the workspace, or the workspace in it. */
function isInWorkspace(folder: string, folders: readonly string[]): boolean {
  const within = (inner: string, outer: string): boolean => {
    const relative = path.relative(outer, inner);
    return relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
  };
  return folders.some((each) => within(folder, each) || within(each, folder));
}

function byWorkspaceThenName(a: Project, b: Project): number {
  return Number(b.inWorkspace) - Number(a.inWorkspace) || a.name.localeCompare(b.name);
}

function byName(a: Service, b: Service): number {
  return a.name.localeCompare(b.name);
}
