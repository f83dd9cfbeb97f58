import { readExec } from '../../engine/exec';
import type { Operation } from '../../operations/operation';
import { Failure } from '../../protocol/failure';
import type { LentVolume } from './lend';

/** What was, or would be, mended. */
export interface OwnerFix {
  /** `uid:gid` that the image's server has. */
  readonly owner: string;
  /** Files and folders that belong to somebody else. */
  readonly strangers: number;
  /** Of the data directory; undefined when it is one that the server accepts. */
  readonly mode?: string;
}

// The server refuses to start unless the directory is its own, and open to nobody else but its group, whichever that is.
const fix = `
owner=$(id -u postgres 2>/dev/null):$(id -g postgres 2>/dev/null)
case $owner in :*) exit 3 ;; esac
[ -f "$1/PG_VERSION" ] || exit 4
strangers=$(find "$1" ! -user "\${owner%:*}" -print | wc -l)
mode=$(stat -c %a "$1")
echo "$owner $strangers $mode"
[ "$2" = fix ] || exit 0
[ "$strangers" = 0 ] || chown -Rh "$owner" "$1" || exit 1
case $mode in 700 | 750) ;; *) chmod 0700 "$1" || exit 1 ;; esac
sync`;

/** Gives the files of a data directory to the user that the image's server runs as. Throws `IMAGE_WITHOUT_POSTGRES`, `NO_CLUSTER`, `OWNER_NOT_FIXED`. */
export async function fixOwner({ engine, container, mount }: LentVolume, folder: string, dryRun: boolean, operation: Operation): Promise<OwnerFix> {
  const directory = folder === '' ? mount : `${mount}/${folder}`;
  const command = { container, argv: ['sh', '-c', fix, 'sh', directory, dryRun ? 'look' : 'fix'], env: { LC_ALL: 'C' } };
  const { exitCode, stdout, stderr } = await readExec(engine, command, operation.signal);
  if (exitCode === 3) throw new Failure('IMAGE_WITHOUT_POSTGRES', 'The image has no user "postgres".', 'Name another image with --image.');
  if (exitCode === 4) throw new Failure('NO_CLUSTER', `There is no Postgres cluster in ${directory}.`, 'Check the mounts of the service.');
  if (exitCode !== 0) throw new Failure('OWNER_NOT_FIXED', `The owner could not be changed: ${stderr.trim()}`, 'Some file systems of the host keep no owners.');
  const [owner = '', strangers, mode = ''] = stdout.trim().split(' ');
  return { owner, strangers: Number(strangers), ...(mode === '700' || mode === '750' ? {} : { mode }) };
}
