import { randomUUID } from 'node:crypto';
import type { Backup } from '../backup/catalogue';
import type { DecryptionKey } from '../backup/encryption/keys';
import { scratchPrefix } from '../inventory/undoName';
import type { Operation } from '../operations/operation';
import type { DatabaseProperties } from '../postgres/catalogue';
import type { PostgresServer } from '../postgres/server';
import { withSession, type Session } from '../postgres/session';
import { checkUnchanged, provenContent } from './dump/rawContent';
import { createDatabase } from './load';
import { loadCopy } from './loadCopy';
import type { RestorePlan } from './plan';
import { claimDatabase, dropOwnDatabase } from './swap';

/** Lends an empty database that is dropped again; should this process die, the next start sweeps it. */
export async function withScratch<T>(server: PostgresServer, properties: DatabaseProperties, work: (database: string) => Promise<T>): Promise<T> {
  const database = `${scratchPrefix}${randomUUID().slice(0, 8)}`;
  return claimed(server, database, async (session) => {
    await createDatabase(session, database, properties);
    return work(database);
  });
}

/** Lends a database that has the definitions of a backup, without rows; it is dropped again likewise. */
export async function withDefinitions<T>(
  plan: RestorePlan,
  { server, backup, key }: { readonly server: PostgresServer; readonly backup: Backup; readonly key: DecryptionKey | undefined },
  operation: Operation,
  work: (database: string) => Promise<T>,
): Promise<T> {
  const content = await provenContent(backup, key, operation);
  checkUnchanged(content, plan.sha256, backup.file);
  const { id, scratch: database, properties, jobs, form, segment, withoutOwners, allowMetaCommands } = plan;
  return claimed(server, database, async (session) => {
    const wishes = { part: 'schema', withoutOwners, allowMetaCommands, ...(segment === undefined ? {} : { segment }) } as const;
    await loadCopy({ id, server, session, backup, content, form, database, properties, jobs }, wishes, operation);
    return work(database);
  });
}

async function claimed<T>(server: PostgresServer, database: string, work: (session: Session) => Promise<T>): Promise<T> {
  return withSession(server, server.maintenanceDatabase, {}, async (session) => {
    await claimDatabase(session, database); // so that nobody takes it for a leftover
    try {
      return await work(session);
    } finally {
      await dropOwnDatabase(session, database);
    }
  });
}
