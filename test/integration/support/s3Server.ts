import { run, waitFor } from '../../lab/process';
import { ensureDebianImage } from '../../lab/debianImages';
import { once, runName } from './shared';

/** Where an S3 server of this run answers; `environment` is given to it, and makes it one of its own. */
export async function s3Endpoint(environment: readonly string[] = []): Promise<string> {
  return once(`s3 ${environment.join(' ')}`, async () => {
    const image = await ensureDebianImage('S3');
    const name = `${runName}-s3${environment.length === 0 ? '' : `-${environment.length}`}`;
    const given = environment.flatMap((each) => ['--env', each]);
    await run('docker', ['run', '--detach', '--name', name, ...given, '--publish', '127.0.0.1::5000', image, 'moto_server', '-H', '0.0.0.0', '-p', '5000']);
    const port = (await run('docker', ['port', name, '5000/tcp'])).split('\n')[0]?.split(':').at(-1) ?? '';
    const endpoint = `http://127.0.0.1:${port}`;
    await waitFor('the S3 server to answer', () =>
      fetch(`${endpoint}/moto-api/`).then(
        ({ ok }) => ok,
        () => false,
      ),
    );
    return endpoint;
  });
}

/** Makes an empty bucket and gives its name. */
export async function makeBucket(endpoint: string): Promise<string> {
  bucketCount += 1;
  const bucket = `copies-${process.pid}-${bucketCount}`;
  const { ok, status } = await fetch(`${endpoint}/${bucket}`, { method: 'PUT' });
  if (!ok) throw new Error(`The bucket could not be made: ${status}`);
  return bucket;
}

let bucketCount = 0;

/** The keys of all objects in a bucket, and of all uploads that were not finished. */
export async function inBucket(endpoint: string, bucket: string): Promise<{ readonly objects: readonly string[]; readonly uploads: readonly string[] }> {
  const keys = async (query: string): Promise<readonly string[]> => {
    const text = await (await fetch(`${endpoint}/${bucket}?${query}`)).text();
    return [...text.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) => key);
  };
  return { objects: await keys('list-type=2'), uploads: await keys('uploads') };
}

// The server looks at whose request it is, but not at the signature.
const someone = { authorization: 'AWS4-HMAC-SHA256 Credential=someone/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=none' };

/** Puts other content in the place of an object, behind the back of those who put it there. */
export async function replaceObject(url: string, body: Buffer, metadata: Readonly<Record<string, string>>): Promise<void> {
  const { ok, status } = await fetch(url, { method: 'PUT', body: new Uint8Array(body), headers: { ...someone, ...metadata } });
  if (!ok) throw new Error(`The object could not be replaced: ${status}`);
}

export async function contentOf(url: string): Promise<Buffer> {
  return Buffer.from(await (await fetch(url, { headers: someone })).arrayBuffer());
}
