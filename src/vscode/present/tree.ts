import { isDeepStrictEqual } from 'node:util';
import type { Backup } from '../../backup/catalogue';
import type { ScheduleState } from '../../backup/schedule/schedules';
import type { EndpointView, Inventory, Project, Service } from '../../inventory/model';
import { backupsNode } from './backupNodes';
import { databaseNodes } from './databaseNodes';
import type { Diagnosis } from '../../persistence/doctor/examine';
import type { SmokeReport } from '../../protocol/smokeReport';
import { tooltip } from './markdown';
import { serviceDescription, serviceIcon, serviceTooltip } from './service';
import type { Clock, Translate } from './translate';
import { colors, type TreeNode } from './treeNode';
import { volumeNode, type LastingFacts } from './volumeNode';
import { conditionText, joinParts } from './words';

/** All that the tree shows. */
export interface TreeFacts {
  readonly inventory: Inventory;
  /** By the project's id; absent where they have not been read yet. */
  readonly backups: ReadonlyMap<string, readonly Backup[]>;
  readonly schedules?: readonly ScheduleState[];
  /** The last persistence test, by the service's id. */
  readonly tested?: ReadonlyMap<string, SmokeReport>;
  /** What the doctor says, by the service's id. */
  readonly diagnosed?: ReadonlyMap<string, Diagnosis>;
}

/** What is known of one service beside the inventory. */
interface ServiceFacts {
  readonly backups: readonly Backup[];
  readonly schedules: readonly ScheduleState[];
  readonly lasting: LastingFacts;
}

/** The rows of the tree. Projects of the workspace come first, as in the inventory, and are open. */
export function treeNodes(t: Translate, { inventory, backups, schedules = [], tested, diagnosed }: TreeFacts, clock: Clock): readonly TreeNode[] {
  const lasting = ({ id }: Service): LastingFacts => ({ test: tested?.get(id), diagnosis: diagnosed?.get(id) });
  const projects = inventory.projects.map((project) => {
    const own = backups.get(project.id) ?? [];
    const [alone] = project.services;
    // A container that Compose did not make is its own project; one row says it.
    if (alone !== undefined && isNoProject(project)) return serviceNode(t, project, alone, { backups: own, schedules, lasting: lasting(alone) }, clock);
    return projectNode(t, project, inventory, { backups: own, schedules, lasting }, clock);
  });
  return [...projects, ...endpointNodes(t, inventory)];
}

/** Whether two states of the tree look the same. */
export function sameNodes(a: readonly TreeNode[], b: readonly TreeNode[]): boolean {
  return isDeepStrictEqual(a, b);
}

function isNoProject({ name, folder, configFiles, services }: Project): boolean {
  return folder === undefined && configFiles.length === 0 && services.length === 1 && services[0]?.name === name;
}

function projectNode(
  t: Translate,
  project: Project,
  inventory: Inventory,
  { backups, schedules, lasting }: Omit<ServiceFacts, 'lasting'> & { readonly lasting: (service: Service) => LastingFacts },
  clock: Clock,
): TreeNode {
  const endpoint = inventory.endpoints.find(({ id }) => id === project.endpointId);
  const several = inventory.endpoints.filter(({ state }) => state === 'connected').length > 1;
  const description = several && endpoint !== undefined ? endpoint.name : '';
  const { groups, others } = shareOut(project, backups);
  return {
    id: `project:${project.name}@${project.endpointId ?? ''}`,
    label: project.name,
    description,
    tooltip: tooltip(project.name, [
      [t('Folder'), project.folder],
      [t('Compose files'), project.configFiles.join(', ')],
      [t('Engine'), endpoint === undefined ? undefined : joinParts(endpoint.name, endpoint.version)],
    ]),
    icon: { id: 'layers' },
    context: 'project',
    spoken: joinSpoken(t('Project {0}', project.name), project.inWorkspace ? t('of this workspace') : undefined, description),
    open: project.inWorkspace,
    children: [
      ...project.services.map((service) =>
        serviceNode(t, project, service, { backups: groups.get(service.name) ?? [], schedules, lasting: lasting(service) }, clock),
      ),
      ...(others.length === 0 ? [] : [backupsNode(t, project, undefined, others, clock)]),
    ],
    subject: { kind: 'project', project },
  };
}

/** Backups by service; those of nobody known belong to the service where there is only one. */
function shareOut(
  project: Project,
  backups: readonly Backup[],
): { readonly groups: ReadonlyMap<string, readonly Backup[]>; readonly others: readonly Backup[] } {
  const [only, ...more] = project.services;
  const owner = ({ manifest }: Backup): string | undefined => {
    if (manifest !== undefined && project.services.some(({ name }) => name === manifest.service)) return manifest.service;
    return more.length === 0 ? only?.name : undefined;
  };
  const groups = new Map(project.services.map(({ name }) => [name, backups.filter((backup) => owner(backup) === name)] as const));
  return { groups, others: backups.filter((backup) => owner(backup) === undefined) };
}

function serviceNode(t: Translate, project: Project, service: Service, { backups, schedules, lasting }: ServiceFacts, clock: Clock): TreeNode {
  const volume = volumeNode(t, project, service, lasting, clock);
  return {
    id: `service:${project.name}/${service.name}@${project.endpointId ?? ''}`,
    label: service.name,
    description: serviceDescription(t, service),
    tooltip: serviceTooltip(t, service, clock),
    icon: serviceIcon(service),
    context: `service ${service.state === 'not created' ? 'notCreated' : service.state}`,
    spoken: joinSpoken(t('Service {0}', service.name), conditionText(t, service), serviceDescription(t, service)),
    open: project.inWorkspace,
    children: [
      ...databaseNodes(t, project, service, clock, schedules),
      ...(volume === undefined ? [] : [volume]),
      ...(service.state === 'not created' && backups.length === 0 ? [] : [backupsNode(t, project, service, backups, clock)]),
    ],
    subject: { kind: 'service', project, service },
  };
}

/** Endpoints that failed, where that is news: somebody named them, or there is no other. */
function endpointNodes(t: Translate, { endpoints, projects }: Inventory): readonly TreeNode[] {
  const connected = endpoints.some(({ state }) => state === 'connected');
  if (projects.length === 0 && !connected) return []; // the welcome text says it
  const failed = endpoints.filter(({ state, source }) => state === 'failed' && (!connected || source !== 'socket'));
  if (failed.length === 0 && !connected) return [noEngineNode(t)];
  return failed.map((endpoint) => endpointNode(t, endpoint));
}

function endpointNode(t: Translate, endpoint: EndpointView): TreeNode {
  const { problem } = endpoint;
  return {
    id: `endpoint:${endpoint.id}`,
    label: endpoint.name,
    description: t('does not answer'),
    tooltip: tooltip(endpoint.name, [], [problem?.message ?? t('It does not answer.'), problem?.remedy ?? '']),
    icon: { id: 'warning', color: colors.warning },
    context: 'endpoint failed',
    spoken: joinSpoken(t('Container engine {0}', endpoint.name), t('does not answer'), problem?.message),
    open: false,
    children: [],
    subject: { kind: 'endpoint', endpoint },
    command: 'containerDatabases.showProblem',
  };
}

function noEngineNode(t: Translate): TreeNode {
  const problem = {
    code: 'ENGINE_MISSING',
    message: t('No container engine was found.'),
    remedy: t('Install or start Docker or Podman, or name one in the setting "containerDatabases.endpoint".'),
  };
  return { ...endpointNode(t, { id: 'none', name: t('No container engine'), source: 'socket', state: 'failed', problem }), description: '' };
}

/** Parts as a screen reader says them. */
export function joinSpoken(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(', ');
}
