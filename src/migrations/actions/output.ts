import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { writeFileDurably } from '../../operations/files';

/** How many outputs are kept. */
const kept = 100;

/** Keeps what a tool printed in a file of its own, and gives its path. The oldest beyond a hundred go. */
export async function keepOutput(folder: string, label: string, text: string, now: Date): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const name = label.replaceAll(/[^\w.-]+/g, '_').slice(0, 120);
  const file = path.join(folder, `${now.toISOString().replaceAll(':', '-')}_${name}.log`);
  await writeFileDurably(file, text);
  const old = (await readdir(folder)).filter((each) => each.endsWith('.log')).toSorted();
  for (const each of old.slice(0, Math.max(0, old.length - kept))) await rm(path.join(folder, each), { force: true });
  return file;
}

/** A text without the secrets that are known. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret.length > 3)
    .reduce((rest, secret) => rest.replaceAll(secret, '****').replaceAll(encodeURIComponent(secret), '****'), text);
}
