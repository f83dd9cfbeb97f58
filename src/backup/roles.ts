import { readExec } from '../engine/exec';
import type { Operation } from '../operations/operation';
import { readServerFacts } from '../postgres/catalogue';
import { connectionString } from '../postgres/connectionString';
import type { Session } from '../postgres/session';
import type { PostgresServer } from '../postgres/server';
import { connectionArguments, inContainer, toolEnvironment } from '../postgres/tools';
import { Failure } from '../protocol/failure';
import type { EncryptionKey } from './encryption/keys';

/**
 * The roles of the whole server as SQL, with the hashes of their passwords; without them where those may not be read.
 * Throws `ROLES_FAILED`.
 */
export async function readRoles(server: PostgresServer, session: Session, applicationName: string, operation: Operation): Promise<string> {
  const { socketDirectory } = await readServerFacts(session);
  const dump = async (...more: readonly string[]): ReturnType<typeof readExec> => {
    const argv = [
      'pg_dumpall',
      ...connectionArguments(server, socketDirectory),
      `--dbname=${connectionString(server.maintenanceDatabase)}`,
      '--roles-only',
      ...more,
    ];
    return readExec(server.engine, { container: server.container, argv: inContainer(server, argv), env: toolEnvironment(applicationName) }, operation.signal);
  };
  const full = await dump();
  if (full.exitCode === 0) return full.stdout;
  operation.log.warn('The passwords of the roles may not be read; the roles are kept without them.');
  const bare = await dump('--no-role-passwords');
  if (bare.exitCode === 0) return bare.stdout;
  throw new Failure('ROLES_FAILED', `pg_dumpall failed: ${bare.stderr.trim()}`, 'Back up without the roles, or as a role that may read them.');
}

/** The roles as the bytes of their file, encrypted like the backup that they belong to. */
export async function sealRoles(roles: string, key: EncryptionKey | undefined): Promise<Buffer> {
  const plain = Buffer.from(roles, 'utf8');
  if (key === undefined) return plain;
  const { encryptTo } = await import('./encryption/streams');
  const sealed: Buffer[] = [];
  const cipher = await encryptTo(key, (bytes) => void sealed.push(Buffer.from(bytes)));
  await cipher.add(plain);
  await cipher.finish();
  return Buffer.concat(sealed);
}
