import type { ComposeFile, ComposeService } from '../../../src/compose/composeModel';
import { composeOrigin } from '../../../src/compose/labels';
import type { ContainerSummary } from '../../../src/engine/containers';
import type { Engine } from '../../../src/engine/engine';
import type { Database, EndpointView, Inventory, Project, Service } from '../../../src/inventory/model';
import type { FoundService, PlacedContainer } from '../../../src/inventory/readEndpoint';
import type { WrittenProject } from '../../../src/inventory/composeProjects';

export function databaseOf(name: string, rest: Partial<Database> = {}): Database {
  return { name, owner: 'app', sizeBytes: 10_000_000, tables: 3, ...rest };
}

/** A running service with a container of the usual name. */
export function serviceOf(projectName: string, name: string, databases: readonly string[], rest: Partial<Service> = {}): Service {
  const containerName = `${projectName}-${name}-1`;
  return {
    id: `here|${projectName}|${name}`,
    name,
    projectName,
    state: 'running',
    container: {
      endpointId: 'here',
      id: `id-${containerName}`,
      name: containerName,
      image: 'postgres:17',
      imageId: 'sha256:1',
      startedAt: '2026-05-01T08:00:00Z',
    },
    postgres: { user: 'app', database: databases[0] ?? 'app', version: '17.2', major: 17 },
    databases: databases.map((each) => databaseOf(each)),
    undos: [],
    snapshots: [],
    hasScratch: false,
    dependents: [],
    ...rest,
  };
}

export function projectOf(name: string, services: readonly Service[], rest: Partial<Project> = {}): Project {
  return { id: `here|${name}`, name, endpointId: 'here', folder: `/work/${name}`, configFiles: [], inWorkspace: true, services, ...rest };
}

export function inventoryOf(...projects: readonly Project[]): Inventory {
  return { endpoints: [endpointOf('here')], projects };
}

export function endpointOf(id: string): EndpointView {
  return { id, name: id, source: 'socket', state: 'connected', engine: 'docker', version: '27.0' };
}

export interface ContainerParts {
  readonly dependsOn?: string;
  readonly folder?: string;
  readonly configFiles?: string;
  readonly state?: string;
}

/** A container as Compose labels it. */
export function summaryOf(
  project: string,
  service: string,
  { dependsOn = '', folder = `/work/${project}`, configFiles, state = 'running' }: ContainerParts = {},
): ContainerSummary {
  return {
    id: `id-${project}-${service}-1`,
    name: `${project}-${service}-1`,
    image: 'postgres:17',
    command: '',
    labels: {
      'com.docker.compose.project': project,
      'com.docker.compose.service': service,
      'com.docker.compose.depends_on': dependsOn,
      'com.docker.compose.project.working_dir': folder,
      'com.docker.compose.project.config_files': configFiles ?? `${folder}/compose.yml`,
    },
    state,
    status: '',
    ports: [],
    mountTargets: [],
  };
}

export function placedOf(summary: ContainerSummary): PlacedContainer {
  const origin = composeOrigin(summary.labels, summary.name);
  return { summary, origin, projectName: origin?.project ?? summary.name, serviceName: origin?.service ?? summary.name };
}

/** A Postgres service in a container, as an endpoint reports it. */
export function foundOf(endpointId: string, summary: ContainerSummary): FoundService {
  const placed = placedOf(summary);
  const service = { ...serviceOf(placed.projectName, placed.serviceName, ['app']), id: `${endpointId}|${placed.projectName}|${placed.serviceName}` };
  const server = { engine: {} as Engine, container: summary.id, user: 'app', maintenanceDatabase: 'postgres', port: 5432, password: { kind: 'none' } } as const;
  return { placed, service, server };
}

export function composeServiceOf(name: string, rest: Partial<ComposeService> = {}): ComposeService {
  return {
    name,
    environment: {},
    envFiles: [],
    volumes: [],
    ports: [],
    expose: [],
    dependsOn: [],
    profiles: [],
    hostNames: [name],
    replaces: [],
    range: { start: 0, end: 1, line: 0 },
    ...rest,
  };
}

export function writtenOf(name: string, services: readonly ComposeService[], folder = `/work/${name}`): WrittenProject {
  const file: ComposeFile = { services, volumes: [], includes: [], errors: [], unsetVariables: [] };
  return { name, folder, configFiles: [`${folder}/compose.yml`], file };
}
