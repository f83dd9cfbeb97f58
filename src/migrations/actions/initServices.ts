import { composeOrigin } from '../../compose/labels';
import type { Engine } from '../../engine/engine';
import { readLogs, waitForEnd } from '../../engine/oneOff';
import type { Project } from '../../inventory/model';
import type { Operation } from '../../operations/operation';
import { cancelled, Failure } from '../../protocol/failure';

/** A service that runs once and ends, as one that prepares the database does. */
export interface InitService {
  readonly service: string;
  readonly container: string;
}

/** The services of a project of which others wait that they have ended well. */
export async function listInitServices(engine: Engine, project: Project): Promise<readonly InitService[]> {
  const own = (await engine.containers()).flatMap(({ id, labels, name }) => {
    const origin = composeOrigin(labels, name);
    return origin?.project === project.name ? [{ id, origin }] : [];
  });
  const awaited = new Set(
    own.flatMap(({ origin }) => origin.dependsOn.filter(({ condition }) => condition === 'service_completed_successfully').map(({ service }) => service)),
  );
  return own.filter(({ origin }) => awaited.has(origin.service) && !origin.oneOff).map(({ id, origin }) => ({ service: origin.service, container: id }));
}

/** Runs such a service again and gives what it printed. Throws `INIT_FAILED` and `CANCELLED`; cancelling stops it. */
export async function runInitService(engine: Engine, { service, container }: InitService, operation: Operation): Promise<string> {
  const since = Math.floor(Date.now() / 1000);
  operation.report({ message: `Running ${service}` });
  await engine.start(container);
  try {
    const code = await waitForEnd(engine, container, operation.signal);
    const output = await readLogs(engine, container, since);
    if (code === 0) return output;
    const last = output.trim().split('\n').at(-1) ?? '';
    throw new Failure(
      'INIT_FAILED',
      `${service} ended with code ${code}. It said: ${last.slice(0, 300)}`,
      'Look at its log, and at the migrations of its database.',
    );
  } catch (error) {
    if (!operation.signal.aborted) throw error;
    await engine.stop(container, 10);
    throw cancelled();
  }
}
