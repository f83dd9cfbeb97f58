import { cp, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureDocker } from '../../lab/docker';
import { ensurePostgresImage } from '../../lab/images';
import { repositoryRoot } from '../../lab/paths';
import { engineCommand, compose, waitForHealthy } from '../../lab/stacks';

/** A copy of the reims stack that one test file has for itself. */
export interface Stack {
  readonly name: string;
  readonly folder: string;
  /** Asks a database, `reims` unless told otherwise, by psql in the container, so past everything that is tested. */
  sql(statement: string, database?: string): Promise<string>;
  remove(): Promise<void>;
}

export async function startStack(name: string): Promise<Stack> {
  await ensureDocker();
  await ensurePostgresImage(17);
  const parent = await realpath(await mkdtemp(path.join(tmpdir(), 'container-databases-workbench-')));
  const folder = path.join(parent, name);
  await cp(path.join(repositoryRoot, 'test/fixtures/stacks/reims'), folder, { recursive: true });
  const options = { cwd: folder, projectName: name, env: { REIMS_PREFIX: name, REIMS_PORT: '0' } };
  await compose('reims', ['up', '--detach'], options);
  await waitForHealthy(`${name}-postgres`);
  return {
    name,
    folder,
    sql: async (statement, database = 'reims') => {
      const { code, stdout, stderr } = await engineCommand([
        'exec',
        `${name}-postgres`,
        'psql',
        '-U',
        'reims',
        '-d',
        database,
        '-v',
        'ON_ERROR_STOP=1',
        '-qAtc',
        statement,
      ]);
      if (code !== 0) throw new Error(stderr);
      return stdout.trim();
    },
    remove: async () => {
      await compose('reims', ['down', '--volumes', '--timeout', '2'], options);
      await rm(parent, { recursive: true, force: true });
    },
  };
}
