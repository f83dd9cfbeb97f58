import { ensurePackages } from './apt';

/** Sees to it that there is `sshd`, which tests start themselves, each with its own keys and port. */
export async function ensureSshd(): Promise<void> {
  await ensurePackages(['openssh-server', 'openssh-client']);
}
