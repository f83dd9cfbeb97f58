import type { Duplex } from 'node:stream';
import { cancelled, Failure } from '../protocol/failure';
import { engineFailure, type Engine } from './engine';
import { FrameDecoder } from './frames';

/** A program to run in a container. No part of it passes through a shell. */
export interface ExecCommand {
  readonly container: string;
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly user?: string;
}

export interface ExecStreams {
  /** Gets standard output as it comes; while its promise is pending, no more is read. */
  readonly onOutput?: (bytes: Buffer) => Promise<void> | undefined | void;
  /** Gets standard error as it comes. */
  readonly onError?: (bytes: Buffer) => void;
  /**
   * Bytes for standard input. The program has to know by itself where they end (`head -c`), because
   * half-closing the connection is not reliable on Windows pipes, Podman and some proxies.
   */
  readonly input?: AsyncIterable<Buffer>;
  /** Holds standard input open without sending anything. It ends with this process, by which the program can tell. */
  readonly holdInput?: boolean;
  readonly signal?: AbortSignal;
}

export interface ExecResult {
  readonly exitCode: number;
  /** The last 64 KB of standard error, decoded. */
  readonly stderr: string;
}

const stderrLimit = 64 * 1024;
/** Milliseconds that the engine may take to tell that killing is done. */
const killTimeout = 15_000;

// There is no way to kill an exec through the API, and closing the connection leaves the process running.
// So every program is started by a shell that first prints its own pid, which stays the program's.
const announcePid = ['sh', '-c', 'echo "$$" >&2; exec "$@"', 'sh'] as const;

/**
 * Runs a program in a container to its end. An exit code other than 0 is a result, not an error.
 * Cancelling kills the program and what it started, and waits until they are gone.
 * Throws `CANCELLED`, `ENGINE_GONE`, `CONTAINER_GONE`, `CONTAINER_NOT_RUNNING`, `STREAM_CUT`, `STREAM_CORRUPT`
 * and whatever `onOutput` or `input` throws (after the program was killed).
 */
export async function runExec(engine: Engine, command: ExecCommand, streams: ExecStreams = {}): Promise<ExecResult> {
  if (isAborted(streams.signal)) throw cancelled();
  const stdin = streams.input !== undefined || streams.holdInput === true;
  const id = await engine.createExec(command.container, specificationOf(command, stdin));
  const socket = await engine.startExec(id, stdin);
  const stderr = new StderrTail(streams.onError);
  const { signal } = streams;
  // Without its pid the program could not be killed, so it gets the time to say it.
  const stop = (): void => stderr.whenAnnounced(() => void socket.destroy(cancelled()));
  signal?.addEventListener('abort', stop, { once: true });
  if (isAborted(signal)) stop();
  try {
    const sending = streams.input === undefined ? Promise.resolve() : send(streams.input, socket);
    await Promise.all([receive(socket, stderr, streams.onOutput), sending]);
    return { exitCode: await exitCodeOf(engine, id, signal), stderr: stderr.text() };
  } catch (error) {
    socket.destroy();
    await killQuietly(engine, command, stderr.pid);
    throw isAborted(signal) ? cancelled() : engineFailure(error);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/** Like `runExec`, giving standard output as text; for short answers (at most 16 MB, `EXEC_OUTPUT_LARGE` beyond). */
export async function readExec(engine: Engine, command: ExecCommand, signal?: AbortSignal): Promise<ExecResult & { readonly stdout: string }> {
  const chunks: Buffer[] = [];
  let size = 0;
  const onOutput = (bytes: Buffer): void => {
    size += bytes.length;
    if (size > 16 * 1024 * 1024) {
      throw new Failure('EXEC_OUTPUT_LARGE', `${command.argv[0] ?? 'The program'} printed more than 16 MB.`, 'Report this: it should be short.');
    }
    chunks.push(bytes);
  };
  const result = await runExec(engine, command, { onOutput, ...(signal === undefined ? {} : { signal }) });
  return { ...result, stdout: Buffer.concat(chunks).toString('utf8') };
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

function specificationOf(command: ExecCommand, stdin: boolean): Parameters<Engine['createExec']>[1] {
  const user = command.user === undefined ? {} : { user: command.user };
  return { argv: [...announcePid, ...command.argv], env: command.env ?? {}, stdin, ...user };
}

async function receive(socket: Duplex, stderr: StderrTail, onOutput: ExecStreams['onOutput']): Promise<void> {
  const decoder = new FrameDecoder();
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    for (const part of decoder.decode(chunk)) {
      if (part.stream === 'stderr') stderr.add(part.bytes);
      else {
        const busy = onOutput?.(part.bytes);
        if (busy !== undefined) await busy;
      }
    }
  }
  decoder.end();
}

/** Writes with back-pressure. A program that ends before it has read everything is judged by its exit code. */
async function send(input: AsyncIterable<Buffer>, socket: Duplex): Promise<void> {
  for await (const chunk of input) {
    if (socket.destroyed || socket.writableEnded) return;
    if (!socket.write(chunk)) await drained(socket);
  }
}

function drained(socket: Duplex): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off('drain', done).off('close', done).off('end', done);
      resolve();
    };
    socket.on('drain', done).on('close', done).on('end', done);
  });
}

/** The engine may end the stream a moment before it knows the exit code (moby #45689), so it is asked again. */
async function exitCodeOf(engine: Engine, id: string, signal?: AbortSignal): Promise<number> {
  for (let pause = 5; ; pause = Math.min(pause * 2, 250)) {
    if (isAborted(signal)) throw cancelled();
    const state = await engine.execState(id);
    if (!state.running && state.exitCode !== null) return state.exitCode;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** Takes the pid off the first line and keeps the end of the rest. */
class StderrTail {
  pid: number | undefined;
  private announced = false;
  private announcement: (() => void) | undefined;
  private start: Buffer = Buffer.alloc(0);
  private tail: Buffer = Buffer.alloc(0);

  constructor(private readonly onError: ExecStreams['onError']) {}

  add(bytes: Buffer): void {
    if (this.announced) return this.keep(bytes);
    this.start = Buffer.concat([this.start, bytes]);
    const lineEnd = this.start.indexOf(0x0a);
    if (lineEnd < 0) return;
    this.announced = true;
    const line = this.start.subarray(0, lineEnd).toString('latin1');
    if (/^\d+$/.test(line)) this.pid = Number(line);
    this.announcement?.();
    this.keep(this.pid === undefined ? this.start : this.start.subarray(lineEnd + 1));
  }

  /** Calls back when the pid has been seen, at once if that was before. */
  whenAnnounced(callback: () => void): void {
    if (this.announced) callback();
    else this.announcement = callback;
  }

  text(): string {
    return Buffer.concat(this.announced ? [this.tail] : [this.start])
      .toString('utf8')
      .trim();
  }

  private keep(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.onError?.(bytes);
    this.tail = Buffer.concat([this.tail, bytes]).subarray(-stderrLimit);
  }
}

// Postgres is often process 1 of its container and so inherits every orphan; one that dies of a signal it takes for a
// crashed backend, and restarts the whole server (postmaster.c, HandleChildCrash). So processes are ended from the
// leaves up: each still has the parent that started it, and that one collects it. An exec leads a session of its own,
// by which its processes are known. Ends with 0 when nobody is left.
const endSession = `
tries=0
while :; do
  members="" parents=""
  for stat in /proc/[0-9]*/stat; do
    read -r line 2>/dev/null < "$stat" || continue
    pid=\${line%% *} fields=\${line##*) }
    case $fields in Z*) continue ;; esac
    set -- "$1" $fields
    [ "$5" = "$1" ] || continue
    members="$members $pid" parents="$parents $3 "
  done
  [ -z "$members" ] && exit 0
  signal=TERM
  [ "$tries" -gt 30 ] && signal=KILL
  [ "$tries" -gt 60 ] && exit 1
  for pid in $members; do
    case $parents in *" $pid "*) ;; *) kill -s "$signal" "$pid" 2>/dev/null ;; esac
  done
  tries=$((tries + 1))
  sleep 0.1
done`;

/** Kills what an exec started. Says nothing when the engine is gone: then the containers are the engine's matter. */
async function killQuietly(engine: Engine, command: ExecCommand, pid: number | undefined): Promise<void> {
  if (pid === undefined) return;
  try {
    const id = await engine.createExec(command.container, {
      argv: ['sh', '-c', endSession, 'sh', String(pid)],
      env: {},
      stdin: false,
      user: command.user ?? '0',
    });
    for await (const _ of await engine.startExec(id, false)) void _;
    await exitCodeOf(engine, id, AbortSignal.timeout(killTimeout));
  } catch {
    // nothing more can be done from here; the original error is what the caller reports
  }
}
