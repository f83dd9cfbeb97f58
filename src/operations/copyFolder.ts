import { readExec } from '../engine/exec';
import type { Engine } from '../engine/engine';
import { Failure } from '../protocol/failure';

/** A shell function: names, owners, modes and contents of all that is in a folder, as one line. */
export const fingerprintFunction = `
fingerprint() {
  ( cd -- "$1" && { find . -print0 | sort -z | xargs -0 stat -c '%n %f %u:%g'; find . -type f -print0 | sort -z | xargs -0 -r cksum; } | sha256sum ) || echo "$1"
}`;

const copyAndCompare = `${fingerprintFunction}
cp -a -- "$1/." "$2/" && sync || exit 1
[ "$(fingerprint "$1")" = "$(fingerprint "$2")" ] || { echo "the copy is not what was copied" >&2; exit 1; }`;

/** Copies all that is in a folder of a container into another one there, and compares the two. Throws `COPY_FAILED`. */
export async function copyFolder(engine: Engine, container: string, from: string, to: string, signal: AbortSignal): Promise<void> {
  const argv = ['sh', '-c', copyAndCompare, 'sh', from, to];
  const { exitCode, stderr } = await readExec(engine, { container, argv, env: { LC_ALL: 'C' } }, signal);
  if (exitCode === 0) return;
  throw new Failure('COPY_FAILED', `The copy failed: ${stderr.trim().split('\n').slice(-3).join(' ')}`, "Look at the engine's disk, then try again.");
}
