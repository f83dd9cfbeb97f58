/** On which of the two ways the test was done. */
export type SmokeWay = 'clone' | 'real';

export const smokeSteps = ['look', 'backUp', 'copy', 'start', 'write', 'restart', 'verifyRestart', 'recreate', 'verifyRecreate', 'cleanUp'] as const;
export type SmokeStepId = (typeof smokeSteps)[number];

/** Something that was seen: a checksum, the id of a container, a mount. */
export interface SmokeEvidence {
  readonly kind: 'checksum' | 'container' | 'mount' | 'database' | 'size' | 'backup' | 'services' | 'content' | 'compose';
  readonly value: string;
}

export interface SmokeStep {
  readonly id: SmokeStepId;
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'skipped';
  /** How long it took. */
  readonly milliseconds?: number;
  readonly evidence: readonly SmokeEvidence[];
}

/** `persists`: all was still there. `lost`: it was not. `failed`: the test could not be done to its end. */
export type SmokeVerdict = 'persists' | 'lost' | 'failed';

/** What a persistence smoke test did, saw and found. */
export interface SmokeReport {
  readonly schemaVersion: 1;
  readonly id: string;
  readonly endpointId: string;
  readonly project: string;
  readonly service: string;
  readonly way: SmokeWay;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly finishedAt?: string;
  readonly image: string;
  readonly dataDirectory: string;
  /** What holds the data directory, and where it is mounted. */
  readonly volume: { readonly kind: string; readonly name?: string; readonly source?: string; readonly destination?: string };
  readonly steps: readonly SmokeStep[];
  /** Absent while it runs. */
  readonly verdict?: SmokeVerdict;
  /** After what the data was gone. */
  readonly lostAt?: 'restart' | 'recreate';
  readonly problem?: { readonly code: string; readonly message: string; readonly remedy: string };
  /** What the reader should know of how far the test reaches. */
  readonly remarks: readonly string[];
}
