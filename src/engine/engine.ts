import Docker from 'dockerode';
import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { createInterface } from 'node:readline';
import type { Duplex, Readable } from 'node:stream';
import * as z from 'zod';
import { asFailure, Failure, messageOf } from '../protocol/failure';
import { readInspection, readSummary, type ContainerInspection, type ContainerSummary } from './containers';
import type { EndpointAddress } from './endpoint';
import { IdleExecs } from './idleExecs';
import { within } from './within';

export interface EngineVersion {
  readonly engine: 'docker' | 'podman';
  readonly version: string;
}

/** A change that the engine reports. `time` is in nanoseconds since 1970, as the engine gave it. */
export interface EngineEvent {
  readonly type: string;
  readonly action: string;
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly seconds: number;
}

export interface ExecSpecification {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly user?: string;
  readonly stdin: boolean;
}

export interface ExecState {
  readonly running: boolean;
  /** Null until the engine knows it. */
  readonly exitCode: number | null;
}

/** Milliseconds that a plain question may take. Streams and stops have no such limit. */
const answerTimeout = 15_000;

/** One Docker or Podman API. Knows nothing of Postgres or Compose. */
export class Engine {
  private readonly docker: Docker;
  private known: EngineVersion | undefined;
  /** Programs in its containers that wait to be used again. */
  readonly idleExecs = new IdleExecs();

  constructor(address: EndpointAddress) {
    this.docker = new Docker(connection(address));
  }

  /** Who answers; asked once, since Docker starts two programs to find out. Throws what the socket throws when nobody does. */
  async version(signal?: AbortSignal): Promise<EngineVersion> {
    this.known ??= await this.askVersion(signal);
    return this.known;
  }

  private async askVersion(signal: AbortSignal | undefined): Promise<EngineVersion> {
    const answer = z
      .object({ Version: z.string(), Components: z.array(z.object({ Name: z.string() })).nullish() })
      .parse(await this.ask(() => this.docker.version(), signal));
    const podman = answer.Components?.some(({ Name }) => /podman/i.test(Name)) === true;
    return { engine: podman ? 'podman' : 'docker', version: answer.Version };
  }

  /** All containers, stopped ones too, in one request. */
  async containers(signal?: AbortSignal): Promise<readonly ContainerSummary[]> {
    const rows: readonly unknown[] = await this.ask((abortSignal) => this.docker.listContainers({ all: true, abortSignal }), signal);
    return rows.map(readSummary).filter((row) => row !== undefined);
  }

  /** Throws `CONTAINER_GONE` when there is none of this id or name. */
  async inspect(container: string, signal?: AbortSignal): Promise<ContainerInspection> {
    return readInspection(await this.ask((abortSignal) => this.docker.getContainer(container).inspect({ abortSignal }), signal));
  }

  /** The command lines of the processes in a running container. */
  async processes(container: string, signal?: AbortSignal): Promise<readonly string[]> {
    const answer = z
      .object({ Titles: z.array(z.string()), Processes: z.array(z.array(z.string())) })
      .parse(await this.ask((abortSignal) => this.docker.getContainer(container).top({ abortSignal }), signal));
    const column = answer.Titles.findIndex((title) => /^(cmd|command)$/i.test(title));
    return answer.Processes.map((row) => row.at(column) ?? '');
  }

  /** The digests under which registries know the image; empty for one that was built here. */
  async imageDigests(image: string, signal?: AbortSignal): Promise<readonly string[]> {
    const answer = await this.ask(() => this.docker.getImage(image).inspect(), signal);
    return z.object({ RepoDigests: z.array(z.string()).nullish() }).parse(answer).RepoDigests ?? [];
  }

  /** Where the image declares a VOLUME. */
  async imageVolumes(image: string, signal?: AbortSignal): Promise<readonly string[]> {
    const answer = await this.ask(() => this.docker.getImage(image).inspect(), signal);
    const { Config } = z.object({ Config: z.object({ Volumes: z.record(z.string(), z.unknown()).nullish() }).nullish() }).parse(answer);
    return Object.keys(Config?.Volumes ?? {});
  }

  /** The names of all images that have one. */
  async imageTags(signal?: AbortSignal): Promise<readonly string[]> {
    const answer = await this.ask(() => this.docker.listImages(), signal);
    return z
      .array(z.object({ RepoTags: z.array(z.string()).nullish() }))
      .parse(answer)
      .flatMap(({ RepoTags }) => RepoTags ?? []);
  }

  /** Starts a container; one that runs already is left alone. */
  async start(container: string): Promise<void> {
    await this.change(() => this.docker.getContainer(container).start());
  }

  /** Stops a container cleanly, giving it `seconds` before it is killed; one that is stopped is left alone. */
  async stop(container: string, seconds: number): Promise<void> {
    await this.change(() => this.docker.getContainer(container).stop({ t: seconds }));
  }

  /** Lets a paused container go on. */
  async unpause(container: string): Promise<void> {
    await this.change(() => this.docker.getContainer(container).unpause());
  }

  /** Restarts a container, giving it `seconds` to stop cleanly. */
  async restart(container: string, seconds: number): Promise<void> {
    await this.change(() => this.docker.getContainer(container).restart({ t: seconds }));
  }

  /** Prepares an exec and gives its id. Throws `CONTAINER_GONE` or `CONTAINER_NOT_RUNNING`. */
  async createExec(container: string, specification: ExecSpecification): Promise<string> {
    const exec = await this.ask((abortSignal) =>
      this.docker.getContainer(container).exec({
        AttachStdin: specification.stdin,
        AttachStdout: true,
        AttachStderr: true,
        Tty: false, // a terminal would change line ends in binary data
        Cmd: [...specification.argv],
        Env: Object.entries(specification.env).map(([name, value]) => `${name}=${value}`),
        ...(specification.user === undefined ? {} : { User: specification.user }),
        abortSignal,
      }),
    );
    return exec.id;
  }

  /** Starts a prepared exec and gives the raw connection: framed output in, standard input out. */
  async startExec(id: string, stdin: boolean): Promise<Duplex> {
    return this.translate(() => this.docker.getExec(id).start({ hijack: true, stdin, Detach: false, Tty: false }));
  }

  async execState(id: string): Promise<ExecState> {
    const answer = z
      .object({ Running: z.boolean(), ExitCode: z.number().nullish() })
      .parse(await this.ask((abortSignal) => this.docker.getExec(id).inspect({ abortSignal })));
    return { running: answer.Running, exitCode: answer.ExitCode ?? null };
  }

  /** Events as they come, until the signal or until the engine ends the stream, as it does when it stops. */
  async *events(options: { readonly since?: number; readonly signal: AbortSignal }): AsyncGenerator<EngineEvent> {
    const stream = await this.translate(async () => {
      const since = options.since === undefined ? {} : { since: options.since };
      const events = await this.docker.getEvents({ ...since, filters: { type: ['container', 'volume'] }, abortSignal: options.signal });
      return events as Readable;
    });
    const stop = (): void => void stream.destroy();
    options.signal.addEventListener('abort', stop, { once: true });
    try {
      for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
        const event = readEvent(line);
        if (event !== undefined) yield event;
      }
    } finally {
      options.signal.removeEventListener('abort', stop);
      stream.destroy();
    }
  }

  /** For the other files of this folder: a request that has no method of its own here. Errors become Failures. */
  async request<T>(work: (docker: Docker) => Promise<T>): Promise<T> {
    return this.translate(() => work(this.docker));
  }

  private async ask<T>(question: (abortSignal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.translate(() => within(answerTimeout, signal, (limit) => Promise.race([question(limit), rejectionOf(limit)])));
  }

  /** 304 is the engine's word for "already so". */
  private async change(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (statusOf(error) !== 304) throw engineFailure(error);
    }
  }

  private async translate<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw engineFailure(error);
    }
  }
}

/** Rejects when the signal fires: some requests of dockerode take no signal. */
function rejectionOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}

/**
 * Everything that docker-modem would otherwise take from the environment is said explicitly, undefined too:
 * a DOCKER_HOST of the user's would win over the address.
 */
function connection(address: EndpointAddress): Docker.DockerOptions {
  const none = { host: undefined, port: undefined, ca: undefined, cert: undefined, key: undefined, timeout: undefined };
  switch (address.kind) {
    case 'unix':
    case 'npipe':
      return { ...none, protocol: 'http', socketPath: address.path };
    case 'tcp': {
      const { tls } = address;
      if (tls === undefined) return { ...none, protocol: 'http', host: address.host, port: address.port };
      const files = { ca: pem(tls.ca), cert: pem(tls.cert), key: pem(tls.key) };
      const agent = new Agent({ ...files, rejectUnauthorized: tls.verify });
      const options = { ...none, ...files, agent, protocol: 'https' as const, host: address.host, port: address.port };
      return options; // docker-modem takes an agent, which its types do not know
    }
    case 'ssh':
      throw new Failure(
        'ENDPOINT_UNSUPPORTED',
        `Endpoints over SSH are not supported yet (${address.url}).`,
        'Forward the socket with "ssh -L", and set "containerDatabases.endpoint" to the forwarded socket.',
      );
  }
}

function pem(file: string | undefined): Buffer | undefined {
  return file === undefined ? undefined : readFileSync(file);
}

function readEvent(line: string): EngineEvent | undefined {
  try {
    const event = eventSchema.parse(JSON.parse(line));
    const { Attributes: labels, ID: id } = event.Actor;
    return { type: event.Type, action: event.Action, id, labels, seconds: event.time };
  } catch {
    return undefined; // a line that is no event says nothing about containers
  }
}

const eventSchema = z.object({
  Type: z.string(),
  Action: z.string(),
  Actor: z.object({
    ID: z.string(),
    Attributes: z
      .record(z.string(), z.string())
      .nullish()
      .transform((value) => value ?? {}),
  }),
  time: z.number(),
});

function statusOf(error: unknown): number | undefined {
  const status: unknown = typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' ? status : undefined;
}

/** An error of the engine or of the way to it, as a Failure. */
export function engineFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const status = statusOf(error);
  const said = messageOf(error)
    .replace(/^\(HTTP code \d+\) [^-]* - /, '')
    .trim();
  if (status === 404) {
    return new Failure('CONTAINER_GONE', `The engine knows no such thing: ${said}`, 'Refresh, and start the service again if it was removed.', error);
  }
  if (status === 409) {
    return new Failure('CONTAINER_NOT_RUNNING', `The container is not running: ${said}`, 'Start the service (or unpause it), then try again.', error);
  }
  if (status !== undefined) {
    return new Failure('ENGINE_REFUSED', `The engine refused: ${said}`, "Look at the engine's own log for the reason.", error);
  }
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (code === 'ECONNREFUSED' || code === 'ENOENT' || code === 'ECONNRESET' || code === 'EPIPE' || /socket hang up/.test(said)) {
    return new Failure('ENGINE_GONE', `The engine does not answer (${said}).`, 'Start Docker or Podman, then try again.', error);
  }
  if (error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError')) {
    return new Failure('ENGINE_SLOW', 'The engine did not answer in time.', 'Check that Docker or Podman is not overloaded, then try again.', error);
  }
  return asFailure(error);
}
