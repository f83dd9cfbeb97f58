import * as z from 'zod';
import { removeContainer } from './create';
import type { Engine } from './engine';

const record = z
  .record(z.string(), z.unknown())
  .nullish()
  .transform((value) => value ?? {});

const configurationSchema = z.object({
  Id: z.string(),
  Name: z.string(),
  /** The image's id. */
  Image: z.string(),
  Config: z.looseObject({ Image: z.string(), Hostname: z.string().nullish(), Labels: record }),
  HostConfig: record,
  Mounts: z
    .array(z.looseObject({ Type: z.string(), Name: z.string().nullish(), Source: z.string().nullish(), Destination: z.string(), RW: z.boolean().nullish() }))
    .nullish()
    .transform((value) => value ?? []),
  NetworkSettings: z.looseObject({ Networks: z.record(z.string(), record).nullish() }).nullish(),
});

/** All that an engine says of a container, from which the same can be made again. It holds passwords, as the environment does. */
export type ContainerConfiguration = Readonly<z.infer<typeof configurationSchema>>;

/** Reads a configuration that was kept as JSON. Throws zod's error when it is none. */
export function readConfiguration(value: unknown): ContainerConfiguration {
  return configurationSchema.parse(value);
}

/** Throws `CONTAINER_GONE`. */
export async function inspectWhole(engine: Engine, container: string): Promise<ContainerConfiguration> {
  return engine.request(async (docker) => configurationSchema.parse(await docker.getContainer(container).inspect()));
}

/** What a copy of a container has otherwise than the original. */
export interface StandIn {
  readonly labels: Readonly<Record<string, string>>;
  /** The only mounts that it gets, but for those that `--tmpfs` gave to the original. */
  readonly mounts: readonly StandInMount[];
}

/** A volume by its name, a folder of the host, an empty volume that nobody named, or memory. */
export type StandInMount =
  | { readonly kind: 'volume' | 'folder'; readonly source: string; readonly destination: string; readonly readOnly: boolean }
  | { readonly kind: 'unnamed' | 'memory'; readonly destination: string };

// What makes a container what it is for its program; what ties it to the host and its networks is left out.
const keptForStandIn = ['Tmpfs', 'ShmSize', 'CapAdd', 'CapDrop', 'ReadonlyRootfs', 'SecurityOpt', 'Ulimits', 'Sysctls', 'Init', 'UsernsMode', 'GroupAdd'];
// Podman's answer also has fields that it does not take back.
const keptByPodman = [
  ...keptForStandIn,
  ...['PortBindings', 'RestartPolicy', 'NetworkMode', 'Memory', 'NanoCpus', 'CpuShares', 'CpusetCpus', 'Privileged', 'ExtraHosts', 'Dns', 'DnsSearch'],
  ...['DnsOptions', 'OomScoreAdj'],
];

/**
 * Makes a container that runs the same program in the same image with the same environment, in a place of its own: no
 * network, no ports, other mounts, no restarts. Gives its id; does not start it.
 */
export async function createStandIn(engine: Engine, original: ContainerConfiguration, { labels, mounts }: StandIn): Promise<string> {
  const unnamed = mounts.filter(({ kind }) => kind === 'unnamed');
  const created = await engine.request((docker) =>
    docker.createContainer({
      ...programOf(original),
      Image: original.Image,
      Labels: { ...labels },
      Healthcheck: { Test: ['NONE'] },
      Volumes: Object.fromEntries(unnamed.map(({ destination }) => [destination, {}])),
      HostConfig: { ...withUlimits(picked(original.HostConfig, keptForStandIn)), NetworkMode: 'none', AutoRemove: false, Mounts: mounts.flatMap(mountOf) },
    }),
  );
  return created.id;
}

/**
 * Makes a container anew that was removed: with its name, labels, networks, ports and mounts, those included that nobody
 * named. Gives its id; does not start it. Throws `CONTAINER_GONE` when the image is no longer there, `CONTAINER_NOT_RUNNING`
 * when the name is taken.
 */
export async function recreate(engine: Engine, original: ContainerConfiguration): Promise<string> {
  const { engine: kind } = await engine.version();
  const image = await sameImage(engine, original);
  const networks = Object.entries(original.NetworkSettings?.Networks ?? {}).map(([name, settings]) => [name, endpointOf(original, settings)] as const);
  const mode = original.HostConfig['NetworkMode'];
  const [first, ...others] = networks.toSorted(([a], [b]) => Number(b === mode) - Number(a === mode));
  const created = await engine.request((docker) =>
    docker.createContainer({
      ...programOf(original),
      name: nameOf(original),
      Image: image,
      Labels: original.Config.Labels as Record<string, string>,
      HostConfig: { ...(kind === 'podman' ? withUlimits(picked(original.HostConfig, keptByPodman)) : original.HostConfig), ...bindsOf(original, kind) },
      // Older engines take one network here; the others are joined afterwards.
      ...(first === undefined || !isNetwork(mode) ? {} : { NetworkingConfig: { EndpointsConfig: { [first[0]]: first[1] } } }),
    }),
  );
  try {
    for (const [name, settings] of others) {
      await engine.request((docker) => docker.getNetwork(name).connect({ Container: created.id, EndpointConfig: settings }));
    }
    return created.id;
  } catch (error) {
    await removeContainer(engine, created.id);
    throw error;
  }
}

/** Without the slash that engines put before it. */
export function nameOf({ Name }: ContainerConfiguration): string {
  return Name.replace(/^\//, '');
}

/** Program, environment, user and the like. A host name that the engine made of the id is not kept. */
function programOf({ Id, Config }: ContainerConfiguration): Record<string, unknown> {
  const { Hostname, MacAddress: _, ...rest } = Config;
  const chosen = Hostname !== null && Hostname !== undefined && Hostname !== '' && !Id.startsWith(Hostname);
  return { ...rest, ...(chosen ? { Hostname } : {}) };
}

function picked(from: Readonly<Record<string, unknown>>, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(from).filter(([key, value]) => keys.includes(key) && value !== null));
}

/** Podman calls a limit RLIMIT_NOFILE when it tells of it, and takes it back as nofile only. */
export function withUlimits(hostConfig: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const limits = z.array(z.looseObject({ Name: z.string() })).safeParse(hostConfig['Ulimits']).data;
  if (limits === undefined) return { ...hostConfig };
  return { ...hostConfig, Ulimits: limits.map((limit) => ({ ...limit, Name: limit.Name.replace(/^RLIMIT_/, '').toLowerCase() })) };
}

function mountOf(mount: StandInMount): readonly { Type: 'volume' | 'bind' | 'tmpfs'; Source: string; Target: string; ReadOnly: boolean }[] {
  const { destination: Target } = mount;
  switch (mount.kind) {
    case 'unnamed':
      return [];
    case 'memory':
      return [{ Type: 'tmpfs', Source: '', Target, ReadOnly: false }];
    case 'volume':
    case 'folder':
      return [{ Type: mount.kind === 'folder' ? 'bind' : 'volume', Source: mount.source, Target, ReadOnly: mount.readOnly }];
  }
}

/** Docker keeps what was asked for, and only volumes that nobody named are to be said; Podman's own list is written anew. */
function bindsOf({ HostConfig, Mounts }: ContainerConfiguration, kind: 'docker' | 'podman'): { Binds: string[] } {
  const asked = z.array(z.string()).safeParse(HostConfig['Binds']).data ?? [];
  const declared = z.array(z.object({ Target: z.string() })).safeParse(HostConfig['Mounts']).data ?? [];
  const isSaid = (destination: string): boolean =>
    kind === 'docker' && (asked.some((bind) => bind.split(':').includes(destination)) || declared.some(({ Target }) => Target === destination));
  const unsaid = Mounts.filter(({ Type, Destination }) => (Type === 'volume' || Type === 'bind') && !isSaid(Destination));
  const binds = unsaid.map(({ Name, Source, Destination, RW }) => `${Name || (Source ?? '')}:${Destination}${RW === false ? ':ro' : ''}`);
  return { Binds: kind === 'docker' ? [...asked, ...binds] : binds };
}

/** The name of the image, unless that means another one by now. */
async function sameImage(engine: Engine, { Image, Config }: ContainerConfiguration): Promise<string> {
  const present = await engine.request((docker) => docker.getImage(Config.Image).inspect()).catch(() => undefined);
  const bare = (id: string): string => id.replace(/^sha256:/, '');
  return present !== undefined && bare(present.Id) === bare(Image) ? Config.Image : Image;
}

/** What was wished of a network, without what the engine found by itself. */
function endpointOf({ Id }: ContainerConfiguration, settings: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const aliases = z.array(z.string()).safeParse(settings['Aliases']).data;
  return {
    ...picked(settings, ['IPAMConfig', 'Links', 'DriverOpts']),
    ...(aliases === undefined ? {} : { Aliases: aliases.filter((alias) => !Id.startsWith(alias)) }),
  };
}

function isNetwork(mode: unknown): boolean {
  return typeof mode === 'string' && !/^(?:none|host|container:|ns:)/.test(mode);
}
