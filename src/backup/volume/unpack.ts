import { readExec, runExec } from '../../engine/exec';
import type { Engine } from '../../engine/engine';
import type { Operation } from '../../operations/operation';
import { readPieces } from '../../operations/readPieces';
import { Failure } from '../../protocol/failure';
import { chooseHash, readStages, type Stages } from './stream';

/** A volume backup on the host. */
export interface VolumeArchive {
  readonly path: string;
  /** Of the packed tar. */
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly compression: 'zstd' | 'gzip';
  /** Of all files in it, as far as that is known: so much must be free where they are put. */
  readonly dataBytes?: number;
  /** Gives its bytes, when they are not just those of the file: what is encrypted is unpacked as plain text. */
  readonly read?: (operation: Operation) => AsyncIterable<Buffer>;
}

/** A data directory that has been unpacked. */
export interface UnpackedCluster {
  readonly major: number;
  /** `uid:gid`, numeric: whose files they are, and so who has to run the server. */
  readonly owner: string;
  readonly files: number;
}

// The length is known, so the program ends without anybody closing its input. What a stage does not read is drained, so
// that the hash is always of the whole.
const receiveAndUnpack = `
exec 4>&2
${chooseHash}
case $3 in zstd) open="zstd -q -d -c" ;; *) open="gzip -d -c" ;; esac
mkdir -p -- "$1" && [ -z "$(ls -A -- "$1")" ] || { echo "$1 is not an empty folder" >&2; exit 1; }
{ head -c "$2" | tee /dev/fd/5 | { $open 5>&-; echo "cdb open $?" >&4; cat >/dev/null; } |
  { { tar --numeric-owner -xpvf - -C "$1" 5>&-; echo "cdb tar $?" >&4; cat >/dev/null; } | { echo "cdb entries $(grep -vc '^\\./$')" >&4; }; }
} 5>&1 | $hash | { read -r sum rest; echo "cdb sha256 $sum" >&4; }`;

const readRoom = 'mkdir -p -- "$1" && df -Pk -- "$1" | { read -r _; read -r _ _ _ free _; echo "$free"; }';

/** How much more than the copy itself must be free: recovery writes as well, and others go on writing. */
const spareRoom = 1.1;

// What pg_basebackup adds of its own (the folder itself, its manifest) has no owner of the server's; all else must have.
const takeStock = `
cd -- "$1" || exit 1
[ -s PG_VERSION ] && [ -f global/pg_control ] || { echo "no cluster"; exit 0; }
uid=$(stat -c %u PG_VERSION) gid=$(stat -c %g PG_VERSION)
[ ! -e backup_manifest ] || chown "$uid:$gid" backup_manifest
[ "$(stat -c %u .)" = "$uid" ] || chown "$uid:$gid" .
case $(stat -c %a .) in 700 | 750) ;; *) chmod 0700 . ;; esac
echo "cluster $(cat PG_VERSION) $uid:$gid $(find . -mindepth 1 | wc -l)"
find . ! -user "$uid" | head -n 5`;

/**
 * Unpacks a volume backup into an empty folder of a container, with the owners that it had, and looks whether all of it
 * is there. Throws `STREAM_DIFFERS`, `CONTAINER_FULL`, `ARCHIVE_UNREADABLE`, `VOLUME_OWNER`.
 */
export async function unpackCluster(engine: Engine, container: string, archive: VolumeArchive, folder: string, operation: Operation): Promise<UnpackedCluster> {
  await demandRoom(engine, container, archive, folder, operation.signal);
  const argv = ['sh', '-c', receiveAndUnpack, 'sh', folder, String(archive.sizeBytes), archive.compression];
  const { stderr } = await runExec(
    engine,
    { container, argv, env: { LC_ALL: 'C' } },
    { signal: operation.signal, input: archive.read?.(operation) ?? readPieces(archive.path, operation, 'Unpacking the copy') },
  );
  const stages = readStages(stderr);
  checkStages(archive, stages);
  const cluster = await readStock(engine, container, archive, folder, operation.signal);
  if (cluster.files === Number(stages.results.get('entries'))) return cluster;
  throw damaged(archive, `${stages.results.get('entries') ?? 'no'} files were unpacked, and ${cluster.files} are there`);
}

/** Living databases share the disk with what is unpacked here: it must never be this that fills it. */
async function demandRoom(engine: Engine, container: string, { dataBytes = 0 }: VolumeArchive, folder: string, signal: AbortSignal): Promise<void> {
  const { stdout } = await readExec(engine, { container, argv: ['sh', '-c', readRoom, 'sh', folder], env: { LC_ALL: 'C' } }, signal);
  const free = Number(stdout.trim() || 'unknown') * 1024;
  if (Number.isNaN(free) || free > dataBytes * spareRoom) return;
  const megabytes = Math.ceil((dataBytes * spareRoom) / 1e6);
  throw new Failure(
    'CONTAINER_FULL',
    `The engine's disk has too little space for a copy of ${megabytes} MB.`,
    "Free space on the engine's disk, then try again.",
  );
}

function checkStages(archive: VolumeArchive, { results, complaint }: Stages): void {
  if (/No space left/i.test(complaint)) {
    throw new Failure('CONTAINER_FULL', "The engine's disk filled up while the copy was unpacked.", "Free space on the engine's disk, then try again.");
  }
  if (results.get('sha256') !== archive.sha256) {
    throw new Failure(
      'STREAM_DIFFERS',
      `What arrived in the container is not ${archive.path} as it was written. ${complaint}`,
      'Verify the file; if it is whole, restart the engine.',
    );
  }
  if (results.get('open') !== '0' || results.get('tar') !== '0') throw damaged(archive, complaint);
}

async function readStock(engine: Engine, container: string, archive: VolumeArchive, folder: string, signal: AbortSignal): Promise<UnpackedCluster> {
  const { stdout, stderr } = await readExec(engine, { container, argv: ['sh', '-c', takeStock, 'sh', folder] }, signal);
  const [stock = '', ...strangers] = stdout.trim().split('\n');
  const [, major, owner, files] = /^cluster (\d+) (\d+:\d+) (\d+)$/.exec(stock) ?? [];
  if (owner === undefined) throw damaged(archive, `there is no cluster in it. ${stderr}`);
  if (owner.startsWith('0:') || strangers.length > 0) {
    const what = owner.startsWith('0:') ? 'all of them belong to root' : `${strangers.join(', ')} belong to somebody else than PG_VERSION`;
    throw new Failure(
      'VOLUME_OWNER',
      `The files in ${archive.path} have the wrong owner: ${what}.`,
      'Mend the owners in the volume (chown), and back it up again.',
    );
  }
  return { major: Number(major), owner, files: Number(files) };
}

function damaged({ path }: VolumeArchive, why: string): Failure {
  return new Failure('ARCHIVE_UNREADABLE', `${path} cannot be unpacked: ${why}`, 'Use another backup; this one is not to be relied on.');
}
