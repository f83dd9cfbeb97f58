import { mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Backups } from '../../backup/backups';
import { rolesFile, type Backup } from '../../backup/catalogue';
import type { DecryptionKey } from '../../backup/encryption/keys';
import type { InventoryKeeper } from '../../inventory/keeper';
import type { Service } from '../../inventory/model';
import { errorCode, fileFailure, removeIfThere, writeFileDurably } from '../../operations/files';
import { throwIfCancelled, type Operation } from '../../operations/operation';
import { withSession } from '../../postgres/session';
import { Failure } from '../../protocol/failure';
import type { ServicePlace } from '../volume/parts';
import type { Restores } from '../restores';
import type { RestoreResult } from '../run';
import { bundleName, readBundle, writeBundle, type Bundle } from './bundle';
import { statementsForMissing } from './missingRoles';

export interface ExportResult {
  /** The folder, or the tar. */
  readonly to: string;
  readonly databases: Bundle['databases'];
}

export interface ImportResult {
  readonly from: Pick<Bundle, 'project' | 'service' | 'serverVersion' | 'exportedAt'>;
  /** Roles that were missing, and are there now. */
  readonly roles: number;
  readonly databases: readonly RestoreResult[];
}

/** Databases that go to another machine, and those that come from one. */
export class Moves {
  constructor(
    private readonly keeper: InventoryKeeper,
    private readonly backups: Backups,
    private readonly restores: Restores,
  ) {}

  /**
   * Puts backups of all databases of a service, with its roles and a short manifest, into a new or empty folder; or into one
   * file, when its name ends with `.tar`. Throws `FOLDER_NOT_EMPTY`, `SERVICE_NOT_RUNNING`, and what a backup throws.
   */
  async export(place: ServicePlace, to: string, operation: Operation): Promise<ExportResult> {
    if (!to.endsWith('.tar')) return { to, databases: await this.fill(place, to, operation) };
    await refuseExisting(to);
    const folder = await mkdtemp(path.join(path.dirname(to), '.container-databases-export-'));
    try {
      const databases = await this.fill(place, folder, operation);
      const { packFolder } = await import('./tarFolder');
      await packFolder(folder, to, operation).catch(async (error: unknown) => {
        await removeIfThere(to);
        throw error;
      });
      return { to, databases };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  private async fill(place: ServicePlace, folder: string, operation: Operation): Promise<Bundle['databases']> {
    const { project, service } = place;
    const { image } = this.keeper.containerOf(service);
    this.keeper.serverOf(service); // says so when it does not run
    if (service.problem !== undefined) throw new Failure(service.problem.code, service.problem.message, service.problem.remedy);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    if (await hasFile(path.join(folder, bundleName))) {
      throw new Failure('FOLDER_NOT_EMPTY', `${folder} holds an export already.`, 'Choose another folder.');
    }
    const databases: Bundle['databases'] = [];
    for (const database of service.databases) {
      throwIfCancelled(operation);
      operation.report({ message: `Backing up ${database.name}` });
      const { file, sizeBytes } = await this.backups.backUp({ project, service, database }, { reason: 'manual', folder }, operation);
      databases.push({ name: database.name, file: path.basename(file), sizeBytes });
    }
    if (databases.length === 0) throw new Failure('DATABASE_MISSING', `${service.name} has no database.`, 'There is nothing to export.');
    const bundle: Bundle = {
      schemaVersion: 1,
      exportedAt: new Date().toISOString(),
      project: project.name,
      service: service.name,
      image,
      serverVersion: service.postgres.version ?? '',
      databases,
    };
    await writeFileDurably(path.join(folder, bundleName), writeBundle(bundle)); // last: without it, it is no export
    return databases;
  }

  /** What an export holds. Throws `EXPORT_UNREADABLE`. */
  async read(from: string): Promise<Bundle> {
    return this.opened(from, undefined, async (folder) => readBundleIn(folder));
  }

  /**
   * Makes the roles that are missing, and restores every database into a service; databases that are there already are backed
   * up, and kept for a day as undo. Throws `EXPORT_UNREADABLE`, and what a restore throws.
   */
  async import(from: string, place: ServicePlace, key: DecryptionKey | undefined, operation: Operation): Promise<ImportResult> {
    return this.opened(from, operation, async (folder) => {
      const bundle = await readBundleIn(folder);
      const found = await Promise.all(bundle.databases.map(async ({ name, file }) => ({ name, backup: await this.backups.read(path.join(folder, file)) })));
      const roles = await this.makeRoles(
        place.service,
        found.map(({ backup }) => backup),
        key,
        operation,
      );
      const databases: RestoreResult[] = [];
      for (const { name, backup } of found) {
        const target = { ...place, databaseName: name };
        const wishes = key === undefined ? {} : { key };
        const plan = await this.restores.plan(target, backup, wishes, operation.signal);
        databases.push(await this.restores.run(plan, target, wishes, operation));
        await this.keeper.refresh();
      }
      const { project, service, serverVersion, exportedAt } = bundle;
      return { from: { project, service, serverVersion, exportedAt }, roles, databases };
    });
  }

  private async makeRoles(service: Service, backups: readonly Backup[], key: DecryptionKey | undefined, operation: Operation): Promise<number> {
    const [first] = backups.filter(({ manifest }) => manifest?.rolesSha256 !== undefined);
    if (first === undefined) return 0;
    const sql = await readRolesOf(first, key);
    const server = this.keeper.serverOf(service);
    return withSession(server, server.maintenanceDatabase, { signal: operation.signal }, async (session) => {
      const present = await session.query<{ name: string }>('SELECT rolname AS name FROM pg_catalog.pg_roles');
      const statements = statementsForMissing(sql, new Set(present.map(({ name }) => name)));
      if (statements.length > 0) await session.execute(['BEGIN', ...statements.map((line) => line.replace(/;$/, '')), 'COMMIT'].join(';\n'));
      return statements.filter((line) => line.startsWith('CREATE ROLE ')).length;
    });
  }

  /** An export as a folder; one in a single file is unpacked for that. */
  private async opened<T>(from: string, operation: Operation | undefined, work: (folder: string) => Promise<T>): Promise<T> {
    if (!from.endsWith('.tar')) return work(from);
    const folder = await mkdtemp(path.join(tmpdir(), 'container-databases-import-'));
    try {
      const { unpackFolder } = await import('./tarFolder');
      await unpackFolder(from, folder, operation ?? quietly());
      return await work(folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

async function readRolesOf({ file, manifest }: Backup, key: DecryptionKey | undefined): Promise<string> {
  const bytes = await readFile(rolesFile(file)).catch((error: unknown) => {
    throw fileFailure(error, rolesFile(file));
  });
  if (manifest?.encryption === 'none') return bytes.toString('utf8');
  const { decryptPieces } = await import('../../backup/encryption/streams');
  const pieces: Buffer[] = [];
  for await (const piece of decryptPieces(only(bytes), key)) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}

async function* only(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

async function readBundleIn(folder: string): Promise<Bundle> {
  try {
    return readBundle(await readFile(path.join(folder, bundleName), 'utf8'));
  } catch (error) {
    const why = errorCode(error) === 'ENOENT' ? 'it has no manifest' : 'its manifest cannot be read';
    throw new Failure('EXPORT_UNREADABLE', `${folder} is no export of databases: ${why}.`, 'Choose the folder or the tar that was exported.', error);
  }
}

async function hasFile(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

async function refuseExisting(file: string): Promise<void> {
  if (await hasFile(file)) throw new Failure('FILE_EXISTS', `${file} is there already.`, 'Choose another name.');
}

function quietly(): Operation {
  const ignore = (): void => undefined;
  return { signal: new AbortController().signal, log: { debug: ignore, info: ignore, warn: ignore, error: ignore }, report: ignore };
}
