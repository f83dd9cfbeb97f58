import { posix } from 'node:path';
import { pipePath } from './address';
import type { EndpointAddress, EngineProduct, HostFacts } from './endpoint';

export interface KnownSocket {
  readonly product: EngineProduct;
  readonly name: string;
  readonly address: EndpointAddress;
}

/** The places where engines put their API on this platform, most usual first. Not all of them exist. */
export function knownSockets(facts: HostFacts): readonly KnownSocket[] {
  if (facts.platform === 'win32') return windowsPipes;
  const groups = [dockerSockets, desktopSockets, colimaSockets, podmanSockets];
  return groups.flatMap((group) => group(facts)).map(({ path, ...known }) => ({ ...known, address: { kind: 'unix', path } }));
}

interface SocketPath {
  readonly product: EngineProduct;
  readonly name: string;
  readonly path: string;
}

function pipe(product: EngineProduct, name: string, pipeName: string): KnownSocket {
  return { product, name, address: { kind: 'npipe', path: pipePath(pipeName) } };
}

// Docker Desktop serves the first two at once; Podman's machine is named after itself.
const windowsPipes = [
  pipe('docker-desktop', 'Docker', 'docker_engine'),
  pipe('docker-desktop', 'Docker Desktop', 'dockerDesktopLinuxEngine'),
  pipe('podman-machine', 'Podman machine', 'podman-machine-default'),
  pipe('podman-machine', 'Podman machine (rootful)', 'podman-machine-default-root'),
];

const dockerDesktop = { product: 'docker-desktop', name: 'Docker Desktop' } as const;
const dockerRootless = { product: 'docker-rootless', name: 'Docker (rootless)' } as const;

// https://docs.docker.com/engine/security/rootless/: the user's runtime folder, or ~/.docker/run without one. On macOS
// that is where Docker Desktop puts it.
function dockerSockets(facts: HostFacts): readonly SocketPath[] {
  const inHome = facts.platform === 'darwin' ? dockerDesktop : dockerRootless;
  return [
    { product: 'docker', name: 'Docker', path: '/var/run/docker.sock' },
    ...runtimeFolders(facts).map((folder) => ({ ...dockerRootless, path: posix.join(folder, 'docker.sock') })),
    { ...inHome, path: posix.join(facts.home, '.docker/run/docker.sock') },
  ];
}

function desktopSockets({ home }: HostFacts): readonly SocketPath[] {
  return [
    { ...dockerDesktop, path: posix.join(home, '.docker/desktop/docker.sock') },
    { product: 'orbstack', name: 'OrbStack', path: posix.join(home, '.orbstack/run/docker.sock') },
    { product: 'rancher-desktop', name: 'Rancher Desktop', path: posix.join(home, '.rd/docker.sock') },
  ];
}

function colimaSockets(facts: HostFacts): readonly SocketPath[] {
  const profiles = [...new Set(['default', ...(facts.colimaProfiles ?? [])])];
  return colimaHomes(facts).flatMap((folder) => [
    ...profiles.map((profile) => ({ ...colima(profile), path: posix.join(folder, profile, 'docker.sock') })),
    { ...colima('default'), path: posix.join(folder, 'docker.sock') }, // before Colima 0.4
  ]);
}

function colima(profile: string): Omit<SocketPath, 'path'> {
  return { product: 'colima', name: profile === 'default' ? 'Colima' : `Colima (${profile})` };
}

/** Where Colima keeps its profiles: `$COLIMA_HOME`, `~/.colima`, the XDG folder (abiosoft/colima #483, #736). */
export function colimaHomes({ env, home }: HostFacts): readonly string[] {
  const configuration = env.XDG_CONFIG_HOME || posix.join(home, '.config');
  const folders = [env.COLIMA_HOME ?? '', posix.join(home, '.colima'), posix.join(configuration, 'colima')];
  return [...new Set(folders.filter((folder) => folder !== ''))];
}

function podmanSockets(facts: HostFacts): readonly SocketPath[] {
  const rootless = runtimeFolders(facts).map((folder) => ({
    product: 'podman-rootless' as const,
    name: 'Podman (rootless)',
    path: posix.join(folder, 'podman/podman.sock'),
  }));
  const linux: readonly SocketPath[] = [{ product: 'podman', name: 'Podman', path: '/run/podman/podman.sock' }, ...rootless];
  return facts.platform === 'darwin' ? podmanMachineSockets(facts) : [...linux, ...podmanMachineSockets(facts)];
}

/**
 * Podman 5 puts a machine's socket into the folder for temporary files (containers/podman #22028), Podman 4 into the
 * machine's own.
 */
function podmanMachineSockets({ home, env, platform }: HostFacts): readonly SocketPath[] {
  const machine = { product: 'podman-machine', name: 'Podman machine' } as const;
  const data = posix.join(env.XDG_DATA_HOME || posix.join(home, '.local/share'), 'containers/podman/machine');
  const temporary = platform === 'darwin' && env.TMPDIR ? [posix.join(env.TMPDIR, 'podman/podman-machine-default-api.sock')] : [];
  const own = ['podman.sock', 'qemu/podman.sock', 'applehv/podman.sock', 'podman-machine-default/podman.sock'];
  return [...temporary, ...own.map((path) => posix.join(data, path))].map((path) => ({ ...machine, path }));
}

/** `$XDG_RUNTIME_DIR`, and where it lies on Linux when the editor was started without it. */
function runtimeFolders({ env, uid, platform }: HostFacts): readonly string[] {
  const usual = platform === 'linux' && uid !== undefined ? [`/run/user/${uid}`] : [];
  return [...new Set([...(env.XDG_RUNTIME_DIR ? [env.XDG_RUNTIME_DIR] : []), ...usual])];
}
