import { containerFilePrefix } from '../operations/containerFiles';
import { temporaryFolders } from '../postgres/tools';
import type { DumpShape } from './format';

// The programs that run in the container, as POSIX sh without any data in it: names and wishes come as arguments.
//
// Every stage reports its own exit code, because a pipe keeps only the last one. When a reader ends early the rest is drained,
// so that the other readers still get it. OpenSSL is asked first: it uses the processor's own SHA. What goes to the host is
// gathered into large pieces by dd: the engine spends as much on a small one (measured: 0.7 s instead of 1.6 s of its time for
// 200 MB). Pipes get a megabyte where perl can ask for it (1031 is F_SETPIPE_SZ, and $^F keeps them open for the program), so
// that a reader that is busy for a moment does not make pg_dump wait.
//
// The engine lets a program run on when nobody takes its output any more (measured: a dump to its end, with its locks). So the
// host holds standard input open and sends nothing: when that ends, the host is gone, and so is the program. It is waited for
// by its own parent, as is the subshell that waits for the end: Postgres must not inherit what dies of a signal.
//
// A folder whose script was killed with the container is removed by the next dump: it holds the process id, and that process has
// the folder among its arguments, unless it is another one that got the same id after a restart. That one may end while it is
// looked at, which grep cannot tell from arguments that must not be read; so it is asked for again.
const prelude = `
gone() { ! kill -0 "$1" 2>/dev/null; }
left_behind() { gone "$1" || { grep -qF "$2" "/proc/$1/cmdline" 2>/dev/null; [ "$?" -eq 1 ]; } || gone "$1"; }
for place in ${temporaryFolders}; do
  for old in "$place"/${containerFilePrefix}*/pid; do
    [ -f "$old" ] && read -r pid < "$old" && left_behind "$pid" "\${old%/pid}" && rm -rf "\${old%/pid}"
  done
done
exec 3>&1 4>&2 7<&0 </dev/null
if command -v openssl >/dev/null 2>&1; then hash="openssl dgst -sha256 -r"; else hash=sha256sum; fi
widen='$^F = 9; for (1, 5, 6) { open($pipe{$_}, ">&=", $_) && fcntl($pipe{$_}, 1031, 1048576) } exec {$ARGV[0]} @ARGV; exit 127'
perl -e 1 2>/dev/null || widen=
roomy() { \${widen:+perl -e "$widen"} "$@"; }
while_wanted() {
  \${widen:+perl -e "$widen"} "$@" 3>&- 4>&- 7<&- &
  program=$!
  { read -r _ <&7; kill "$program"; } >/dev/null 2>&1 3>&- 4>&- &
  watch=$!
  wait "$program"
  code=$?
  kill "$watch" 2>/dev/null
  wait "$watch" 2>/dev/null
  return "$code"
}
gather() { roomy dd ibs=64k obs=256k 2>/dev/null >&3; }
note_hash() { $hash | { read -r sum rest; echo "cdb sha256 $sum" >&4; }; }`;

/** One stream, read three times without a copy on disk: sent to the host, hashed, and read whole by `read`. */
function throughPipes(pack: string | undefined, read: string): string {
  const dump = '{ while_wanted "$@"; echo "cdb dump $?" >&4; }';
  const packed = pack === undefined ? dump : `${dump} | { ${pack} 3>&- 4>&-; echo "cdb pack $?" >&4; }`;
  return `${prelude}
${packed} | {
  { { roomy tee /dev/fd/5 /dev/fd/6 | gather; } 5>&1 | note_hash; } 6>&1 |
  { { ${read}; } 3>&- 4>&-; echo "cdb read $?" >&4; cat >/dev/null; }
}`;
}

/**
 * A function of the shell that reads a directory archive to its end: `read_folder ARCHIVE LISTS READERS [PROGRAM…]`. The tables' files
 * are shared out by size among several `pg_restore`, each started by PROGRAM; the first has all that is no file of a table. LISTS is
 * where their lists lie, as a path that others are made of.
 */
const readFolder = `
read_folder() {
  archive=$1 lists=$2 readers=$3; shift 3
  pg_restore --list "$archive" > "$lists" || return
  ls -lnS "$archive" | awk -v lists="$lists" -v readers="$readers" '
BEGIN { printf "" > (lists ".1") }
FNR == NR {
  if ($NF !~ /^[0-9]+[.]dat/) next
  least = 1; for (i = 2; i <= readers; i++) if (load[i] < load[least]) least = i
  load[least] += $5; share[$NF + 0] = least; next
}
/^[0-9]+;/ { print > (lists "." (($1 + 0) in share ? share[$1 + 0] : 1)) }' - "$lists" || return
  pids= code=0
  for list in "$lists".*; do "$@" pg_restore -f /dev/null --use-list="$list" "$archive" & pids="$pids $!"; done
  for pid in $pids; do wait "$pid" || code=$?; done
  return "$code"
}`;

// pg_dump writes a folder, several tables at a time. Then readers prove that it can be restored, one tar hashes it and another
// sends it: the same bytes twice cost less than a tee between them (measured: 0.57 s instead of 0.83 s of processor time for 92 MB).
// The folder need not survive a crash, so it is not forced to the disk. Workers of a pg_dump that was ended may write on for a
// moment, so removing is tried again.
const throughFolder = `${prelude}${readFolder}
folder=$1 jobs=$2; shift 2
umask 077
mkdir "$folder" && echo "$$" > "$folder/pid" || exit 1
trap 'until rm -rf "$folder" || [ "$((tries += 1))" -gt 50 ]; do sleep 0.1; done' EXIT
widen=
while_wanted "$@" --no-sync --file="$folder/dump"
code=$?
echo "cdb dump $code" >&4
[ "$code" -eq 0 ] || exit "$code"
{ read_folder "$folder/dump" "$folder/list" "$jobs" while_wanted; echo "cdb read $?" >&4; } &
tar -C "$folder/dump" -cf - . 3>&- 4>&- | note_hash 3>&- &
tar -C "$folder/dump" -cf - . >&3 3>&- 4>&-
echo "cdb pack $?" >&4
wait`;

/** What a plain dump may be packed with, and the programs for it. */
export type Packing = 'none' | 'gzip' | 'zstd';

export const packers: Readonly<Record<Packing, { readonly pack: string | undefined; readonly unpack: string }>> = {
  none: { pack: undefined, unpack: 'cat' },
  gzip: { pack: 'if command -v pigz >/dev/null 2>&1; then pigz -c; else gzip -c; fi', unpack: 'gzip -dc' },
  zstd: { pack: 'zstd -q -c -T0', unpack: 'zstd -q -dc' },
};

/** The script that dumps, packs, hashes and sends. Arguments: the work folder of the directory format and how many read it, then `pg_dump` and its arguments. */
export function dumpScript({ format, compression }: DumpShape): string {
  if (format === 'directory') return throughFolder;
  if (format === 'custom') return throughPipes(undefined, 'pg_restore -f /dev/null');
  const { pack, unpack } = packers[compression === 'gzip' || compression === 'zstd' ? compression : 'none'];
  return throughPipes(pack, completeSql(unpack));
}

/** Reads SQL to its end, where `pg_dump` says that it is complete; since the fix of CVE-2025-8714 there is a line behind that. */
export function completeSql(unpack: string): string {
  return `${unpack} | tail -n 20 | { grep -qx -e "-- PostgreSQL database dump complete" || { echo "error: the end is missing" >&2; false; }; }`;
}
