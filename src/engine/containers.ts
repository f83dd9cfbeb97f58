import * as z from 'zod';

/** What the engine's list says of a container: enough to decide whether it is worth a closer look. */
export interface ContainerSummary {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly command: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly state: string;
  /** The engine's own words, such as "Up 3 hours (healthy)". */
  readonly status: string;
  readonly ports: readonly PublishedPort[];
  readonly mountTargets: readonly string[];
}

export interface PublishedPort {
  readonly containerPort: number;
  /** Absent when the port is exposed but not published. */
  readonly hostPort?: number;
  readonly hostAddress?: string;
}

export interface ContainerMount {
  readonly type: string;
  /** The volume's name; absent for bind mounts and tmpfs. */
  readonly name?: string;
  readonly source: string;
  readonly destination: string;
  readonly readOnly: boolean;
}

/** What inspection adds, from Docker and Podman alike. */
export interface ContainerInspection {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly imageId: string;
  readonly path: string;
  readonly args: readonly string[];
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly exposedPorts: readonly number[];
  readonly mounts: readonly ContainerMount[];
  readonly state: string;
  /** `healthy`, `unhealthy`, `starting`; absent without a healthcheck. */
  readonly health?: string;
  readonly startedAt: string;
  /** Of the main process; absent while that runs, and in a container that never did. */
  readonly exitCode?: number;
  readonly addresses: readonly string[];
  readonly readOnlyRoot: boolean;
  /** Whether the engine removes it, its anonymous volumes with it, as soon as it stops (`--rm`). */
  readonly vanishes?: boolean;
}

// The two engines agree on the names but not on null, absence and the empty string.
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');
const texts = z
  .union([z.array(z.string()), z.string()])
  .nullish()
  .transform((value) => (typeof value === 'string' ? (value === '' ? [] : [value]) : (value ?? [])));
const dictionary = z
  .record(z.string(), z.string())
  .nullish()
  .transform((value) => value ?? {});
const keys = z
  .record(z.string(), z.unknown())
  .nullish()
  .transform((value) => Object.keys(value ?? {}));

const summarySchema = z.object({
  Id: z.string(),
  Names: texts,
  Image: text,
  Command: z.union([z.string(), z.array(z.string())]).nullish(),
  Labels: dictionary,
  State: text,
  Status: text,
  Ports: z
    .array(z.object({ PrivatePort: z.number(), PublicPort: z.number().nullish(), IP: text }))
    .nullish()
    .transform((value) => value ?? []),
  Mounts: z
    .array(z.union([z.object({ Destination: text }), z.string().transform((Destination) => ({ Destination }))]))
    .nullish()
    .transform((value) => value ?? []),
});

const inspectionSchema = z.object({
  Id: z.string(),
  Name: text,
  Image: text,
  Path: text,
  Args: texts,
  Config: z.object({ Image: text, Env: texts, Labels: dictionary, Entrypoint: texts, Cmd: texts, ExposedPorts: keys }),
  HostConfig: z.object({ ReadonlyRootfs: z.boolean().nullish(), AutoRemove: z.boolean().nullish() }).nullish(),
  State: z.object({
    Status: text,
    StartedAt: text,
    ExitCode: z.number().nullish(),
    Health: z.object({ Status: text }).nullish(),
    Healthcheck: z.object({ Status: text }).nullish(), // Podman before 4
  }),
  Mounts: z
    .array(z.object({ Type: text, Name: text, Source: text, Destination: text, RW: z.boolean().nullish() }))
    .nullish()
    .transform((value) => value ?? []),
  NetworkSettings: z.object({ IPAddress: text, Networks: z.record(z.string(), z.object({ IPAddress: text }).nullish()).nullish() }).nullish(),
});

/** Reads one row of `GET /containers/json`; undefined for a row that is no container. */
export function readSummary(value: unknown): ContainerSummary | undefined {
  const parsed = summarySchema.safeParse(value);
  if (!parsed.success) return undefined;
  const row = parsed.data;
  const command = Array.isArray(row.Command) ? row.Command.join(' ') : (row.Command ?? '');
  return {
    id: row.Id,
    name: (row.Names[0] ?? row.Id.slice(0, 12)).replace(/^\//, ''),
    image: row.Image,
    command,
    labels: row.Labels,
    state: row.State.toLowerCase(),
    status: row.Status,
    ports: row.Ports.map((port) => ({
      containerPort: port.PrivatePort,
      ...(port.PublicPort ? { hostPort: port.PublicPort, hostAddress: port.IP } : {}),
    })),
    mountTargets: row.Mounts.map((mount) => mount.Destination),
  };
}

/** Reads the answer of `GET /containers/{id}/json`. Throws zod's error when it is no such answer. */
export function readInspection(value: unknown): ContainerInspection {
  const found = inspectionSchema.parse(value);
  const health = (found.State.Health?.Status ?? found.State.Healthcheck?.Status ?? '').toLowerCase();
  const networks = Object.values(found.NetworkSettings?.Networks ?? {});
  const addresses = [found.NetworkSettings?.IPAddress, ...networks.map((network) => network?.IPAddress)];
  return {
    id: found.Id,
    name: found.Name.replace(/^\//, ''),
    image: found.Config.Image,
    imageId: found.Image,
    path: found.Path,
    args: found.Args,
    entrypoint: found.Config.Entrypoint,
    cmd: found.Config.Cmd,
    env: readEnvironment(found.Config.Env),
    labels: found.Config.Labels,
    exposedPorts: found.Config.ExposedPorts.map((port) => Number.parseInt(port, 10)),
    mounts: found.Mounts.map((mount) => ({
      type: mount.Type,
      ...(mount.Name === '' ? {} : { name: mount.Name }),
      source: mount.Source,
      destination: mount.Destination,
      readOnly: mount.RW === false,
    })),
    state: found.State.Status.toLowerCase(),
    ...(health === '' || health === 'none' ? {} : { health }),
    startedAt: found.State.StartedAt,
    ...(hasEnded(found.State.Status) ? { exitCode: found.State.ExitCode ?? 0 } : {}),
    addresses: [...new Set(addresses.filter((address) => address !== undefined && address !== ''))] as readonly string[],
    readOnlyRoot: found.HostConfig?.ReadonlyRootfs === true,
    ...(found.HostConfig?.AutoRemove === true ? { vanishes: true } : {}),
  };
}

function hasEnded(status: string): boolean {
  return /^(?:exited|stopped|dead)$/i.test(status);
}

/** `NAME=value` lines as a dictionary; a line without `=` is an empty value. */
export function readEnvironment(lines: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf('=');
      return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
    }),
  );
}
