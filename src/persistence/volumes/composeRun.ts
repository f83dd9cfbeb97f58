import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { ContainerInspection } from '../../engine/containers';
import { composeOrigin } from '../../compose/labels';
import type { EndpointView, Project } from '../../inventory/model';
import { composeCall, type ComposeProject, type ProgramCall } from '../../operations/engineCommand';
import { findEnginePrograms } from '../../operations/findProgram';
import type { Operation } from '../../operations/operation';
import { Failure } from '../../protocol/failure';

/** Runs the user's own Compose on a project. */
export type RunCompose = (command: readonly string[], operation: Operation) => Promise<void>;

/** Compose for a project whose files are on this host; undefined where they are not, or where Compose is not installed. */
export async function composeFor(project: Project, endpoint: EndpointView, containers: readonly ContainerInspection[]): Promise<RunCompose | undefined> {
  const { name, folder, configFiles } = project;
  if (folder === undefined || configFiles.length === 0 || ![folder, ...configFiles].every((file) => existsSync(file))) return undefined;
  const described: ComposeProject = { name, folder, configFiles, environmentFiles: environmentFiles(name, containers) };
  const programs = await findEnginePrograms();
  if (composeCall(endpoint, programs, described, []) === undefined) return undefined;
  return async (command, operation) => {
    const call = composeCall(endpoint, programs, described, command);
    if (call !== undefined) await runToEnd(call, folder, command, operation);
  };
}

/** The files of variables that the project was made with, as far as they are still there. */
function environmentFiles(project: string, containers: readonly ContainerInspection[]): readonly string[] {
  const origins = containers.flatMap(({ labels, name }) => composeOrigin(labels, name) ?? []);
  return (origins.find((origin) => origin.project === project)?.environmentFiles ?? []).filter((file) => existsSync(file));
}

async function runToEnd({ program, args, env }: ProgramCall, cwd: string, command: readonly string[], operation: Operation): Promise<void> {
  const words = `compose ${command.join(' ')}`;
  operation.report({ message: `Running ${words}` });
  const { code, output } = await new Promise<{ readonly code: number | null; readonly output: string }>((resolve, reject) => {
    const child = spawn(program, [...args], { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
    let output = '';
    const add = (text: string): void => void (output = (output + text).slice(-20_000));
    child.stdout.setEncoding('utf8').on('data', add);
    child.stderr.setEncoding('utf8').on('data', add);
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
  operation.log.debug(output);
  if (code === 0) return;
  const said = output.trim().split('\n').slice(-4).join(' ');
  throw new Failure('COMPOSE_FAILED', `"${words}" failed: ${said}`, 'Mend what it says, then try again. The backups that were made stay.');
}
