import { Failure } from '../../protocol/failure';
import type { Launch, Schedule } from './schedule';

/** What of this process goes into a launch. */
export interface LaunchHost {
  /** The program that runs this process: Node, or an editor that can act as Node. */
  readonly program: string;
  /** Our command line. */
  readonly script: string;
  readonly isElectron: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** An endpoint that was named in the settings or by an option. */
  readonly endpoint: string | undefined;
}

/** What decides which engine is found, and where state lies; a scheduler knows none of it. */
const carried = [
  'DOCKER_HOST',
  'DOCKER_CONTEXT',
  'DOCKER_CONFIG',
  'DOCKER_CERT_PATH',
  'DOCKER_TLS_VERIFY',
  'CONTAINER_HOST',
  'CONTAINER_CONNECTION',
  'COLIMA_HOME',
  'TMPDIR',
  'XDG_CONFIG_HOME',
  'XDG_DATA_HOME',
  'XDG_RUNTIME_DIR',
  'XDG_STATE_HOME',
  'CONTAINER_DATABASES_ENDPOINT',
  'CONTAINER_DATABASES_FOLDER',
  'CONTAINER_DATABASES_STATE',
] as const;

/** How a scheduler is to start the command line from here. Throws `SCHEDULE_SECRET` when a value holds a password. */
export function launchOf({ program, script, isElectron, env, endpoint }: LaunchHost): Launch {
  const named = endpoint === undefined || endpoint === '' ? {} : { CONTAINER_DATABASES_ENDPOINT: endpoint };
  const all = { ...Object.fromEntries(carried.map((name) => [name, env[name]])), ...named, ...(isElectron ? { ELECTRON_RUN_AS_NODE: '1' } : {}) };
  const environment = Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ''));
  for (const [name, value] of Object.entries(environment)) {
    if (!/:\/\/[^/@]*:[^/@]*@/.test(value)) continue;
    const remedy = 'Use an address without a password, or let the editor run the schedule.';
    throw new Failure('SCHEDULE_SECRET', `${name} holds a password, which would be written into the scheduler.`, remedy);
  }
  return { program, script, environment };
}

/** The command line of a schedule, word by word. */
export function launchWords({ program, script }: Launch, id: string): readonly string[] {
  return [program, script, 'schedule', 'run', id];
}

/** What a scheduler shows of a schedule: a database may be called anything, so only harmless signs remain. */
export function plainName({ project, service, database }: Pick<Schedule, 'project' | 'service' | 'database'>): string {
  return `${project}/${service}/${database}`.replace(/[^\w./@ -]/g, '?').slice(0, 150);
}
