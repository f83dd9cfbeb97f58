import { Duplex } from 'node:stream';
import type { ContainerInspection, ContainerSummary } from '../../../src/engine/containers';
import type { Engine, EngineEvent, EngineVersion, ExecSpecification, ExecState } from '../../../src/engine/engine';
import { IdleExecs } from '../../../src/engine/idleExecs';
import { Failure } from '../../../src/protocol/failure';

/** A frame as the engine writes it. Type 1 is standard output, 2 standard error. */
export function frame(type: number, payload: Buffer | string): Buffer {
  const bytes = Buffer.from(payload);
  const header = Buffer.alloc(8);
  header[0] = type;
  header.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([header, bytes]);
}

/** The far side of an exec: what a test writes here, the product reads, and the other way round. */
export class FakeExec {
  readonly socket: Duplex;
  state: ExecState = { running: true, exitCode: null };
  /** States to be reported before the last one. */
  readonly earlierStates: ExecState[] = [];
  /** All that was written to standard input. */
  input: Buffer = Buffer.alloc(0);
  /** How many chunks the product has taken off the socket's source. */
  taken = 0;
  /** While true, no write to standard input is accepted. */
  private stalled = false;
  private release: (() => void) | undefined;
  private readonly queue: (Buffer | null)[] = [];
  private wanted = false;
  private onInput: (() => void) | undefined;

  constructor(
    readonly specification: ExecSpecification,
    readonly container: string,
    highWaterMark = 1024,
  ) {
    this.socket = new Duplex({
      highWaterMark,
      read: () => this.feed(),
      write: (chunk: Buffer, _encoding, done) => {
        this.input = Buffer.concat([this.input, chunk]);
        if (this.stalled) this.release = done;
        else done();
        this.onInput?.();
      },
    });
  }

  /** The program's own arguments, without what announces its pid. */
  get argv(): readonly string[] {
    const { argv } = this.specification;
    return this.isAnnounced ? argv.slice(4) : argv;
  }

  get isAnnounced(): boolean {
    const [shell, , script = ''] = this.specification.argv;
    return shell === 'sh' && script.startsWith('echo "$$"');
  }

  raw(...chunks: readonly Buffer[]): this {
    this.queue.push(...chunks);
    if (this.wanted) this.feed();
    return this;
  }

  stdout(payload: Buffer | string): this {
    return this.raw(frame(1, payload));
  }

  stderr(payload: Buffer | string): this {
    return this.raw(frame(2, payload));
  }

  announce(pid = 4711): this {
    return this.stderr(`${pid}\n`);
  }

  /** Ends the stream; the exit code is known at once. */
  exit(exitCode = 0): this {
    this.state = { running: false, exitCode };
    this.queue.push(null);
    if (this.wanted) this.feed();
    return this;
  }

  /** From now on standard input accepts nothing, until the function that this gives is called. */
  stallInput(): () => void {
    this.stalled = true;
    return () => {
      this.stalled = false;
      this.release?.();
    };
  }

  /** Resolves when standard input has got this many bytes. */
  async inputReaches(length: number): Promise<void> {
    while (this.input.length < length) await new Promise<void>((resolve) => (this.onInput = resolve));
  }

  private feed(): void {
    const next = this.queue.shift();
    this.wanted = next === undefined;
    if (next === undefined) return;
    this.taken += 1;
    this.socket.push(next);
  }
}

type Call = readonly [method: string, ...details: readonly string[]];

/** Stands in for a Docker or Podman API. What is not given answers with nothing. */
export class FakeEngine {
  readonly calls: Call[] = [];
  readonly execs: FakeExec[] = [];
  readonly idleExecs = new IdleExecs();
  /** The pids that were asked to be killed. */
  readonly killed: number[] = [];
  summaries: readonly ContainerSummary[] = [];
  inspections: Readonly<Record<string, ContainerInspection>> = {};
  processTitles: Readonly<Record<string, readonly string[]>> = {};
  /** What a program does; by default it ends at once with exit code 0. */
  program: (exec: FakeExec) => void | Promise<void> = (exec) => void exec.announce().exit();

  get engine(): Engine {
    return this as unknown as Engine;
  }

  count(method: string): number {
    return this.calls.filter(([name]) => name === method).length;
  }

  async version(): Promise<EngineVersion> {
    this.calls.push(['version']);
    return { engine: 'docker', version: '27.0' };
  }

  async containers(): Promise<readonly ContainerSummary[]> {
    this.calls.push(['containers']);
    return this.summaries;
  }

  /** Containers over which it is stuck. */
  stuck: readonly string[] = [];

  async inspect(id: string): Promise<ContainerInspection> {
    this.calls.push(['inspect', id]);
    if (this.stuck.includes(id)) throw new Failure('ENGINE_SLOW', 'The engine did not answer in time.', '');
    const inspection = this.inspections[id];
    if (inspection === undefined) throw new Failure('CONTAINER_GONE', `No such container: ${id}`, '');
    return inspection;
  }

  async processes(id: string): Promise<readonly string[]> {
    this.calls.push(['processes', id]);
    return this.processTitles[id] ?? [];
  }

  async restart(id: string, seconds: number): Promise<void> {
    this.calls.push(['restart', id, String(seconds)]);
  }

  async start(id: string): Promise<void> {
    this.calls.push(['start', id]);
  }

  async stop(id: string, seconds: number): Promise<void> {
    this.calls.push(['stop', id, String(seconds)]);
  }

  async createExec(container: string, specification: ExecSpecification): Promise<string> {
    this.calls.push(['createExec', container]);
    this.execs.push(new FakeExec(specification, container));
    return String(this.execs.length - 1);
  }

  async startExec(id: string): Promise<Duplex> {
    const exec = this.exec(Number(id));
    if (isKill(exec)) {
      this.killed.push(Number(exec.argv.at(-1)));
      exec.exit(0);
    } else void this.program(exec);
    return exec.socket;
  }

  async execState(id: string): Promise<ExecState> {
    this.calls.push(['execState', id]);
    const exec = this.exec(Number(id));
    return exec.earlierStates.shift() ?? exec.state;
  }

  async *events(_options: { readonly since?: number; readonly signal: AbortSignal }): AsyncGenerator<EngineEvent> {}

  exec(index: number): FakeExec {
    const exec = this.execs[index];
    if (exec === undefined) throw new Error(`there is no exec ${index}`);
    return exec;
  }
}

function isKill({ argv, isAnnounced }: FakeExec): boolean {
  return !isAnnounced && argv[2]?.includes('/proc/') === true;
}
