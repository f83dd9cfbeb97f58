import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import path from 'node:path';
import type { EndpointView, Project } from '../../inventory/model';
import type { Operation } from '../../operations/operation';

/** How the user's own Compose makes the container of a service, without starting it. */
export interface ComposeRecreation {
  /** The command line, as one would type it. */
  readonly line: string;
  /** Gives why it could not; undefined when it was made. */
  create(operation: Operation): Promise<string | undefined>;
}

interface ComposeCall {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Milliseconds after which Compose does not come to an end any more. */
const patience = 120_000;

/** Undefined where the project's files are not on this host. */
export async function composeRecreation(endpoint: EndpointView, project: Project, service: string): Promise<ComposeRecreation | undefined> {
  const { folder, configFiles } = project;
  if (folder === undefined || configFiles.length === 0) return undefined;
  const there = await Promise.all(
    [folder, ...configFiles].map((file) =>
      access(file, constants.R_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  if (there.includes(false)) return undefined;
  const call = composeCreate(endpoint, { name: project.name, folder, configFiles }, service);
  return { line: [call.program, ...call.args].join(' '), create: (operation) => runCompose(call, folder, operation) };
}

/** The program with its arguments; never a line for a shell. Nothing is built, and nothing that the service depends on is touched. */
export function composeCreate(
  { id, engine, source, name: endpointName }: EndpointView,
  { name, folder, configFiles }: { readonly name: string; readonly folder: string; readonly configFiles: readonly string[] },
  service: string,
): ComposeCall {
  const up = ['up', '--no-start', '--no-deps', '--no-build', service];
  if (engine === 'podman') {
    return { program: 'podman-compose', args: ['-p', name, ...configFiles.flatMap((file) => ['-f', file]), ...up], env: { CONTAINER_HOST: id } };
  }
  const where = source === 'context' ? ['--context', endpointName] : ['--host', id.replace(/^https:/, 'tcp:')];
  const files = configFiles.flatMap((file) => ['--file', file]);
  return { program: 'docker', args: [...where, 'compose', '--project-name', name, '--project-directory', folder, ...files, ...up], env: {} };
}

function runCompose({ program, args, env }: ComposeCall, folder: string, operation: Operation): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: path.resolve(folder),
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: patience,
      windowsHide: true,
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2000)));
    child.once('error', (error) => resolve(`Compose could not be used (${error.message}); the container was made from what it was.`));
    child.once('close', (code) => {
      if (code !== 0) operation.log.warn(`${program} ended with ${code}: ${said}`);
      resolve(code === 0 ? undefined : 'Compose refused to make the container; it was made from what it was. The log says why.');
    });
  });
}
