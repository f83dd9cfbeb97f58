import { randomUUID } from 'node:crypto';
import type { Backup } from '../backup/catalogue';
import { checkContent, checkRoles, recordVerification, type Proof, type Reader } from '../backup/verify';
import { scratchPrefix } from '../inventory/undoName';
import type { Operation } from '../operations/operation';
import { readMachine } from '../postgres/machine';
import type { Session } from '../postgres/session';
import { Failure } from '../protocol/failure';
import { knowDump } from './dump/form';
import { loadEverything } from './load';
import { loadCopy, loadPartialCopy } from './loadCopy';
import { loadJobs, propertiesFor } from './plan';
import { claimDatabase, dropOwnDatabase } from './swap';

/**
 * Proves a backup by restoring it into a scratch database of a running server, comparing the rows, and dropping it again. No
 * other database is touched. What is proven is written into the manifest. `use` gets the scratch database while it is
 * there; what it throws is thrown on.
 */
export async function testRestore(
  backup: Backup,
  { server, key }: Reader,
  session: Session,
  operation: Operation,
  use?: (database: string) => Promise<void>,
): Promise<Proof> {
  refuse(backup);
  const id = randomUUID();
  const database = `${scratchPrefix}${id.slice(0, 8)}`;
  const { processors } = await readMachine(server, session);
  const roles = await session.query<{ name: string }>('SELECT rolname AS name FROM pg_roles');
  const properties = propertiesFor({ serverMajor: session.major, serverUser: server.user, roles: roles.map(({ name }) => name) }, backup.manifest?.properties);
  const proof = await recordVerification(backup, 'restored', async () => {
    const content = await checkContent(backup, key, operation);
    await claimDatabase(session, database); // so that nobody takes it for a leftover
    try {
      const { form } = await knowDump(backup, key, operation);
      const request = { id, server, session, backup, content, form, database, properties, jobs: loadJobs(processors) };
      const scope = backup.manifest?.scope ?? 'full';
      const counts = await (scope === 'data' || scope === 'tables' ? loadPartialCopy : loadCopy)(request, loadEverything, operation);
      await use?.(database);
      return { tables: Object.keys(counts).length, rows: Object.values(counts).reduce((sum, count) => sum + count, 0) };
    } finally {
      await dropOwnDatabase(session, database);
    }
  });
  await checkRoles(backup);
  return proof;
}

function refuse({ file, manifest }: Backup): void {
  if (manifest?.format === 'volume') {
    throw new Failure('FORMAT_UNKNOWN', `${file} is a copy of a data directory, not a dump.`, 'It is proven by starting it; choose that instead.');
  }
  if (manifest?.format === 'plain' && manifest.scope === 'tables') {
    throw new Failure(
      'BACKUP_PARTIAL',
      `${file} holds single tables as SQL, with what binds them to others; it cannot be loaded by itself.`,
      'Choose the custom or directory format for chosen tables when they are to be tested.',
    );
  }
}
