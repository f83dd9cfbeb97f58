import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** By what a process can be told to run in a container: the engine gives its id, or a part of it, as host name and in paths of the kernel. */
export interface OwnTraces {
  readonly hostname: string;
  /** Of `/proc/self/cgroup` and `/proc/self/mountinfo`. */
  readonly kernel: string;
}

/** The traces of this process; nothing but the host name where the kernel has no such files. */
export function readOwnTraces(): OwnTraces {
  return { hostname: hostname(), kernel: ['/proc/self/cgroup', '/proc/self/mountinfo'].map(readIfThere).join('\n') };
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // not Linux, or not to be read: then the host name is all there is
  }
}

/** Whether a container is the one that we run in, as an editor does in a dev container: it is never to be stopped by us. */
export function isOwnContainer(id: string, { hostname: name, kernel }: OwnTraces): boolean {
  if (id.length < 12) return false;
  const group = new RegExp(String.raw`^\d+:[^:]*:.*[/:-]${id}(?=[/.\s]|$)`, 'm');
  // Engines mount these files of a container over its own. A host has mounts with the ids of all that run on it, such as
  // /var/lib/containers/storage/overlay-containers/<id>/userdata/shm, but never over its own files.
  const mount = new RegExp(String.raw`^\d+ \d+ \S+ \S*/${id}/\S* /etc/(?:hostname|hosts|resolv\.conf) `, 'm');
  return name === id.slice(0, 12) || group.test(kernel) || mount.test(kernel);
}
