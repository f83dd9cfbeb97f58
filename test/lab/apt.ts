import { step, tryRun, waitFor } from './process';

const noninteractive = { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
const options = ['-q', '-y', '-o', 'DPkg::Lock::Timeout=300', '-o', 'APT::Keep-Downloaded-Packages=true'];

let queue: Promise<unknown> = Promise.resolve();
let indexIsFresh = false;

/**
 * Installs those of the Debian packages `names` that are missing, and gives their names. Calls wait for one another, for
 * dpkg can do one thing at a time. Throws, with the line to type, on other systems and for other users than root.
 */
export async function ensurePackages(names: readonly string[]): Promise<readonly string[]> {
  const turn = queue.then(() => installMissing(names));
  queue = turn.catch(() => undefined); // the failure is the caller's; those who wait go on
  return turn;
}

async function installMissing(names: readonly string[]): Promise<readonly string[]> {
  const missing = await missingPackages(names);
  if (missing.length === 0) return missing;
  if (process.getuid?.() !== 0) throw new Error(`The lab needs ${missing.join(', ')}. ${byHand(missing)}`);
  await step(`installed ${missing.join(', ')}`, () => install(missing));
  return missing;
}

async function missingPackages(names: readonly string[]): Promise<readonly string[]> {
  // Exit code 1 only says that some are unknown; those it knows are printed all the same.
  const query = await tryRun('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\\n', ...names]).catch(() => undefined);
  if (query === undefined) throw new Error(`This is not a Debian system, so the lab cannot install ${names.join(', ')}. ${byHand(names)}`);
  const installed = new Set(
    query.stdout
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map((line) => line.split(' ')[0]),
  );
  return names.filter((name) => !installed.has(name));
}

function byHand(names: readonly string[]): string {
  return `Install what these Debian packages hold by hand, as root: apt-get install ${names.join(' ')}`;
}

/** The package index is renewed only when apt fails with the one it has: it is missing, or older than the mirror. */
async function install(names: readonly string[]): Promise<void> {
  const args = ['install', ...options, '--no-install-recommends', ...names];
  const first = await aptGet(args);
  if (first.code === 0) return;
  if (indexIsFresh) throw new Error(`apt-get install ${names.join(' ')} failed:\n${first.stderr.trim().slice(-4000)}`);
  const update = await aptGet(['update', ...options]);
  if (update.code !== 0) throw new Error(`apt-get update failed:\n${update.stderr.trim().slice(-4000)}`);
  indexIsFresh = true;
  await install(names);
}

/** DPkg::Lock::Timeout does not cover apt's locks on its lists and archives, which another apt may hold. */
async function aptGet(args: readonly string[]): ReturnType<typeof tryRun> {
  return waitFor(
    'another apt to end',
    async () => {
      const result = await tryRun('apt-get', args, { env: noninteractive });
      return result.code === 0 || !/Could not get lock|Unable to lock/.test(result.stderr) ? result : undefined;
    },
    300_000,
  );
}
