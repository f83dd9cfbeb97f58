import { spawn } from 'node:child_process';
import type { Engine } from '../../engine/engine';
import { runExec } from '../../engine/exec';
import { createOneOff } from '../../engine/oneOff';
import { lentContainerLabels, removeThrowaway } from '../../backup/volume/throwaway';
import type { Operation } from '../../operations/operation';
import { cancelled, Failure, messageOf } from '../../protocol/failure';
import type { Source } from '../survey';
import { programIn, type Place } from './place';
import type { ToolCommand } from './toolCommands';

/** What a tool did. */
export interface ToolRun {
  readonly exitCode: number;
  /** Standard output and standard error as they came, as one text. */
  readonly output: string;
  /** Standard output alone. */
  readonly stdout: string;
}

/** A tool, and where it is to be run. */
export interface ToolCall {
  readonly engine: Engine;
  readonly place: Place;
  readonly command: ToolCommand;
  readonly source: Source;
  /** For a tool on this host. */
  readonly env: Readonly<Record<string, string>>;
  readonly onOutput: (text: string) => void;
}

/** Runs a tool to its end. Cancelling ends it. Throws `CANCELLED`, `TOOL_MISSING` and what the engine throws. */
export async function runTool(call: ToolCall, operation: Operation): Promise<ToolRun> {
  const { place } = call;
  switch (place.kind) {
    case 'host':
      return onHost(call, [...place.program, ...call.command.args], place.directory, operation);
    case 'service':
      return inContainer(call, place.container, [...place.program, ...call.command.args], place.directory, operation);
    case 'one-off':
      return inOneOff(call, place, operation);
  }
}

/** Output as it comes, both streams together and the first alone. */
class Output {
  private readonly all: string[] = [];
  private readonly first: string[] = [];

  constructor(private readonly tell: (text: string) => void) {}

  add(bytes: Buffer | string, isFirst: boolean): void {
    const text = bytes.toString();
    this.all.push(text);
    if (isFirst) this.first.push(text);
    this.tell(text);
  }

  result(exitCode: number): ToolRun {
    return { exitCode, output: this.all.join(''), stdout: this.first.join('') };
  }
}

async function onHost({ env, onOutput }: ToolCall, argv: readonly string[], cwd: string, { signal }: Operation): Promise<ToolRun> {
  if (signal.aborted) throw cancelled();
  const [program = '', ...args] = argv;
  const output = new Output(onOutput);
  const windows = process.platform === 'win32';
  return new Promise((resolve, reject) => {
    // A group of its own, so that what the tool starts ends with it.
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env, PYTHONUNBUFFERED: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: !windows,
      windowsHide: true,
    });
    const stop = (): void => {
      if (windows || child.pid === undefined) child.kill();
      else process.kill(-child.pid, 'SIGTERM');
    };
    signal.addEventListener('abort', stop, { once: true });
    child.stdout.on('data', (bytes: Buffer) => output.add(bytes, true));
    child.stderr.on('data', (bytes: Buffer) => output.add(bytes, false));
    child.once('error', (error) => {
      signal.removeEventListener('abort', stop);
      reject(new Failure('TOOL_MISSING', `${program} could not be started: ${messageOf(error)}`, 'Check that it is installed in the project.', error));
    });
    child.once('close', (code) => {
      signal.removeEventListener('abort', stop);
      if (signal.aborted) reject(cancelled());
      else resolve(output.result(code ?? -1));
    });
  });
}

async function inContainer(
  { engine, onOutput }: ToolCall,
  container: string,
  argv: readonly string[],
  directory: string,
  { signal }: Operation,
): Promise<ToolRun> {
  const output = new Output(onOutput);
  const inFolder = ['sh', '-c', '[ -z "$1" ] || cd "$1" || exit 127; shift; exec "$@"', 'sh', directory, ...argv];
  const { exitCode } = await runExec(
    engine,
    { container, argv: inFolder, env: { PYTHONUNBUFFERED: '1' } },
    { onOutput: (bytes) => output.add(bytes, true), onError: (bytes) => output.add(bytes, false), signal },
  );
  return output.result(exitCode);
}

async function inOneOff(call: ToolCall, place: Place & { readonly kind: 'one-off' }, operation: Operation): Promise<ToolRun> {
  const { engine, command, source } = call;
  // A day is more than any migration takes; then it ends by itself, should nobody be left to remove it.
  const labels = await lentContainerLabels(engine, place.like);
  const container = await createOneOff(engine, { like: place.like, entrypoint: ['sh', '-c', 'exec sleep 86400'], labels });
  try {
    await engine.start(container);
    const program = await programIn(engine, container, place.directory, command, source, operation);
    if (program === undefined) {
      throw new Failure(
        'TOOL_MISSING',
        `The image of ${place.service} does not have the tool.`,
        "Install it there, or on this host in the project's own environment.",
      );
    }
    return await inContainer(call, container, [...program, ...command.args], place.directory, operation);
  } finally {
    await removeThrowaway(engine, container).catch((error: unknown) =>
      operation.log.warn(`The container ${container.slice(0, 12)} was left to the next start: ${messageOf(error)}`),
    );
  }
}
