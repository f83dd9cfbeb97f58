import { createHash } from 'node:crypto';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { labFolder } from './paths';
import { run, step } from './process';

const packages = {
  'drizzle-kit': '0.31.11',
  'drizzle-orm': '0.45.4',
  knex: '3.3.0',
  'node-pg-migrate': '9.0.0',
  pg: '8.23.1',
  'reflect-metadata': '0.2.2',
  sequelize: '6.37.8',
  'sequelize-cli': '6.6.5',
  typeorm: '1.1.1',
};

/** Installs the migration tools of Node, once, and gives the `node_modules` that holds them. None of their install scripts is run. */
export async function ensureMigrationTools(): Promise<string> {
  const text = JSON.stringify({ private: true, dependencies: packages });
  const folder = labFolder('migration-tools', createHash('sha256').update(text).digest('hex').slice(0, 12));
  const modules = path.join(folder, 'node_modules');
  if (existsSync(path.join(folder, 'complete'))) return modules;
  await step('installed the migration tools of Node', async () => {
    rmSync(modules, { recursive: true, force: true });
    writeFileSync(path.join(folder, 'package.json'), text);
    await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--no-package-lock'], { cwd: folder });
    writeFileSync(path.join(folder, 'complete'), '');
  });
  return modules;
}
