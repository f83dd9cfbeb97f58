import { run } from '../../lab/process';
import { sql } from './sql';
import type { Stack } from './stack';

/** Makes a copy of a stack's database. */
export async function copyDatabase(stack: Stack, name: string): Promise<void> {
  await sql(stack, 'postgres', `CREATE DATABASE ${name}`);
  await run('docker', ['exec', stack.container, 'sh', '-c', `pg_dump -U "$1" "$2" | psql -q -U "$1" -d ${name}`, 'sh', stack.user, stack.database]);
}

/**
 * Adds a service to the project of a stack, by the labels that Compose would give it, which has an image with the tool and the
 * folder mounted at /app. Gives the name of its container.
 */
export async function startMigrator(stack: Stack, image: string, folder: string, databaseUrl: string): Promise<string> {
  const name = `${stack.project}-migrator`;
  const labels = { project: stack.project, service: 'migrator', oneoff: 'False', 'container-number': '1' };
  await run('docker', [
    'run',
    '--detach',
    '--init',
    '--name',
    name,
    '--network',
    `${stack.project}_default`,
    ...Object.entries(labels).flatMap(([key, value]) => ['--label', `com.docker.compose.${key}=${value}`]),
    '--env',
    `DATABASE_URL=${databaseUrl}`,
    '--volume',
    `${folder}:/app`,
    image,
    'sleep',
    '86400',
  ]);
  return name;
}
