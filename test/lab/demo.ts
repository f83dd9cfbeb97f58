import { cp } from 'node:fs/promises';
import path from 'node:path';
import { createApp } from '../../src/app';
import { ensureDocker } from './docker';
import { ensurePostgresImage } from './images';
import { labFolder, repositoryRoot } from './paths';
import { step, tryRun } from './process';
import { compose, waitForHealthy } from './stacks';

/** A folder whose Compose project runs Postgres. */
export interface DemoProject {
  readonly folder: string;
  readonly project: string;
  readonly service: string;
  readonly database: string;
}

const name = 'reims-demo';
const variables = { REIMS_PREFIX: name, REIMS_PORT: '0' };

/** Uses an engine that answers, Docker or Podman, and otherwise brings Docker up. */
export async function ensureEngine(): Promise<void> {
  for (const engine of ['docker', 'podman']) {
    const { code } = await tryRun(engine, ['info'], { timeout: 10_000 }).catch(() => ({ code: 1 }));
    if (code === 0) return console.error(`Using ${engine === 'docker' ? 'Docker' : 'Podman'}, which runs already`);
  }
  await ensureDocker();
}

/** A project of the user's that runs, if there is one whose folder is on this host. */
export async function findProject(): Promise<DemoProject | undefined> {
  const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: console.error };
  const app = createApp({ endpoint: () => undefined, backupFolder: () => '', folders: () => [] }, quiet);
  const { projects } = await app.inventory.refresh();
  for (const { folder, name: project, services, configFiles } of projects) {
    const [service] = services.filter(({ databases }) => databases.length > 0);
    const [database] = service?.databases ?? [];
    if (folder !== undefined && configFiles.length > 0 && service !== undefined && database !== undefined) {
      return { folder, project, service: service.name, database: database.name };
    }
  }
  return undefined;
}

/** Starts a copy of a stack of the tests, with its data. What it held the last time it still holds. */
export async function startDemo(): Promise<DemoProject> {
  await ensureDocker();
  await ensurePostgresImage(17);
  const folder = path.join(labFolder('demo'), name);
  await step('started the demo project', async () => {
    await cp(path.join(repositoryRoot, 'test/fixtures/stacks/reims'), folder, { recursive: true, force: true });
    await compose('reims', ['up', '--detach'], { cwd: folder, projectName: name, env: variables });
    await waitForHealthy(`${name}-postgres`);
  });
  return { folder, project: name, service: 'postgres', database: 'reims' };
}

/** Stops the demo; its volume and the backups in its folder stay. */
export async function stopDemo({ folder }: DemoProject): Promise<void> {
  await compose('reims', ['down', '--timeout', '5'], { cwd: folder, projectName: name, env: variables });
}
