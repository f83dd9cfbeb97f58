import type { ComposeCondition } from './labels';

/** A place in a Compose file. Offsets count UTF-16 units, `end` is exclusive, `line` counts from zero. */
export interface SourceRange {
  readonly start: number;
  readonly end: number;
  readonly line: number;
  /** The path that the reader was given. */
  readonly file?: string;
}

export interface ComposeProblem {
  readonly message: string;
  readonly range: SourceRange;
}

/** What one Compose file says, or several of them put together. */
export interface ComposeFile {
  readonly name?: string;
  readonly services: readonly ComposeService[];
  readonly volumes: readonly ComposeVolume[];
  /** Paths under `include`, as written; they are not read here. */
  readonly includes: readonly string[];
  readonly errors: readonly ComposeProblem[];
  /** Variables without value and default; Compose puts nothing in their place. */
  readonly unsetVariables: readonly string[];
}

export interface ComposeService {
  readonly name: string;
  readonly image?: string;
  readonly build?: ComposeBuild;
  readonly containerName?: string;
  /** Null where the file only passes a variable on that the environment does not have. */
  readonly environment: Readonly<Record<string, string | null>>;
  readonly envFiles: readonly string[];
  readonly volumes: readonly ComposeMount[];
  readonly ports: readonly ComposePort[];
  /** Container ports under `expose`. */
  readonly expose: readonly number[];
  /** From `depends_on`, and what `links`, `volumes_from` and `network_mode` imply. */
  readonly dependsOn: readonly ComposeCondition[];
  readonly healthcheck?: ComposeHealthcheck;
  /** Split into words; empty means that the file clears what the image says. */
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly profiles: readonly string[];
  /** `no`, `always`, `on-failure[:n]` or `unless-stopped`. */
  readonly restart?: string;
  /** How long a stop waits before it kills, as written: `30s`, `1m30s`. */
  readonly stopGracePeriod?: string;
  /** As written: `256m`. */
  readonly shmSize?: string;
  /** Takes over the mounts of other services or containers. */
  readonly volumesFrom?: readonly string[];
  /** Names under which other services reach this one. */
  readonly hostNames: readonly string[];
  /** A base in another file, or one that this file does not have; a base in the same file is merged in already. */
  readonly extends?: { readonly service: string; readonly file?: string };
  /** Fields tagged `!reset` or `!override`: they replace what earlier files say instead of adding to it. */
  readonly replaces: readonly string[];
  readonly range: SourceRange;
}

export interface ComposeBuild {
  readonly context: string;
  readonly dockerfile?: string;
  readonly dockerfileInline?: string;
  readonly target?: string;
}

export interface ComposeMount {
  readonly kind: 'volume' | 'bind' | 'tmpfs';
  /** A key of the top-level `volumes`, or a path as written; absent for anonymous volumes and tmpfs. */
  readonly source?: string;
  readonly target: string;
  readonly readOnly: boolean;
  readonly range: SourceRange;
}

export interface ComposePort {
  readonly target: number;
  /** A port or a range such as `5433-5440`; absent when the engine chooses. */
  readonly published?: string;
  readonly hostAddress?: string;
  readonly protocol: string;
}

export interface ComposeHealthcheck {
  readonly disabled: boolean;
  /** As in the file: `CMD`, `CMD-SHELL` or `NONE` first; empty when only its timing is set. */
  readonly test: readonly string[];
}

export interface ComposeVolume {
  readonly key: string;
  /** The name in the engine where it is given; otherwise Compose makes it from project and key. */
  readonly name?: string;
  readonly external: boolean;
  readonly driver?: string;
  readonly driverOptions: Readonly<Record<string, string>>;
  readonly range: SourceRange;
}
