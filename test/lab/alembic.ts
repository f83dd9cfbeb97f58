import { createHash } from 'node:crypto';
import { ensureDocker } from './docker';
import { step } from './process';
import { ensureImage, minimalDebian } from './rootfs';

const recipe = [...minimalDebian(['alembic', 'python3-psycopg2', 'python3-dateutil']), 'bookworm'];

let ensuring: Promise<string> | undefined;

/** Gives the name of an image with Alembic, as that of an application's service has it; made once and kept in the engine. */
export async function ensureAlembicImage(): Promise<string> {
  ensuring ??= ensure();
  ensuring.catch(() => (ensuring = undefined)); // a later call may try again
  return ensuring;
}

async function ensure(): Promise<string> {
  await ensureDocker();
  const hash = createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 12);
  return step('provided Alembic in an image', () => ensureImage(`container-databases-alembic:${hash}`, recipe));
}
