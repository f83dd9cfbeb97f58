import { spawn } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import { run, waitFor } from '../../lab/process';
import { ensureSshd } from '../../lab/sshd';
import { atTheEnd, tempFolder } from './shared';

export interface SshServer {
  readonly port: number;
  /** Of the key of the host, as a file of known hosts has it: kind and key. */
  readonly hostKey: string;
  /** The key that the server lets in. */
  readonly identity: string;
}

/** Starts an sshd with keys and a port of its own. `more` is put at the end of its configuration. */
export async function startSshServer(more = ''): Promise<SshServer> {
  await ensureSshd();
  const folder = await tempFolder('sshd');
  const [hostKey, identity] = [path.join(folder, 'host'), path.join(folder, 'user')];
  for (const file of [hostKey, identity]) await makeKey(file);
  const port = await freePort();
  const config = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${hostKey}`,
    `AuthorizedKeysFile ${identity}.pub`,
    `PidFile ${folder}/pid`,
    'StrictModes no',
    'UsePAM no',
    'KexAlgorithms curve25519-sha256', // the default takes twice the time
    'PermitRootLogin prohibit-password',
    'PasswordAuthentication no',
    'Subsystem sftp internal-sftp',
    more,
  ];
  await writeFile(path.join(folder, 'config'), `${config.join('\n')}\n`);
  await mkdir('/run/sshd', { recursive: true });
  const child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', path.join(folder, 'config')], { stdio: 'ignore' });
  atTheEnd(async () => {
    child.kill();
    await waitFor('sshd to end', () => child.exitCode !== null || child.signalCode !== null);
  });
  await waitFor('sshd to listen', () => listens(port));
  const publicKey = await readFile(`${hostKey}.pub`, 'utf8');
  return { port, hostKey: publicKey.split(' ').slice(0, 2).join(' '), identity };
}

export async function makeKey(file: string): Promise<void> {
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
}

/**
 * Has `ssh` and `sftp` of this process use a configuration of its own instead of the user's, and gives the function that
 * ends it. The host is known under the name `lab`, whatever its port.
 */
export async function useSshConfiguration(identity: string, knownHosts: string): Promise<() => void> {
  const folder = await tempFolder('ssh');
  await writeFile(path.join(folder, 'known'), knownHosts);
  const lines = [`IdentityFile ${identity}`, 'IdentitiesOnly yes', 'HostKeyAlias lab', `UserKnownHostsFile ${folder}/known`, 'GlobalKnownHostsFile /dev/null'];
  await writeFile(path.join(folder, 'config'), `Host *\n${lines.map((line) => `  ${line}\n`).join('')}`);
  for (const program of ['ssh', 'sftp']) {
    const script = path.join(folder, program);
    await writeFile(script, `#!/bin/sh\nexec /usr/bin/${program} -F ${folder}/config "$@"\n`);
    await chmod(script, 0o755);
  }
  const before = process.env['PATH'];
  process.env['PATH'] = `${folder}:${before}`;
  return () => (process.env['PATH'] = before);
}

export async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
