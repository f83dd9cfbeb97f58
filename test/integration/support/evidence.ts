import assert from 'node:assert/strict';
import { waitFor, type RunResult } from '../../lab/process';
import { engineCommand } from '../../lab/stacks';
import { holdSession, sql, type HeldSession, type Place } from './sql';

/** What runs in a container beside the server, the psql of these tests, and the health check, which comes and goes by itself. */
export async function foreignProcesses(place: Place): Promise<readonly string[]> {
  const format = place.engine === 'podman' ? ['args'] : ['-eo', 'pid,args'];
  const { stdout } = await engineCommand(['top', place.container, ...format], place);
  const lines = stdout
    .split('\n')
    .slice(1)
    .map((line) => line.replace(/^\s*\d+\s+/, '').trim());
  return lines.filter((line) => line !== '' && !/^(?:\S*\/)?postgres(?::|\s|$)/.test(line) && !/pg_isready|psql -XqAt/.test(line));
}

/** The sessions that our own programs have on a server. */
export async function ourSessions(place: Place): Promise<readonly string[]> {
  const query = "SELECT application_name, pid, state, left(query, 60) FROM pg_stat_activity WHERE application_name LIKE 'container-databases%'";
  return (await sql(place, 'postgres', query)).split('\n').filter((line) => line !== '');
}

/** When a container's main process started, and how it is; a new value after every start, empty where there is no such container. */
export async function startedAt(container: string, place: Pick<Place, 'engine'> = { engine: 'docker' }): Promise<string> {
  return (await inspectStarts([container], place)).stdout.trim();
}

/** The same of several, which must all be there, for the price of one. */
export async function startTimes(containers: readonly string[]): Promise<readonly string[]> {
  const { code, stdout, stderr } = await inspectStarts(containers, { engine: 'docker' });
  assert.equal(code, 0, stderr);
  return stdout.trim().split('\n');
}

async function inspectStarts(containers: readonly string[], place: Pick<Place, 'engine'>): Promise<RunResult> {
  return engineCommand(['container', 'inspect', '--format', '{{.State.StartedAt}} {{.State.Status}}', ...containers], place);
}

export interface Watch {
  /** Waits until nothing of ours is left in the container, and asserts that the server never restarted meanwhile. */
  readonly assertUntouched: () => Promise<void>;
  readonly end: () => void;
}

/**
 * Watches a server while something is done to it: a session of a bystander has to live through it. Postgres as process 1
 * takes an orphan that dies of a signal for a crashed backend, and then ends all sessions and restarts.
 */
export async function watchServer(place: Place): Promise<Watch> {
  const started = await startedAt(place.container, place);
  const crashes = await crashLines(place);
  const bystander: HeldSession = await holdSession(place, 'postgres');
  return {
    assertUntouched: async () => {
      await assertNothingLeft(place);
      assert.equal(await bystander.isAlive(), true, 'the session of a bystander was ended');
      assert.deepEqual((await crashLines(place)).slice(crashes.length), [], 'the server restarted');
      assert.equal(await startedAt(place.container, place), started, 'the container restarted');
    },
    end: () => bystander.close(),
  };
}

async function crashLines(place: Place): Promise<readonly string[]> {
  const { stdout, stderr } = await engineCommand(['logs', place.container], place);
  return `${stdout}\n${stderr}`
    .split('\n')
    .filter((line) => /terminating any other active server processes|was terminated by signal|all server processes terminated/.test(line));
}

/** Waits until the container runs nothing but the server, and the server has no session of ours. */
export async function assertNothingLeft(place: Place): Promise<void> {
  let left: readonly string[] = [];
  const isClean = async (): Promise<boolean> => {
    left = [...(await foreignProcesses(place)), ...(await ourSessions(place))];
    return left.length === 0;
  };
  await waitFor('nothing of ours to be left', isClean, 15_000).catch(() => assert.fail(`left in ${place.container}:\n${left.join('\n')}`));
}

/** The scratch databases of a server, and the uploads in its container. */
export async function leftoversOf(place: Place): Promise<readonly string[]> {
  const scratch = await sql(place, 'postgres', "SELECT datname FROM pg_database WHERE datname LIKE 'cdb\\_scratch\\_%'");
  const find = 'ls -d /tmp/container-databases-* /var/tmp/container-databases-* /dev/shm/container-databases-* 2>/dev/null';
  const { stdout } = await engineCommand(['exec', place.container, 'sh', '-c', find], place);
  return `${scratch}\n${stdout}`.split('\n').filter((line) => line !== '');
}
