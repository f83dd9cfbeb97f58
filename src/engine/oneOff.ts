import * as z from 'zod';
import type { Engine } from './engine';

/** A container like another one, in which nothing runs but what is put into it. */
export interface OneOffSpecification {
  /** The container whose image, environment, mounts and networks it gets. */
  readonly like: string;
  readonly entrypoint: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

const inspectionSchema = z.object({
  Image: z.string(),
  Config: z.object({
    Env: z.array(z.string()).nullish(),
    User: z.string().nullish(),
    WorkingDir: z.string().nullish(),
  }),
  HostConfig: z.object({
    Binds: z.array(z.string()).nullish(),
    Mounts: z.array(z.unknown()).nullish(),
    Tmpfs: z.record(z.string(), z.string()).nullish(),
    ExtraHosts: z.array(z.string()).nullish(),
  }),
  NetworkSettings: z.object({ Networks: z.record(z.string(), z.unknown()).nullish() }).nullish(),
});

/**
 * Makes a container that has what another one has (image, environment, mounts, user, folder, networks), but publishes no
 * port and goes by no name of its service; like `compose run`, without Compose. Gives its id. Does not start it.
 */
export async function createOneOff(engine: Engine, { like, entrypoint, labels }: OneOffSpecification): Promise<string> {
  return engine.request(async (docker) => {
    const { Image, Config, HostConfig, NetworkSettings } = inspectionSchema.parse(await docker.getContainer(like).inspect());
    const [first, ...others] = Object.keys(NetworkSettings?.Networks ?? {});
    const container = await docker.createContainer({
      Image,
      Entrypoint: [...entrypoint],
      Cmd: [],
      Env: [...(Config.Env ?? [])],
      User: Config.User ?? '',
      WorkingDir: Config.WorkingDir ?? '',
      Labels: { ...labels },
      Healthcheck: { Test: ['NONE'] },
      HostConfig: {
        AutoRemove: false,
        RestartPolicy: { Name: 'no' },
        Binds: [...(HostConfig.Binds ?? [])],
        ...(HostConfig.Mounts ? { Mounts: HostConfig.Mounts as [] } : {}),
        ...(HostConfig.Tmpfs ? { Tmpfs: HostConfig.Tmpfs } : {}),
        ...(HostConfig.ExtraHosts ? { ExtraHosts: HostConfig.ExtraHosts } : {}),
        ...(first === undefined ? {} : { NetworkMode: first }),
      },
    });
    for (const network of others) await docker.getNetwork(network).connect({ Container: container.id });
    return container.id;
  });
}

/** The output of a container since a moment (seconds since 1970), both streams as one text. */
export async function readLogs(engine: Engine, container: string, since: number): Promise<string> {
  return engine.request(async (docker) => {
    const bytes = await docker.getContainer(container).logs({ follow: false, stdout: true, stderr: true, since, tail: 2000 });
    return withoutFrames(bytes);
  });
}

/** Waits until a container has ended, and gives its exit code. */
export async function waitForEnd(engine: Engine, container: string, signal: AbortSignal): Promise<number> {
  const answer: unknown = await engine.request((docker) => docker.getContainer(container).wait({ abortSignal: signal }));
  return z.object({ StatusCode: z.number() }).parse(answer).StatusCode;
}

/** A stream byte, three zeros, the length: eight bytes before every piece, unless the container has a terminal. */
function withoutFrames(bytes: Buffer): string {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const isFrame = (bytes[at] ?? 9) <= 2 && bytes[at + 1] === 0 && bytes[at + 2] === 0 && bytes[at + 3] === 0 && at + 8 <= bytes.length;
    if (!isFrame) return Buffer.concat([...parts, bytes.subarray(at)]).toString('utf8');
    const length = bytes.readUInt32BE(at + 4);
    parts.push(bytes.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  return Buffer.concat(parts).toString('utf8');
}
