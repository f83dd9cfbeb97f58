import type { Backup } from '../backup/catalogue';
import type { Content } from '../backup/content';
import { uploadContent } from '../backup/upload';
import { containerFilePrefix, findRoomFor, removeContainerFile } from '../operations/containerFiles';
import type { Operation } from '../operations/operation';
import { readServerFacts, type DatabaseProperties, type RowCounts } from '../postgres/catalogue';
import { applicationNamePrefix, type Session } from '../postgres/session';
import type { PostgresServer } from '../postgres/server';
import { compareRows, createDatabase, loadArchive } from './load';
import { scaffold } from './scaffold';

/** A backup to be loaded into a new database beside all others. */
export interface CopyRequest {
  readonly id: string;
  readonly server: PostgresServer;
  /** On another database; creates the new one. */
  readonly session: Session;
  readonly backup: Backup;
  readonly content: Content;
  readonly database: string;
  readonly properties: DatabaseProperties;
  readonly jobs: number;
  /** Told what will lie in the container, before it does. */
  readonly onUpload?: (path: string) => Promise<void>;
}

/** Loads a backup into a new database and compares its rows with what the backup has. The caller drops the database. */
export async function loadCopy(request: CopyRequest, operation: Operation): Promise<RowCounts> {
  const { id, server, session, backup, content, database, properties, jobs } = request;
  const scope = backup.manifest?.scope ?? 'full';
  const archive = `${await findRoomFor(server, content.sizeBytes, operation.signal)}/${containerFilePrefix}${id}.dump`;
  await request.onUpload?.(archive);
  try {
    await uploadContent(server, content, archive, operation);
    await createDatabase(session, database, properties);
    const { socketDirectory } = await readServerFacts(session);
    const applicationName = `${applicationNamePrefix}:${id.slice(0, 8)}`;
    if (scope === 'data' || scope === 'tables') await scaffold({ ...request, socketDirectory, applicationName }, operation);
    await loadArchive({ server, socketDirectory, archive, content, database, jobs, applicationName, withoutConstraints: scope === 'tables' }, operation);
  } finally {
    await removeContainerFile(server, archive);
  }
  operation.report({ message: 'Comparing rows' });
  const counts = await compareRows(server, database, backup.manifest?.rows, operation.signal);
  return scope === 'tables' ? Object.fromEntries(Object.entries(counts).filter(([table]) => backup.manifest?.tables?.includes(table) === true)) : counts;
}
