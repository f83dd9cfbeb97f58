import { readExec } from '../../engine/exec';
import type { Engine } from '../../engine/engine';
import { fingerprintFunction } from '../../operations/copyFolder';
import { Failure } from '../../protocol/failure';

// How a data directory is exchanged. No engine can rename a volume, and a container that is made anew on another volume would
// no longer be the one that Compose knows. So the volume stays, with its name and labels, and so does a bind mount; what is in
// it is exchanged by renames. That needs both in one file system: the new data are laid into a hidden folder of the data
// directory itself, where a server does not look, while it still runs. At every moment both lie there whole: the old ones in
// place and then in a folder of their own, the new ones the other way round. Three names tell how far it has come, and each
// of the scripts may be killed at any point and run again. While a hidden folder is there, initdb takes the directory for
// "not empty", so that no entrypoint makes a new cluster between the two. PG_VERSION goes first and comes last: a directory
// without it is no cluster to any server. Only then, with the server running again, are the old data copied into a volume of
// their own, compared, and removed.
const names = `
new=.container-databases-new old=.container-databases-old emptied=.container-databases-emptied
is_there() { [ -e "$1" ] || [ -L "$1" ]; }
# Everything in $1 but what is ours goes to $2; PG_VERSION first or last, as $3 says.
move_all() {
  if [ "$3" = first ] && is_there "$1/PG_VERSION"; then mv -- "$1/PG_VERSION" "$2/" || return 1; fi
  for entry in "$1"/* "$1"/.[!.]*; do
    is_there "$entry" || continue
    case \${entry##*/} in .container-databases-* | lost+found | PG_VERSION) continue ;; esac
    mv -- "$entry" "$2/" || return 1
  done
  sync
  if [ "$3" = last ] && is_there "$1/PG_VERSION"; then mv -- "$1/PG_VERSION" "$2/" && sync || return 1; fi
}
take_after() { chown "$(stat -c %u:%g "$1")" "$2" && chmod "$(stat -c %a "$1")" "$2"; }
${fingerprintFunction}
mkdir -p -- "$1" && cd -- "$1" || exit 1
`;

/** Puts what was prepared in the place of what is there. */
export const exchangeForward = `${names}
if [ -d "$new" ]; then
  if [ ! -e "$emptied" ]; then
    [ -d "$old" ] || { mkdir -p -- "$old-part" && take_after . "$old-part" && mv -- "$old-part" "$old" || exit 1; }
    move_all . "$old" first && : > "$emptied" && sync || exit 1
  fi
  take_after "$new" . && move_all "$new" . last && rmdir -- "$new" && sync || exit 1
fi
rm -f -- "$emptied"`;

/** Puts back what was there, and removes what was to take its place. */
export const exchangeBack = `${names}
if [ -d "$old" ]; then
  [ -d "$new" ] || : > "$emptied"
  if [ -e "$emptied" ]; then mkdir -p -- "$new" && move_all . "$new" first && rm -- "$emptied" && sync || exit 1; fi
  take_after "$old" . && move_all "$old" . last && rmdir -- "$old" && sync || exit 1
fi
rm -rf -- "$new" "$old-part" "$emptied"`;

// The manifest of a base backup was compared when it was proven, and would be wrong as soon as a server has run. Whose the files must be: as those that are there; else as the image's own server has it. Root's cannot be meant.
const settle = `${names}
rm -rf -- "$new"/.container-databases-* "$new/backup_manifest"
owner=$(stat -c %u:%g PG_VERSION 2>/dev/null || echo 0:0)
case $owner in 0:*) owner=$(id -u postgres 2>/dev/null):$(id -g postgres 2>/dev/null) ;; esac
case $owner in :*) owner=$(stat -c %u:%g "$new/PG_VERSION") ;; esac
[ "$owner" = "$(stat -c %u:%g "$new/PG_VERSION")" ] || chown -Rh "$owner" "$new" || exit 1
sync`;

const clear = `${names}
rm -rf -- "$new"`;

const copyIn = `${names}
[ -e "$3/complete" ] && rm -rf -- "$new" && cp -a -- "$3/data" "$new" && sync || exit 1
[ "$(fingerprint "$3/data")" = "$(fingerprint "$new")" ] || { echo "the copy is not what was copied" >&2; exit 1; }`;

const copyOut = `${names}
if [ ! -e "$2/complete" ]; then
  [ -d "$old" ] || { echo "there is nothing to keep" >&2; exit 1; }
  rm -rf -- "$2/data" && cp -a -- "$old" "$2/data" && sync || exit 1
  [ "$(fingerprint "$old")" = "$(fingerprint "$2/data")" ] || { echo "the copy is not what was copied" >&2; exit 1; }
  : > "$2/complete" && sync || exit 1
fi
rm -rf -- "$old"`;

const lookAround = `${names}
echo "version $(cat PG_VERSION 2>/dev/null)"
echo "kilobytes $(du -sk . | { read -r size _; echo "$size"; })"
echo "place $(df -Pk . | { read -r _; read -r device _ _ free _; echo "$free $device"; })"
echo "engine $(df -Pk "$2" | { read -r _; read -r device _ _ free _; echo "$free $device"; })"
base=$(pwd -P)
find . -type l | while read -r link; do
  case $(readlink -f "$link") in "$base"/*) ;; *) echo "link $link" ;; esac
done`;

/** Where a helping container has the volume for what is replaced. */
export const undoMount = '/container-databases-undo';
/** Where it has the undo volume that is put back. */
export const spentMount = '/container-databases-spent';
/** The folder in a data directory in which what is to come is laid. */
export const newFolder = '.container-databases-new';

/** A data directory in a helping container that may write it. */
export interface Lent {
  readonly engine: Engine;
  readonly helper: string;
  readonly dataDirectory: string;
}

/** What a data directory is like before it is restored. Sizes in bytes. */
export interface PlaceFacts {
  /** By `PG_VERSION`; undefined where there is no cluster. */
  readonly major?: number;
  readonly sizeBytes: number;
  /** Where the data lie, and where new volumes go; NaN where that cannot be told. */
  readonly freeBytes: { readonly place: number; readonly engine: number };
  /** Whether those two are one disk. */
  readonly oneDisk: boolean;
  /** Links that lead out of the data directory, such as `./pg_wal`. */
  readonly links: readonly string[];
}

/** Looks at a data directory, with an empty volume of the engine's at `undoMount`. Throws `VOLUME_UNREADABLE`. */
export async function readPlace(lent: Lent): Promise<PlaceFacts> {
  const lines = (await runScript(lent, lookAround, 'VOLUME_UNREADABLE')).split('\n');
  const valueOf = (name: string): string => lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1) ?? '';
  const [placeFree = '', placeDevice] = valueOf('place').split(' ');
  const [engineFree = '', engineDevice] = valueOf('engine').split(' ');
  const bytes = (kilobytes: string): number => Number(kilobytes || 'unknown') * 1024;
  const major = Number(valueOf('version'));
  return {
    ...(major > 0 ? { major } : {}),
    sizeBytes: bytes(valueOf('kilobytes')) || 0,
    freeBytes: { place: bytes(placeFree), engine: bytes(engineFree) },
    oneDisk: placeDevice === engineDevice,
    links: lines.flatMap((line) => (line.startsWith('link ') ? [line.slice(5)] : [])),
  };
}

/** Removes what an interrupted restore may have laid beside the data. */
export async function clearNew(lent: Lent): Promise<void> {
  await runScript(lent, clear, 'RESTORE_FAILED');
}

/** Gives what was unpacked the owner that the server here needs. */
export async function settleOwner(lent: Lent): Promise<void> {
  await runScript(lent, settle, 'RESTORE_FAILED');
}

/** Lays what an undo volume holds beside the data, compared byte for byte. */
export async function layFromUndo(lent: Lent): Promise<void> {
  await runScript(lent, copyIn, 'RESTORE_FAILED');
}

/** Exchanges the two; may be called again after it was interrupted anywhere. */
export async function exchange(lent: Lent, direction: 'forward' | 'back'): Promise<void> {
  await runScript(lent, direction === 'forward' ? exchangeForward : exchangeBack, 'EXCHANGE_FAILED');
}

/** Copies what was replaced into the undo volume, compares the two, and only then removes it beside the data. */
export async function keepReplaced(lent: Lent): Promise<void> {
  await runScript(lent, copyOut, 'UNDO_NOT_KEPT');
}

async function runScript({ engine, helper, dataDirectory }: Lent, script: string, code: string): Promise<string> {
  const argv = ['sh', '-c', script, 'sh', dataDirectory, undoMount, spentMount];
  const { exitCode, stdout, stderr } = await readExec(engine, { container: helper, argv, env: { LC_ALL: 'C' } });
  if (exitCode === 0) return stdout;
  const said = stderr.trim().split('\n').slice(-3).join(' ') || `exit code ${String(exitCode)}`;
  throw new Failure(code, `${dataDirectory}: ${said}`, 'Nothing was lost. Mend what it says, and start any command: it goes on from there.');
}
