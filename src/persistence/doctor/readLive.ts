import * as z from 'zod';
import type { ComposeMount, ComposePort, ComposeService, ComposeVolume } from '../../compose/composeModel';
import { composeOrigin, composeResource } from '../../compose/labels';
import { readEnvironment } from '../../engine/containers';
import type { Engine } from '../../engine/engine';
import { inspectWhole, type ContainerConfiguration } from '../../engine/recreate';
import { inspectVolume, listVolumes } from '../../engine/volumes';
import type { Service } from '../../inventory/model';
import { inspectAll, usersIn } from '../../operations/volumeUsers';
import type { PostgresServer } from '../../postgres/server';
import { messageOf } from '../../protocol/failure';
import type { LiveFacts } from './liveFacts';
import { readInside } from './readInside';

/** A container is in no text. */
const nowhere = { start: 0, end: 0, line: 0 };
const unnamed = /^[0-9a-f]{64}$/;

/** Looks at a service and writes to nothing. Throws `CONTAINER_GONE`, `CANCELLED`. */
export async function readLive(service: Service, server: PostgresServer, signal: AbortSignal): Promise<LiveFacts> {
  const { engine, container, port } = server;
  const configuration = await inspectWhole(engine, container);
  const { inside, unread } = await askInside(service, server, signal);
  const dataDirectory = inside?.dataDirectory ?? service.volume?.dataDirectory ?? '';
  const containers = await inspectAll(engine);
  const holder = service.volume?.name ?? service.volume?.source;
  const used = new Set(containers.flatMap(({ mounts }) => mounts.flatMap(({ name }) => name ?? [])));
  const listed = await listVolumes(engine);
  const imageVolumes = await engine.imageVolumes(configuration.Image, signal);
  return {
    service: service.name,
    written: writtenOf(service.name, configuration, imageVolumes),
    volumes: await volumesOf(engine, configuration),
    imageVolumes,
    dataDirectory,
    port,
    vanishes: configuration.HostConfig['AutoRemove'] === true,
    sharers:
      holder === undefined
        ? []
        : usersIn(containers, holder).flatMap(({ id, name, running, readOnly }) => (id !== configuration.Id && running && !readOnly ? [name] : [])),
    leftBehind: listed.filter(({ name }) => unnamed.test(name) && !used.has(name)).length,
    ...(inside === undefined ? {} : { inside: inside.facts }),
    ...(unread === undefined ? {} : { unread }),
  };
}

interface Asked {
  readonly inside?: Awaited<ReturnType<typeof readInside>>;
  readonly unread?: string;
}

/** A server that cannot be asked hides nothing of what its container tells. */
async function askInside({ state, problem }: Service, server: PostgresServer, signal: AbortSignal): Promise<Asked> {
  if (state !== 'running') return {};
  if (problem !== undefined) return { unread: problem.message };
  try {
    return { inside: await readInside(server, signal) };
  } catch (error) {
    if (signal.aborted) throw error;
    return { unread: messageOf(error) };
  }
}

const hostSchema = z.looseObject({
  RestartPolicy: z.looseObject({ Name: z.string().nullish() }).nullish(),
  ShmSize: z.number().nullish(),
  PortBindings: z.record(z.string(), z.array(z.object({ HostIp: z.string().nullish(), HostPort: z.string().nullish() })).nullish()).nullish(),
  Tmpfs: z.record(z.string(), z.string()).nullish(),
});
const configSchema = z.looseObject({
  Env: z.array(z.string()).nullish(),
  StopTimeout: z.number().nullish(),
  Healthcheck: z.looseObject({ Test: z.array(z.string()).nullish() }).nullish(),
});
/** What an engine gives when nobody says how much. */
const usualSharedMemory = 64 * 1024 * 1024;

/** A container in the words of a Compose file. */
export function writtenOf(name: string, configuration: ContainerConfiguration, imageVolumes: readonly string[]): ComposeService {
  const host = hostSchema.parse(configuration.HostConfig);
  const config = configSchema.parse(configuration.Config);
  const test = config.Healthcheck?.Test ?? [];
  const { ShmSize, RestartPolicy } = host;
  return {
    name,
    image: configuration.Config.Image,
    environment: readEnvironment(config.Env ?? []),
    envFiles: [],
    volumes: mountsOf(configuration, Object.keys(host.Tmpfs ?? {}), imageVolumes),
    ports: Object.entries(host.PortBindings ?? {}).flatMap(([port, bindings]) => (bindings ?? []).map((binding) => portOf(port, binding))),
    expose: [],
    dependsOn: [],
    healthcheck: { disabled: test[0] === 'NONE', test },
    profiles: [],
    restart: RestartPolicy?.Name || 'no',
    ...(config.StopTimeout === undefined || config.StopTimeout === null ? {} : { stopGracePeriod: `${config.StopTimeout}s` }),
    ...(ShmSize === undefined || ShmSize === null || ShmSize === 0 || ShmSize === usualSharedMemory ? {} : { shmSize: String(ShmSize) }),
    hostNames: [],
    replaces: [],
    range: nowhere,
  };
}

/** A volume that nobody named is the image's own doing where it declares one. */
function mountsOf({ Mounts }: ContainerConfiguration, memory: readonly string[], imageVolumes: readonly string[]): readonly ComposeMount[] {
  const mounts = Mounts.flatMap(({ Type, Name, Source, Destination, RW }): readonly ComposeMount[] => {
    const rest = { target: Destination, readOnly: RW === false, range: nowhere };
    if (Type === 'tmpfs') return [{ kind: 'tmpfs', ...rest }];
    if (Type === 'bind' || !Name) return [{ kind: 'bind', source: Source ?? '', ...rest }];
    if (!unnamed.test(Name)) return [{ kind: 'volume', source: Name, ...rest }];
    return imageVolumes.includes(Destination) ? [] : [{ kind: 'volume', ...rest }];
  });
  const told = new Set(mounts.map(({ target }) => target));
  return [...mounts, ...memory.filter((target) => !told.has(target)).map((target) => ({ kind: 'tmpfs' as const, target, readOnly: false, range: nowhere }))];
}

function portOf(
  port: string,
  { HostIp, HostPort }: { readonly HostIp?: string | null | undefined; readonly HostPort?: string | null | undefined },
): ComposePort {
  const [target = '', protocol = 'tcp'] = port.split('/');
  return { target: Number(target), protocol, ...(HostPort ? { published: HostPort } : {}), ...(HostIp ? { hostAddress: HostIp } : {}) };
}

async function volumesOf(engine: Engine, { Mounts, Name, Config }: ContainerConfiguration): Promise<readonly ComposeVolume[]> {
  const labels = z.record(z.string(), z.string()).safeParse(Config.Labels).data ?? {};
  const isComposed = composeOrigin(labels, Name) !== undefined;
  const names = Mounts.flatMap(({ Type, Name: name }) => (Type === 'volume' && name && !unnamed.test(name) ? [name] : []));
  return Promise.all(
    names.map(async (name) => {
      const { driver, options, labels: own } = await inspectVolume(engine, name);
      // Compose removes only what it has made itself.
      return { key: name, external: isComposed && composeResource(own) === undefined, driver, driverOptions: options, range: nowhere };
    }),
  );
}
