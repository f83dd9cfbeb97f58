import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { ContainerInspection } from '../../engine/containers';
import { composeOrigin } from '../../compose/labels';
import type { EndpointView, Project } from '../../inventory/model';
import { composeCall, type ComposeProject, type ProgramCall } from '../../operations/engineCommand';
import { findEnginePrograms } from '../../operations/findProgram';
import type { Operation } from '../../operations/operation';
import { Failure } from '../../protocol/failure';
import { formatDuration } from '../../protocol/format';

/** Runs the user's own Compose on a project; for no longer than `limit` milliseconds, where that is given. */
export type RunCompose = (command: readonly string[], operation: Operation, limit?: number) => Promise<void>;

/** Compose for a project whose files are on this host; undefined where they are not, or where Compose is not installed. */
export async function composeFor(project: Project, endpoint: EndpointView, containers: readonly ContainerInspection[]): Promise<RunCompose | undefined> {
  const { name, folder, configFiles } = project;
  if (folder === undefined || configFiles.length === 0 || ![folder, ...configFiles].every((file) => existsSync(file))) return undefined;
  const described: ComposeProject = { name, folder, configFiles, environmentFiles: environmentFiles(name, containers) };
  const programs = await findEnginePrograms();
  if (composeCall(endpoint, programs, described, []) === undefined) return undefined;
  return async (command, operation, limit) => {
    const call = composeCall(endpoint, programs, described, command);
    if (call !== undefined) await runToEnd(call, { cwd: folder, words: `compose ${command.join(' ')}`, ...(limit === undefined ? {} : { limit }) }, operation);
  };
}

/** The files of variables that the project was made with, as far as they are still there. */
function environmentFiles(project: string, containers: readonly ContainerInspection[]): readonly string[] {
  const origins = containers.flatMap(({ labels, name }) => composeOrigin(labels, name) ?? []);
  return (origins.find((origin) => origin.project === project)?.environmentFiles ?? []).filter((file) => existsSync(file));
}

interface Run {
  readonly cwd: string;
  /** What is run, for people. */
  readonly words: string;
  /** Milliseconds after which it is ended, with all that it started. */
  readonly limit?: number;
}

/** Runs a program to its end. Throws `COMPOSE_FAILED`, and `COMPOSE_STUCK` when it had to be ended. */
export async function runToEnd({ program, args, env }: ProgramCall, { cwd, words, limit }: Run, operation: Operation): Promise<void> {
  operation.report({ message: `Running ${words}` });
  const { code, output, isStuck } = await new Promise<Ended>((resolve, reject) => {
    // In a group of its own, so that what it starts ends with it.
    const child = spawn(program, [...args], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
      detached: limit !== undefined && !onWindows,
    });
    let isStuck = false;
    const giveUp = (): void => {
      isStuck = true;
      if (child.pid !== undefined) endGroup(child.pid);
    };
    const timer = limit === undefined ? undefined : setTimeout(giveUp, limit);
    let output = '';
    const add = (text: string): void => void (output = (output + text).slice(-20_000));
    child.stdout.setEncoding('utf8').on('data', add);
    child.stderr.setEncoding('utf8').on('data', add);
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code, output, isStuck });
    });
  });
  operation.log.debug(output);
  const said = output.trim().split('\n').slice(-4).join(' ');
  const remedy = 'Mend what it says, then try again. The backups that were made stay.';
  if (isStuck) throw new Failure('COMPOSE_STUCK', `"${words}" did not end within ${formatDuration(limit ?? 0)}: ${said}`, remedy);
  if (code !== 0) throw new Failure('COMPOSE_FAILED', `"${words}" failed: ${said}`, remedy);
}

interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly isStuck: boolean;
}

const onWindows = process.platform === 'win32';

function endGroup(pid: number): void {
  try {
    process.kill(onWindows ? pid : -pid, 'SIGKILL');
  } catch {
    // ended just now
  }
}
