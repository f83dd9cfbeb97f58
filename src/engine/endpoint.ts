/** Files in PEM form for a connection over TLS. */
export interface TlsFiles {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Whether the engine's certificate must be trusted and name the host. */
  readonly verify: boolean;
}

/** How to reach an engine's API. */
export type EndpointAddress =
  | { readonly kind: 'unix'; readonly path: string }
  /** `path` as Windows writes it: `\\.\pipe\docker_engine`. */
  | { readonly kind: 'npipe'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly tls?: TlsFiles }
  | { readonly kind: 'ssh'; readonly url: string };

/** What runs behind an address, as far as the address tells. */
export type EngineProduct =
  'docker' | 'docker-rootless' | 'docker-desktop' | 'colima' | 'orbstack' | 'rancher-desktop' | 'podman' | 'podman-rootless' | 'podman-machine' | 'unknown';

/** Who named an endpoint: the setting, `DOCKER_HOST` or its like, a Docker context, or the list of usual places. */
export type EndpointSource = 'setting' | 'environment' | 'context' | 'socket';

/** An engine that may be there. */
export interface EndpointCandidate {
  /** The address as a URL: stable, and the same for whoever names it. */
  readonly id: string;
  readonly name: string;
  readonly source: EndpointSource;
  readonly address: EndpointAddress;
  readonly product: EngineProduct;
}

/** An endpoint that was named but cannot be read. */
export interface InvalidEndpoint {
  readonly source: EndpointSource;
  /** What named it: `DOCKER_HOST`, the setting's id, the context's name. */
  readonly name: string;
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

export interface EndpointFindings {
  readonly candidates: readonly EndpointCandidate[];
  readonly invalid: readonly InvalidEndpoint[];
}

/** A Docker context as its files say. */
export interface ContextFacts {
  readonly name: string;
  /** `Endpoints.docker.Host`. */
  readonly host: string;
  /** The folder with `ca.pem`, `cert.pem` and `key.pem`; absent when the context has none. */
  readonly tlsFolder?: string;
  readonly skipTlsVerify?: boolean;
}

/** All that the search for endpoints takes from this machine. */
export interface HostFacts {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  /** Absent on Windows. */
  readonly uid: number | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly setting: string | undefined;
  /** Of `config.json`. */
  readonly currentContext: string | undefined;
  readonly contexts: readonly ContextFacts[];
  /** Folders of Colima's home that may be profiles; `default` is always looked at. */
  readonly colimaProfiles?: readonly string[];
}

/** The setting's id, for messages. */
export const endpointSetting = 'containerDatabases.endpoint';
