import { createHash } from 'node:crypto';
import { ensureDocker } from './docker';
import { step } from './process';
import { ensureImage, minimalDebian } from './rootfs';

/** Images that are nothing but a Debian with some packages, by what they provide. */
const recipes = {
  Alembic: [...minimalDebian(['alembic', 'python3-psycopg2', 'python3-dateutil']), 'bookworm'],
  /** Debian's moto is a server of its own for the S3 protocol (`moto_server`), which keeps its objects in memory. */
  S3: [...minimalDebian(['python3-moto', 'python3-flask', 'python3-flask-cors', 'python3-xmltodict']), 'trixie'],
} as const;
export type DebianImage = keyof typeof recipes;

const ensuring = new Map<DebianImage, Promise<string>>();

/** Gives the name of an image; made once and kept in the engine. */
export async function ensureDebianImage(image: DebianImage): Promise<string> {
  const making = ensuring.get(image) ?? ensure(image);
  ensuring.set(image, making);
  making.catch(() => ensuring.delete(image)); // a later call may try again
  return making;
}

async function ensure(image: DebianImage): Promise<string> {
  await ensureDocker();
  const recipe = recipes[image];
  const hash = createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 12);
  return step(`provided ${image} in an image`, () => ensureImage(`container-databases-${image.toLowerCase()}:${hash}`, recipe));
}
