import type { ComposeService, ComposeVolume } from '../../compose/composeModel';

/** What was seen of a service whose container is there. */
export interface LiveFacts {
  readonly service: string;
  /** The container in the words of a Compose file: its mounts, environment, ports, healthcheck, restart policy. */
  readonly written: ComposeService;
  /** The volumes that it mounts, as the engine has them. */
  readonly volumes: readonly ComposeVolume[];
  /** Where the image declares a VOLUME. */
  readonly imageVolumes: readonly string[];
  /** As the server says, links followed; else as the environment does. */
  readonly dataDirectory: string;
  readonly port: number;
  /** Whether the engine removes the container when it stops (`--rm`). */
  readonly vanishes: boolean;
  /** Other containers that run and may write to what holds the data. */
  readonly sharers: readonly string[];
  /** Volumes that nobody named and nobody uses. */
  readonly leftBehind: number;
  /** Absent while the server does not run, and where it could not be asked. */
  readonly inside?: InsideFacts;
  /** Why a server that runs could not be asked. */
  readonly unread?: string;
}

/** What only a running container tells. What could not be read is absent. */
export interface InsideFacts {
  readonly disk?: { readonly freeBytes: number; readonly totalBytes: number };
  /** The kind of file system, as `stat -f` calls it: `ext2/ext3`, `overlayfs`, `nfs`. */
  readonly fileSystem?: string;
  /** Of the data directory: who owns it, and whom the server runs as. */
  readonly owner?: { readonly directory: number; readonly server: number; readonly mode: string };
  /** Directories outside of the data directory that the cluster cannot do without: the log, tablespaces. */
  readonly outside: readonly string[];
  readonly dataBytes: number;
  readonly checksums?: boolean;
  /** By database, where there are any. */
  readonly checksumFailures: Readonly<Record<string, number>>;
  readonly hasAmcheck: boolean;
  /** Lines of the log that speak of damage. */
  readonly damage: readonly string[];
}
