import { createHash } from 'node:crypto';
import { runExec } from '../engine/exec';
import { removeContainerFile } from '../operations/containerFiles';
import type { Operation } from '../operations/operation';
import { inContainer, toolEnvironment } from '../postgres/tools';
import { Failure } from '../protocol/failure';
import type { PostgresServer } from '../postgres/server';
import { dumpScript } from './dumpScript';
import type { DumpShape } from './format';

/** What came out of a dump whose every stage succeeded. */
export interface DumpReceipt {
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** A dump to be made in a container. */
export interface DumpRequest {
  readonly server: PostgresServer;
  readonly shape: DumpShape;
  /** `pg_dump` and its arguments. */
  readonly argv: readonly string[];
  /** Of the directory format: where it is gathered. */
  readonly workFolder?: string;
  readonly applicationName: string;
}

/**
 * Runs `pg_dump` in the container and hands its archive to `write`, piece by piece.
 * Throws unless every program ended well, the host got the very bytes that the container sent, and the archive could be
 * read to its end there: `DUMP_FAILED`, `STREAM_DIFFERS`, `ARCHIVE_UNREADABLE`, and what `runExec` throws.
 */
export async function streamDump(request: DumpRequest, write: (bytes: Buffer) => Promise<void> | undefined, operation: Operation): Promise<DumpReceipt> {
  const { server, shape, argv, workFolder, applicationName } = request;
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const report = new DumpReport(operation, () => sizeBytes, stagesOf(shape));
  const script = ['sh', '-c', dumpScript(shape), 'sh', ...(workFolder === undefined ? [] : [workFolder, String(shape.jobs)]), ...argv];
  try {
    const result = await runExec(
      server.engine,
      { container: server.container, argv: inContainer(server, script), env: toolEnvironment(applicationName) },
      {
        signal: operation.signal,
        holdInput: true,
        onError: (bytes) => report.add(bytes),
        onOutput: (bytes) => {
          hash.update(bytes);
          sizeBytes += bytes.length;
          report.grow();
          return write(bytes);
        },
      },
    );
    const sha256 = hash.digest('hex');
    report.check(result.exitCode, sha256);
    return { sizeBytes, sha256 };
  } catch (error) {
    // The script removes it itself, unless it was killed.
    if (workFolder !== undefined) await removeContainerFile(server, workFolder);
    throw error;
  }
}

/** The stages that must say that they ended well, before the hash is compared and the reader is asked. */
function stagesOf({ format, compression }: DumpShape): readonly string[] {
  return format === 'directory' || (format === 'plain' && compression !== 'none') ? ['dump', 'pack'] : ['dump'];
}

/** Milliseconds between two reports about the same table. */
const reportInterval = 200;

/** Reads what the stages report on standard error, line by line. */
class DumpReport {
  private readonly decoder = new TextDecoder(); // a character may be cut by the end of a piece
  private rest = '';
  private readonly results = new Map<string, string>();
  private readonly complaints: string[] = [];
  private doing = 'Dumping';
  private reportedAt = Date.now();

  constructor(
    private readonly operation: Operation,
    private readonly bytesSoFar: () => number,
    private readonly stages: readonly string[],
  ) {}

  add(bytes: Buffer): void {
    const lines = (this.rest + this.decoder.decode(bytes, { stream: true })).split('\n');
    this.rest = lines.pop() ?? '';
    lines.forEach((line) => this.readLine(line));
  }

  check(exitCode: number, sha256: string): void {
    if (this.rest !== '') this.readLine(this.rest);
    for (const stage of ['dump', 'pack']) {
      const code = this.results.get(stage) ?? (this.stages.includes(stage) ? undefined : '0');
      if (code !== '0') throw dumpFailed(code ?? String(exitCode), this.complaints);
    }
    if (this.results.get('sha256') !== sha256) {
      throw new Failure(
        'STREAM_DIFFERS',
        'The bytes that arrived are not the bytes that were sent.',
        'Nothing was kept. Try again; if it happens again, restart the engine.',
      );
    }
    if (this.results.get('read') !== '0') {
      throw new Failure(
        'ARCHIVE_UNREADABLE',
        `The archive cannot be read to its end: ${this.complaints.at(-1) ?? ''}`,
        'Nothing was kept. Look at the log, and at the disk of the database.',
      );
    }
  }

  private readLine(line: string): void {
    const result = /^cdb (dump|pack|sha256|read) (\S+)$/.exec(line);
    const table = /dumping contents of table "(.*)"$/.exec(line);
    if (result?.[1] !== undefined && result[2] !== undefined) this.results.set(result[1], result[2]);
    else if (table !== null) this.begin(`Dumping ${table[1] ?? ''}`);
    else if (/\b(?:error|fatal|panic):|could not|cannot/i.test(line)) this.complaints.push(line);
    if (line !== '') this.operation.log.debug(line);
  }

  /** More has arrived, perhaps all of one large table; said a few times a second. */
  grow(): void {
    if (Date.now() - this.reportedAt >= reportInterval) this.begin(this.doing);
  }

  private begin(message: string): void {
    this.doing = message;
    this.reportedAt = Date.now();
    this.operation.report({ message, bytes: this.bytesSoFar() });
  }
}

function dumpFailed(exitCode: string, complaints: readonly string[]): Failure {
  if (exitCode === '137') {
    return new Failure(
      'DUMP_FAILED',
      'pg_dump was killed: the container was stopped, or had too little memory.',
      'Nothing was kept. Start the service, or give it more memory, then try again.',
    );
  }
  const said = complaints.map((line) => line.replace(/^pg_dump: /, '')).join(' ') || `it ended with exit code ${exitCode}`;
  if (exitCode === '127') {
    return new Failure('TOOL_MISSING', 'The container has no pg_dump.', 'Use an image with the Postgres client programs, such as the official one.');
  }
  if (/password authentication failed/i.test(said)) {
    return new Failure(
      'PASSWORD_WRONG',
      `pg_dump was not let in: ${said}`,
      'The password in the container is not the one in the cluster. Set it with ALTER ROLE, or correct the environment.',
    );
  }
  if (/No space left/i.test(said)) {
    return new Failure(
      'CONTAINER_FULL',
      `A disk of the container is full: ${said}`,
      "Free space on the engine's disk, or choose the custom format, then try again.",
    );
  }
  if (/lock timeout|LOCK TABLE|could not obtain lock/i.test(said)) {
    return new Failure(
      'TABLE_LOCKED',
      `pg_dump waited in vain for a lock: ${said}`,
      'Let the migration or the session that holds the lock finish, then try again.',
    );
  }
  return new Failure('DUMP_FAILED', `pg_dump failed: ${said}`, 'Nothing was kept. Mend what it says, then try again.');
}
