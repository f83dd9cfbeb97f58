import { spawn } from 'node:child_process';
import { errorCode } from '../../operations/files';
import { cancelled, Failure } from '../../protocol/failure';
import type { SftpLocation } from './location';

export interface ProgramResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * What holds for every connection, whatever the user's ssh_config says: it never asks, never takes a host's key on trust,
 * opens nothing but itself, and notices within a minute that the other side is gone.
 */
const options = [
  'BatchMode=yes',
  'StrictHostKeyChecking=yes',
  'UpdateHostKeys=no',
  'ConnectTimeout=20',
  'ServerAliveInterval=15',
  'ServerAliveCountMax=4',
  'ClearAllForwardings=yes',
  'ForwardAgent=no',
  'PermitLocalCommand=no',
  'RemoteCommand=none',
  'RequestTTY=no',
  'LogLevel=INFO',
];

/** The arguments of `sftp` that reads its batch from standard input. */
export function sftpArguments(location: SftpLocation): readonly string[] {
  return ['-b', '-', ...connectionOptions(location), '--', location.host];
}

/** The arguments of `ssh` that runs a command there. It is read by a shell of the host: it must never hold data. */
export function sshArguments(location: SftpLocation, command: 'xargs -0 sha256sum --'): readonly string[] {
  return [...connectionOptions(location), '--', location.host.replace(/^\[|\]$/g, ''), command];
}

function connectionOptions({ port, user }: SftpLocation): readonly string[] {
  const own = [...(port === undefined ? [] : [`Port=${port}`]), ...(user === undefined ? [] : [`User=${user}`])];
  return [...options, ...own].flatMap((option) => ['-o', option]);
}

/**
 * Runs a program of OpenSSH to its end and gives what it said, whatever its exit code. When the signal comes it is ended
 * and waited for. Throws `TOOL_MISSING` and `CANCELLED`.
 */
export async function runOpenSsh(
  program: 'ssh' | 'sftp',
  args: readonly string[],
  { input, cwd, signal }: { readonly input: string; readonly cwd?: string; readonly signal: AbortSignal },
): Promise<ProgramResult> {
  if (signal.aborted) throw cancelled();
  return new Promise((resolve, reject) => {
    // Names are printed as they are only in a locale that has their characters.
    const env = { ...process.env, LC_ALL: process.platform === 'darwin' ? 'en_US.UTF-8' : 'C.UTF-8' };
    const child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'pipe'], ...(cwd === undefined ? {} : { cwd }) });
    let stdout = '';
    let stderr = '';
    const stop = (): void => void child.kill();
    signal.addEventListener('abort', stop, { once: true });
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', (error) => reject(startFailure(program, error)));
    child.once('close', (code) => {
      signal.removeEventListener('abort', stop);
      if (signal.aborted) reject(cancelled());
      else resolve({ exitCode: code ?? -1, stdout, stderr });
    });
    child.stdin.on('error', () => undefined); // it may end without reading everything; its exit code tells
    child.stdin.end(input);
  });
}

function startFailure(program: string, error: unknown): Failure {
  const what = errorCode(error) === 'ENOENT' ? `There is no program "${program}" on this computer.` : `"${program}" could not be started.`;
  return new Failure('TOOL_MISSING', what, 'Install the OpenSSH client, then try again.', error);
}
