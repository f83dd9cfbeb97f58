import type { Backup } from '../backup/catalogue';
import type { Content } from '../backup/content';
import { uploadContent } from '../backup/upload';
import { findRoomFor, removeContainerFile, uploadPath } from '../operations/containerFiles';
import type { Operation } from '../operations/operation';
import { readServerFacts, type DatabaseProperties, type RowCounts } from '../postgres/catalogue';
import { applicationNamePrefix, type Session } from '../postgres/session';
import type { PostgresServer } from '../postgres/server';
import type { DumpForm } from './dump/form';
import { stageDump, stagedPath } from './dump/stage';
import { compareRows, createDatabase, loadArchive, type LoadWishes } from './load';
import { adoptObjects } from './adopt';
import { scaffold } from './scaffold';

/** A backup to be loaded into a new database beside all others. */
export interface CopyRequest {
  readonly id: string;
  readonly server: PostgresServer;
  /** On another database; creates the new one. */
  readonly session: Session;
  readonly backup: Backup;
  readonly content: Content;
  readonly form: DumpForm;
  readonly database: string;
  readonly properties: DatabaseProperties;
  readonly jobs: number;
  /** Told what will lie in the container, before it does. */
  readonly onUpload?: (path: string) => Promise<void>;
}

/** A dump in the container, ready to be loaded in part or whole, as often as is needed. */
export interface PlacedDump {
  readonly load: (wishes: LoadWishes) => Promise<void>;
  /** Structure of another database that a part of a backup stands on. */
  readonly scaffold: (live: string, tables: readonly string[]) => Promise<void>;
}

/** Creates the new database, puts the backup into the container and lends it. Nothing of it stays there. */
export async function withPlacedDump<T>(request: CopyRequest, operation: Operation, work: (dump: PlacedDump) => Promise<T>): Promise<T> {
  const { id, server, session, backup, content, form, database, properties, jobs } = request;
  // What comes in a file that we did not make is laid out a second time, and a packed one grows by that.
  const loose = backup.manifest === undefined;
  const grows = loose && form.kind !== 'sql' && (form.kind === 'folder' || form.packing !== 'none');
  const upload = uploadPath(await findRoomFor(server, content.sizeBytes * (grows ? 2 : 1), operation.signal), id);
  await request.onUpload?.(upload);
  try {
    await createDatabase(session, database, properties); // first, for it is what tells a later start that there is something to sweep
    await uploadContent(server, content, upload, operation);
    const archive = loose ? await stageDump(server, upload, form, operation.signal) : upload;
    const { socketDirectory } = await readServerFacts(session);
    const applicationName = `${applicationNamePrefix}:${id.slice(0, 8)}`;
    const common = { server, socketDirectory, applicationName, database };
    return await work({
      load: async (wishes) => {
        await loadArchive({ ...common, serverMajor: session.major, archive, form, wishes, jobs }, operation);
        if (wishes.withoutOwners) await adoptObjects(server, database, properties.owner, operation.signal);
      },
      scaffold: (live, tables) => scaffold({ ...common, session, live, without: tables }, operation),
    });
  } finally {
    await removeContainerFile(server, upload);
    if (loose) await removeContainerFile(server, stagedPath(upload));
  }
}

/** Loads a backup into a new database and compares its rows with what the backup has. The caller drops the database. */
export async function loadCopy(request: CopyRequest, wishes: LoadWishes, operation: Operation): Promise<RowCounts> {
  await withPlacedDump(request, operation, ({ load }) => load(wishes));
  operation.report({ message: 'Comparing rows' });
  return compareRows(request.server, request.database, wishes.part === 'all' ? request.backup.manifest?.rows : undefined, operation.signal);
}

/** Like `loadCopy` for a part of a database: what it stands on is taken from the live database, without rows. */
export async function loadPartialCopy(request: CopyRequest, wishes: LoadWishes, operation: Operation): Promise<RowCounts> {
  const { manifest } = request.backup;
  const tables = manifest?.scope === 'tables' ? (manifest.tables ?? []) : [];
  await withPlacedDump(request, operation, async (dump) => {
    await dump.scaffold(manifest?.database ?? '', tables);
    // Indexes and constraints may speak of tables that are not there.
    if (tables.length === 0 || request.form.kind === 'sql') return dump.load(wishes);
    await dump.load({ ...wishes, part: 'structure' });
    await dump.load({ ...wishes, part: 'rows' });
  });
  operation.report({ message: 'Comparing rows' });
  const counts = await compareRows(request.server, request.database, manifest?.rows, operation.signal);
  return tables.length === 0 ? counts : Object.fromEntries(Object.entries(counts).filter(([table]) => tables.includes(table)));
}
