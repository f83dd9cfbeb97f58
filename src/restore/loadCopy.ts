import type { Backup } from '../backup/catalogue';
import type { Content } from '../backup/content';
import { uploadContent } from '../backup/upload';
import { findRoomFor, removeContainerFile, uploadPath } from '../operations/containerFiles';
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
  const archive = uploadPath(await findRoomFor(server, content.sizeBytes, operation.signal), id);
  await request.onUpload?.(archive);
  try {
    await createDatabase(session, database, properties); // first, for it is what tells a later start that there is something to sweep
    await uploadContent(server, content, archive, operation);
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
