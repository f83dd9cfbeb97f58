import type { DecryptionKey } from '../backup/encryption/keys';
import { isEncrypted } from '../backup/content';
import { gatherSurroundings } from '../backup/snapshotFacts';
import { checkHash } from '../backup/verify';
import { listTables } from '../backup/tables';
import type { ServiceTarget } from '../inventory/target';
import { findDependents } from '../operations/dependents';
import type { Operation } from '../operations/operation';
import { listDatabases, readProperties } from '../postgres/catalogue';
import { readMachine } from '../postgres/machine';
import { withSession, type Session } from '../postgres/session';
import type { PostgresServer } from '../postgres/server';
import { inspectDump } from './dump/inspect';
import { readSourceTables } from './part/readTables';
import { knowDump } from './dump/form';
import type { DumpSegment } from './dump/summary';
import { provenContent } from './dump/rawContent';
import type { DumpKnowledge, RestoreFacts, RestoreSource } from './facts';

/** What a database is that is copied directly: where it is, and what it needs. */
export interface DatabaseSource {
  readonly source: Extract<RestoreSource, { readonly kind: 'database' }>;
  readonly major: number;
  readonly needs: DumpSegment;
}

/** A backup as far as it can be looked into; of a file that is not ours all of it, with its checksum. */
export interface KnownBackup {
  readonly dump: DumpKnowledge;
  readonly sha256?: string;
}

/** Looks into a backup with the programs of a server. Throws what `knowDump`, `provenContent` and `inspectDump` throw. */
export async function lookInto(
  backup: Extract<RestoreSource, { readonly kind: 'backup' }>['backup'],
  key: DecryptionKey | undefined,
  server: PostgresServer,
  operation: Operation,
): Promise<KnownBackup> {
  // What a manifest says of a volume or of a newer version is refused by the plan; there is nothing to look into.
  if (backup.manifest?.format === 'volume' || backup.problem?.code === 'MANIFEST_NEWER') {
    return { dump: { form: { kind: 'archive', packing: 'none', cluster: false }, origin: {}, restricts: false } };
  }
  const { form, origin } = await knowDump(backup, key, operation);
  // Its key is asked for later; then what it lacks shows when it is loaded.
  if (backup.manifest !== undefined && isEncrypted(backup) && key === undefined) return { dump: { form, origin, restricts: false } };
  const content = backup.manifest === undefined ? await provenContent(backup, key, operation) : undefined;
  const sizeBytes = content?.sizeBytes ?? backup.manifest?.content?.sizeBytes ?? backup.sizeBytes;
  const { segments, restricts } = await inspectDump({ backup, key, form, sizeBytes, whole: content !== undefined }, server, operation).catch(
    async (error: unknown) => {
      if (backup.manifest !== undefined) await checkHash(backup, operation); // which says more exactly what is wrong
      throw error;
    },
  );
  return { dump: { form, origin, segments, restricts }, ...(content === undefined ? {} : { sha256: content.sha256 }) };
}

/** What a database needs wherever it is copied to: roles, extensions, tables; its rows alone need nothing. */
export async function describeDatabase(target: ServiceTarget, server: PostgresServer, wantsRows: boolean, signal: AbortSignal): Promise<DatabaseSource> {
  return withSession(server, target.databaseName, { signal }, async (session) => {
    const names = async (sql: string): Promise<readonly string[]> => (await session.query<{ name: string }>(sql)).map(({ name }) => name);
    const tables = await names(`SELECT n.nspname || '.' || c.relname AS name FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'`);
    const roles = await names(`SELECT DISTINCT r.rolname AS name FROM pg_shdepend AS d JOIN pg_roles AS r ON r.oid = d.refobjid
      WHERE d.refclassid = 'pg_authid'::regclass AND d.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())`);
    const extensions = await names("SELECT extname AS name FROM pg_extension WHERE extname <> 'plpgsql'");
    const [size] = await session.query<{ bytes: number }>('SELECT pg_database_size(current_database()) AS bytes');
    return {
      major: session.major,
      source: {
        kind: 'database',
        serviceId: target.service.id,
        project: target.project.name,
        service: target.service.name,
        database: target.databaseName,
        sizeBytes: size?.bytes ?? 0,
        properties: await readProperties(session, target.databaseName),
        surroundings: await gatherSurroundings(session, target.databaseName),
        ...(wantsRows ? { tables: await readSourceTables(session) } : {}),
      },
      needs: {
        complete: true,
        roles: wantsRows ? [] : roles,
        extensions: wantsRows ? [] : extensions,
        metaCommands: [],
        innerCommands: [],
        tables,
        filled: tables,
      },
    };
  });
}

type ServerSide = Omit<RestoreFacts, 'id' | 'now' | 'source' | 'dump' | 'wishes' | 'project' | 'service' | 'database'>;

/** What the target's server says. The session is on another database than the target, which is entered only where its tables are wanted. */
export async function readServerSide(
  { databaseName, service }: ServiceTarget,
  { server, session, withTables }: { readonly server: PostgresServer; readonly session: Session; readonly withTables: boolean },
  signal: AbortSignal,
): Promise<ServerSide> {
  const { processors, freeBytes } = await readMachine(server, session);
  const present = (await listDatabases(session)).find(({ name }) => name === databaseName);
  const roles = await session.query<{ name: string }>('SELECT rolname AS name FROM pg_roles');
  const extensions = await session.query<{ name: string }>('SELECT name FROM pg_available_extensions');
  return {
    ...(present === undefined
      ? {}
      : {
          present: {
            properties: await readProperties(session, databaseName),
            sizeBytes: present.size,
            comment: present.comment,
            ...(withTables ? { tables: await withSession(server, databaseName, { signal }, listTables) } : {}),
          },
        }),
    serverMajor: session.major,
    serverUser: server.user,
    roles: roles.map(({ name }) => name),
    extensions: extensions.map(({ name }) => name),
    processors,
    freeBytes,
    dependents: await findDependents(server.engine, service, session),
  };
}
