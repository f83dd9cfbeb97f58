import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { run, tryRun } from '../../lab/process';
import { tempFolder } from './shared';
import { sql } from './sql';
import type { Server } from './stack';

/** The head of a revision's file. */
export function revisionHeader(id: string, parent: string): string {
  return `from alembic import op\nimport sqlalchemy as sa\n\nrevision = ${id === '' ? 'None' : `'${id}'`}\ndown_revision = ${parent === '' ? 'None' : `'${parent}'`}\n\n\n`;
}

/** Runs Alembic with one pending revision; gives what it complained of. */
export async function alembic(server: Server, revision: string, database: string, ...args: readonly string[]): Promise<string> {
  const { code, stderr } = await tryRun('alembic', args, { cwd: await alembicFolder(server, revision, database) });
  return code === 0 ? '' : stderr;
}

/** A folder in which Alembic has one revision that the database has, and one that it has not. The server's port has to be published. */
export async function alembicFolder(server: Server, revision: string, database: string): Promise<string> {
  const folder = await tempFolder('alembic');
  const port = (await run('docker', ['port', server.container, '5432/tcp'])).trim().split(':').at(-1) ?? '';
  const url = `postgresql://${server.user}:pw-Zq7!secret@127.0.0.1:${port}/${database}`;
  await mkdir(path.join(folder, 'migrations', 'versions'), { recursive: true });
  await writeFile(path.join(folder, 'alembic.ini'), `[alembic]\nscript_location = migrations\nsqlalchemy.url = ${url}\n`);
  await writeFile(
    path.join(folder, 'migrations', 'env.py'),
    `from alembic import context\nfrom sqlalchemy import create_engine\n\nengine = create_engine(context.config.get_main_option('sqlalchemy.url'))\nwith engine.connect() as connection:\n    context.configure(connection=connection, transaction_per_migration=True)\n    with context.begin_transaction():\n        context.run_migrations()\n`,
  );
  await writeFile(path.join(folder, 'migrations', 'versions', 'a.py'), `${revisionHeader('a', '')}def upgrade():\n    pass\n\n\ndef downgrade():\n    pass\n`);
  await writeFile(path.join(folder, 'migrations', 'versions', 'b.py'), revision);
  return folder;
}

/** Columns, constraints and indexes of a database, as text. */
export async function shapeOf(server: Server, database: string): Promise<string> {
  return sql(
    server,
    database,
    `SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2;
     SELECT conrelid::regclass, conname, convalidated, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1::text, 2;
     SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1;`,
  );
}
