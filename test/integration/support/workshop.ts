import { cp, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ensurePostgresImage } from '../../lab/images';
import { repositoryRoot } from '../../lab/paths';
import { waitFor } from '../../lab/process';
import { composeDown, composeUp, engineCommand, waitForPostgres } from '../../lab/stacks';
import { startTimes } from './evidence';
import { atTheEnd, once, runName, tempFolder } from './shared';
import { sql, type Place } from './sql';

/** A Compose project for rough work: a database, an api with sessions, a worker behind it, and a service that is stopped. */
export interface Workshop extends Place {
  readonly project: string;
  readonly service: string;
  readonly folder: string;
}

// The tests break off, kill and cut at will, which the five stacks are spared.
const composeFile = `
services:
  db:
    image: postgres:17
    environment: { POSTGRES_USER: app, POSTGRES_PASSWORD: 'pw-Zq7!secret', POSTGRES_DB: app }
  api:
    image: postgres:17
    depends_on: [db]
    environment: { SERVICE: api, DATABASE_URL: 'postgres://app:pw-Zq7!secret@db:5432/app', QUERY: SELECT 1 }
    entrypoint: ['/bin/bash', '/props/session.sh']
    volumes: ['./props:/props:ro']
    tmpfs: /var/lib/postgresql/data
  worker: &quiet
    image: postgres:17
    depends_on: [api]
    entrypoint: ['/bin/bash', '-c', "trap 'exit 0' TERM INT; sleep infinity & wait"]
    tmpfs: /var/lib/postgresql/data
  idle:
    <<: *quiet
    depends_on: [db]
`;

/** The project, running, with `idle` stopped. One for all files. */
export async function startWorkshop(): Promise<Workshop> {
  return once('workshop', start);
}

async function start(): Promise<Workshop> {
  await ensurePostgresImage(17);
  const project = `${runName}-workshop`;
  const folder = await tempFolder('workshop');
  await writeFile(path.join(folder, 'compose.yaml'), composeFile);
  await cp(path.join(repositoryRoot, 'test/fixtures/stacks/fastapi/props'), path.join(folder, 'props'), { recursive: true });
  const options = { projectName: project, cwd: folder };
  atTheEnd(() => composeDown('workshop', options));
  await composeUp('workshop', options);
  const workshop: Workshop = { engine: 'docker', project, service: 'db', folder, container: `${project}-db-1`, user: 'app', database: 'app' };
  await waitForPostgres(workshop.container);
  await engineCommand(['stop', `${project}-idle-1`]);
  return workshop;
}

/** Makes a database with something of everything, dropping one of that name first. */
export async function fillDatabase(place: Place, name: string, extra = ''): Promise<void> {
  const quoted = `"${name.replaceAll('"', '""')}"`;
  await sql(place, 'postgres', `DROP DATABASE IF EXISTS ${quoted} WITH (FORCE)`);
  await sql(place, 'postgres', `CREATE DATABASE ${quoted}`);
  await sql(
    place,
    name,
    `CREATE TABLE people (id serial PRIMARY KEY, name text NOT NULL);
     INSERT INTO people (name) SELECT 'person ' || i FROM generate_series(1, 500) AS i;
     CREATE VIEW long_names AS SELECT * FROM people WHERE length(name) > 9;
     ${extra}`,
  );
}

/** Makes a table that fills at once here, but takes this many seconds where a restore loads it. */
export function slowToLoad(seconds: number): string {
  return `
    CREATE FUNCTION wait_in_scratch() RETURNS boolean LANGUAGE sql AS $$
      SELECT pg_sleep(CASE WHEN current_database() LIKE 'cdb\\_scratch\\_%' THEN ${seconds} ELSE 0 END) IS NOT NULL $$;
    CREATE TABLE slow (id int CHECK (wait_in_scratch()));
    INSERT INTO slow VALUES (1);`;
}

/** Waits until a restore is loading a table that is `slowToLoad`. */
export async function waitUntilLoading(place: Place): Promise<void> {
  await waitFor('the load', async () => (await loadingSessions(place)) !== '0');
}

async function loadingSessions(place: Place): Promise<string> {
  return sql(place, 'postgres', "SELECT count(*) FROM pg_stat_activity WHERE datname LIKE 'cdb\\_scratch\\_%' AND wait_event = 'PgSleep'");
}

/** When each of the dependents started, and whether it runs; `idle` should not. */
export async function dependentTimes({ project }: Workshop): Promise<Readonly<Record<string, string>>> {
  const services = ['api', 'worker', 'idle'];
  const times = await startTimes(services.map((service) => `${project}-${service}-1`));
  return Object.fromEntries(services.map((service, index) => [service, times[index] ?? '']));
}

/** Which dependents run. */
export async function runningDependents(workshop: Workshop): Promise<readonly string[]> {
  return Object.entries(await dependentTimes(workshop)).flatMap(([service, time]) => (time.endsWith(' running') ? [service] : []));
}

/** Drops databases that a file made, with what restores of them left. */
export async function dropDatabases(place: Place, names: readonly string[]): Promise<void> {
  const all = await sql(place, 'postgres', "SELECT datname FROM pg_database WHERE datname LIKE 'cdb\\_%'");
  for (const name of [...names, ...all.split('\n').filter((each) => each !== '')]) {
    await sql(place, 'postgres', `DROP DATABASE IF EXISTS "${name.replaceAll('"', '""')}" WITH (FORCE)`);
  }
}
