import { createInterface } from 'node:readline';
import { PassThrough, type Readable } from 'node:stream';
import type { Engine } from './engine';
import { FrameDecoder } from './frames';

/** The log of a container line by line: the last `tail` lines, and what comes, until the signal or the container's end. */
export async function* followLog(engine: Engine, container: string, tail: number, signal: AbortSignal): AsyncGenerator<string> {
  // With a terminal the engine sends the bytes as they are, without frames.
  const { Config } = await engine.request((docker) => docker.getContainer(container).inspect());
  const stream = await engine.request(async (docker) => {
    const log = await docker.getContainer(container).logs({ follow: true, stdout: true, stderr: true, tail, abortSignal: signal });
    return log as unknown as Readable;
  });
  const stop = (): void => void stream.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    yield* createInterface({ input: Config.Tty ? stream : unframed(stream), crlfDelay: Infinity });
  } finally {
    signal.removeEventListener('abort', stop);
    stream.destroy();
  }
}

/** The last lines of a container's log, of at most this many. */
export async function readLog(engine: Engine, container: string, tail: number): Promise<readonly string[]> {
  const { Config } = await engine.request((docker) => docker.getContainer(container).inspect());
  const bytes = await engine.request(async (docker) => docker.getContainer(container).logs({ follow: false, stdout: true, stderr: true, tail }));
  const text = Config.Tty
    ? bytes.toString('utf8')
    : new FrameDecoder()
        .decode(bytes)
        .map((part) => part.bytes.toString('utf8'))
        .join('');
  return text.split(/\r?\n/);
}

/** Both streams as one, in the order in which they came. */
function unframed(stream: Readable): Readable {
  const decoder = new FrameDecoder();
  const text = new PassThrough();
  stream.on('data', (chunk: Buffer) => {
    for (const { bytes } of decoder.decode(chunk)) text.write(bytes);
  });
  stream.once('close', () => text.end());
  stream.once('error', () => text.end());
  return text;
}
