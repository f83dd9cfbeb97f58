import { createHash } from 'node:crypto';
import { ensureDocker } from './docker';
import { step } from './process';
import { ensureImage, minimalDebian } from './rootfs';

/** Debian's moto is a server of its own for the S3 protocol, which keeps its objects in memory. */
const recipe = [...minimalDebian(['python3-moto', 'python3-flask', 'python3-flask-cors', 'python3-xmltodict']), 'trixie'];

let ensuring: Promise<string> | undefined;

/** Gives the name of an image with an S3 server, run by `moto_server`; made once and kept in the engine. */
export async function ensureS3Image(): Promise<string> {
  ensuring ??= ensure();
  ensuring.catch(() => (ensuring = undefined)); // a later call may try again
  return ensuring;
}

async function ensure(): Promise<string> {
  await ensureDocker();
  const hash = createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 12);
  return step('provided the S3 server', () => ensureImage(`container-databases-s3:${hash}`, recipe));
}
