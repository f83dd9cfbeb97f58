import type { Backup } from '../../../src/backup/catalogue';
import type { Manifest } from '../../../src/backup/manifest';
import type { EndpointView, Inventory, Project, Service } from '../../../src/inventory/model';
import type { Clock, Translate } from '../../../src/vscode/present/translate';
import type { TreeNode } from '../../../src/vscode/present/treeNode';

/** The language that the messages are written in. */
export const english: Translate = (message, ...values) => message.replace(/\{(\d)\}/g, (_, index: string) => String(values[Number(index)]));

/** A fixed moment: 20 November 2026, 14:00, wherever the test runs. */
export const clock: Clock = { now: new Date(2026, 10, 20, 14, 0), language: 'en-GB' };

export function before(minutes: number): Date {
  return new Date(clock.now.getTime() - minutes * 60_000);
}

export const docker: EndpointView = {
  id: 'unix:///run/docker.sock',
  name: 'Docker',
  source: 'socket',
  state: 'connected',
  engine: 'docker',
  version: '28.2.2',
};

export function service(parts: Partial<Service> = {}): Service {
  return {
    id: 'unix:///run/docker.sock|reims|postgres',
    name: 'postgres',
    projectName: 'reims',
    state: 'running',
    health: 'healthy',
    container: { endpointId: docker.id, id: 'c0ffee', name: 'reims-postgres', image: 'postgres:17', imageId: 'sha256:1', startedAt: before(60).toISOString() },
    postgres: { user: 'reims', database: 'reims', version: '17.2', major: 17 },
    published: { address: '127.0.0.1', port: 15432 },
    databases: [{ name: 'reims', owner: 'reims', sizeBytes: 10_400_000, tables: 20 }],
    undos: [],
    snapshots: [],
    hasScratch: false,
    volume: {
      kind: 'named',
      name: 'reims_postgres-data',
      destination: '/var/lib/postgresql/data',
      dataDirectory: '/var/lib/postgresql/data/pgdata',
      sizeBytes: 51_000_000,
    },
    dependents: ['celery-worker', 'backend'],
    ...parts,
  };
}

export function project(parts: Partial<Project> = {}): Project {
  return {
    id: `${docker.id}|reims`,
    name: 'reims',
    endpointId: docker.id,
    folder: '/work/reims',
    configFiles: ['/work/reims/docker-compose.yml'],
    inWorkspace: true,
    services: [service()],
    ...parts,
  };
}

export function inventory(projects: readonly Project[], endpoints: readonly EndpointView[] = [docker]): Inventory {
  return { endpoints, projects };
}

export function backup(minutesAgo: number, parts: Partial<Manifest> = {}): Backup {
  const finishedAt = before(minutesAgo);
  const manifest: Manifest = {
    schemaVersion: 1,
    id: 'b1',
    project: 'reims',
    service: 'postgres',
    database: 'reims',
    endpoint: docker.id,
    image: 'postgres:17',
    serverVersion: '17.2',
    toolVersion: '17.2',
    properties: { owner: 'reims', encoding: 'UTF8', collate: 'en_US.utf8', ctype: 'en_US.utf8', provider: 'c', locale: null, collationVersion: '2.41' },
    format: 'custom',
    scope: 'full',
    compression: 'zstd:1',
    startedAt: new Date(finishedAt.getTime() - 1400).toISOString(),
    finishedAt: finishedAt.toISOString(),
    sizeBytes: 146_000,
    databaseSizeBytes: 10_400_000,
    rows: { 'public.accounts': 330, 'public.lenders': 31 },
    migrationRevision: 'c0f7e83a5d21',
    git: { branch: 'main', commit: '0123456789abcdef0123456789abcdef01234567' },
    sha256: 'a'.repeat(64),
    encryption: 'none',
    verified: 'read',
    reason: 'manual',
    ...parts,
  };
  return { file: `/work/reims/backups/reims_${manifest.database}_${minutesAgo}.dump`, sizeBytes: manifest.sizeBytes, finishedAt, manifest };
}

/** A backup of which only the file is known. */
export function foreignBackup(minutesAgo: number): Backup {
  return { file: `/work/reims/backups/found_${minutesAgo}.dump`, sizeBytes: 4096, finishedAt: before(minutesAgo) };
}

/** A tree as text: icon, label, description, two spaces for each level. */
export function treeText(nodes: readonly TreeNode[], level = 0): string {
  return nodes
    .map(({ icon, label, description, children }) => {
      const line = `${'  '.repeat(level)}[${icon.id}] ${label}${description === '' ? '' : `  ${description}`}`;
      return children.length === 0 ? line : `${line}\n${treeText(children, level + 1)}`;
    })
    .join('\n');
}
