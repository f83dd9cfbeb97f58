import { createHash } from 'node:crypto';
import { runExec, type ExecCommand } from '../../engine/exec';
import type { Engine } from '../../engine/engine';
import type { Operation } from '../../operations/operation';
import { Failure } from '../../protocol/failure';

/** The program that packs a copy, by what the container has. */
export type Packer = 'zstd' | 'pigz' | 'gzip';

/** What came out of a copy whose every stage succeeded. */
export interface VolumeReceipt {
  readonly sizeBytes: number;
  readonly sha256: string;
  /** What a manifest calls it; `zstd` goes with `.tar.zst`, `gzip` with `.tar.gz`. */
  readonly compression: 'zstd' | 'gzip';
}

/** Takes the bytes of a copy; while its promise is pending, no more is read. */
export type WritePiece = (bytes: Buffer) => Promise<void> | undefined;

/** Milliseconds between two reports of how far it has come. */
const reportInterval = 200;

/** SHA-256 of standard input, by OpenSSL where it is: it uses the processor's own. */
export const chooseHash = 'if command -v openssl >/dev/null 2>&1; then hash="openssl dgst -sha256 -r"; else hash=sha256sum; fi';

// What a pipe loses is reported by each stage for itself: its exit code, and the hash of what was sent. What goes to
// the host is gathered into large pieces (see dumpStream.ts).
const copyAndHash = `
exec 3>&1 4>&2
${chooseHash}
case $1 in zstd) pack="zstd -q -1 -T0 -c" ;; pigz) pack="pigz -1 -c" ;; *) pack="gzip -1 -c" ;; esac
shift
{ "$@" 3>&- 4>&-; echo "cdb copy $?" >&4; } | { $pack 3>&- 4>&-; echo "cdb pack $?" >&4; } |
{ { tee /dev/fd/5 | dd ibs=64k obs=256k 2>/dev/null >&3; } 5>&1 | $hash | { read -r sum rest; echo "cdb sha256 $sum" >&4; }; }`;

/** Wraps a program that writes a tar, so that the tar is packed, sent and hashed; what `streamPacked` runs. */
export function packed(packer: Packer, argv: readonly string[]): readonly string[] {
  return ['sh', '-c', copyAndHash, 'sh', packer, ...argv];
}

/**
 * Runs what `packed` made and hands over what comes, piece by piece. Throws unless every stage ended well and the
 * host got the very bytes that the container sent: what `explain` makes of the copy's exit code and complaints,
 * `COPY_FAILED`, `STREAM_DIFFERS`, and what `runExec` throws.
 */
export async function streamPacked(
  engine: Engine,
  command: ExecCommand,
  packer: Packer,
  write: WritePiece,
  operation: Operation,
  explain: (exitCode: string, complaint: string) => Failure,
): Promise<VolumeReceipt> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  let reportedAt = 0;
  const result = await runExec(engine, command, {
    signal: operation.signal,
    onOutput: (bytes) => {
      hash.update(bytes);
      sizeBytes += bytes.length;
      if (Date.now() - reportedAt >= reportInterval) {
        reportedAt = Date.now();
        operation.report({ message: 'Copying the data directory', bytes: sizeBytes });
      }
      return write(bytes);
    },
  });
  const sha256 = hash.digest('hex');
  checkStages(readStages(result.stderr), sha256, explain);
  return { sizeBytes, sha256, compression: packer === 'zstd' ? 'zstd' : 'gzip' };
}

/** What the stages of a script reported about themselves, and all else that was said. */
export interface Stages {
  readonly results: ReadonlyMap<string, string>;
  readonly complaint: string;
}

/** Reads lines such as `cdb copy 0`. */
export function readStages(stderr: string): Stages {
  const results = new Map<string, string>();
  const complaints: string[] = [];
  for (const line of stderr.split('\n')) {
    const [, stage, result] = /^cdb (\w+) (\S+)$/.exec(line) ?? [];
    if (stage !== undefined && result !== undefined) results.set(stage, result);
    else if (line.trim() !== '' && !/A lone zero block/.test(line)) complaints.push(line.trim());
  }
  return { results, complaint: complaints.slice(-5).join(' ') };
}

function checkStages({ results, complaint }: Stages, sha256: string, explain: (exitCode: string, complaint: string) => Failure): void {
  const exitCode = results.get('copy') ?? 'unknown';
  if (exitCode !== '0') throw explain(exitCode, complaint);
  if (results.get('pack') !== '0') {
    throw new Failure('COPY_FAILED', `The copy could not be packed: ${complaint}`, 'Nothing was kept. Mend what it says, then try again.');
  }
  if (results.get('sha256') !== sha256) {
    throw new Failure(
      'STREAM_DIFFERS',
      'The bytes that arrived are not the bytes that were sent.',
      'Nothing was kept. Try again; if it happens again, restart the engine.',
    );
  }
}
