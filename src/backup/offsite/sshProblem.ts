import { Failure } from '../../protocol/failure';
import { denied, failed, interrupted, missing, unreachable } from './problems';

/** What ssh and sftp say, from the most telling to the least; they have no exit codes for it. */
const known: readonly (readonly [sign: RegExp, failure: (place: string, said: string) => Failure])[] = [
  [/REMOTE HOST IDENTIFICATION HAS CHANGED/, hostKeyChanged],
  [/No \S+ host key is known|Host key verification failed/i, hostKeyUnknown],
  [
    /Permission denied \(|Too many authentication failures|No more authentication methods|no mutual signature/i,
    (place, said) => denied(place, said, 'Check the user and the key: "ssh" to that host has to work without asking for a password.'),
  ],
  [/Could not resolve hostname|Connection refused|No route to host|Network is unreachable|Connection timed out|Operation timed out/i, unreachable],
  [/Connection (?:closed|reset)|Broken pipe|lost connection|not responding|Connection to .* closed|unexpected end|kex_exchange_identification/i, interrupted],
  [
    /Permission denied|Read-only file system|Operation not permitted/i,
    (place, said) => denied(place, said, 'Check the permissions of the folder on that host, or choose another one.'),
  ],
  [/No such file|not found/i, (place, said) => missing(place, said)],
];

/** What `ssh` or `sftp` said on standard error, as a Failure. */
export function sshFailure(place: string, stderr: string): Failure {
  const found = known.find(([sign]) => sign.test(stderr));
  if (found === undefined) return failed(place, lastLine(stderr) || 'it ended without saying why.');
  const [sign, failure] = found;
  return failure(place, stderr.split(/\r?\n/).find((line) => sign.test(line)) ?? '');
}

/** Whether writing failed for a reason that the protocol has no word for, such as a full disk. */
export function isWriteFailure(stderr: string): boolean {
  return /write remote .*: (?:Failure|Quota|No space)|No space left|Disk quota exceeded/i.test(stderr);
}

function lastLine(stderr: string): string {
  return stderr.trim().split(/\r?\n/).at(-1) ?? '';
}

function hostKeyUnknown(place: string): Failure {
  return new Failure(
    'HOST_KEY_UNKNOWN',
    `The key of the host is not known, so it may not be ${place}.`,
    'Connect once with "ssh" in a terminal, compare the fingerprint with what the host\'s owner says, and accept it; then try again.',
  );
}

function hostKeyChanged(place: string): Failure {
  return new Failure(
    'HOST_KEY_CHANGED',
    `The key of the host is another one than before, so it may not be ${place}.`,
    'Nothing was sent. Find out why the key has changed; only then remove the old one with "ssh-keygen -R".',
  );
}
