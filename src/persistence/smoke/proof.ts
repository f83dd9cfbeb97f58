import type { Operation } from '../../operations/operation';
import type { PostgresServer } from '../../postgres/server';
import { asFailure } from '../../protocol/failure';
import type { SmokeEvidence, SmokeReport, SmokeStepId, SmokeVerdict } from '../../protocol/smokeReport';
import type { Recorder } from './recorder';
import { readSentinel, writeSentinel } from './sentinel';

export type See = (kind: SmokeEvidence['kind'], value: string) => void;

/** What is put to the test: a stand-in, or the service itself. */
export interface Stage {
  /** The way in, as it is now. */
  server(): PostgresServer;
  /** Restarts the container and waits until its server answers. */
  restart(see: See, operation: Operation): Promise<void>;
  /** Stops the container, removes it, makes it anew, and waits until its server answers. */
  recreate(see: See, operation: Operation): Promise<void>;
}

export interface Finding {
  readonly verdict: SmokeVerdict;
  readonly lostAt?: NonNullable<SmokeReport['lostAt']>;
  readonly error?: unknown;
}

/** Writes the sentinel, restarts, looks, makes the container anew, and looks again; ends early when it is gone. */
export async function proveStage(stage: Stage, sentinel: string, recorder: Recorder): Promise<Finding> {
  const before = await recorder.step('write', 'Writing the sentinel', async (see, { signal }) => {
    see('database', sentinel);
    const written = await writeSentinel(stage.server(), sentinel, signal);
    see('checksum', written);
    return written;
  });
  for (const event of ['restart', 'recreate'] as const) {
    const finding = await survives(event, stage, { sentinel, before }, recorder);
    if (finding !== undefined) return finding;
  }
  return { verdict: 'persists' };
}

const words = {
  restart: { look: 'verifyRestart', doing: 'Restarting the container', looking: 'Looking whether all is still there' },
  recreate: { look: 'verifyRecreate', doing: 'Removing the container and making it anew', looking: 'Looking whether all is still there' },
} as const satisfies Readonly<Record<string, { readonly look: SmokeStepId; readonly doing: string; readonly looking: string }>>;

/** Undefined when all is still there afterwards. */
async function survives(
  event: 'restart' | 'recreate',
  stage: Stage,
  { sentinel, before }: { readonly sentinel: string; readonly before: string },
  recorder: Recorder,
): Promise<Finding | undefined> {
  const { look, doing, looking } = words[event];
  try {
    await recorder.step(event, doing, (see, operation) => stage[event](see, operation));
  } catch (error) {
    // A server that has lost its data may not start either; what it has lost nobody can tell then.
    if (asFailure(error).code === 'SERVER_NOT_BACK') return { verdict: 'failed', error };
    throw error;
  }
  const after = await recorder.step(look, looking, async (see, { signal }) => {
    const found = await readSentinel(stage.server(), sentinel, signal);
    see('checksum', found ?? `${sentinel} is gone`);
    return found;
  });
  if (after === before) return undefined;
  recorder.fail(look);
  return { verdict: 'lost', lostAt: event };
}
