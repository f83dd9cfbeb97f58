import { readExec } from '../engine/exec';
import type { Operation } from '../operations/operation';
import { readServerFacts } from '../postgres/catalogue';
import { connectionString } from '../postgres/connectionString';
import type { Session } from '../postgres/session';
import type { PostgresServer } from '../postgres/server';
import { connectionArguments, inContainer, toolEnvironment } from '../postgres/tools';
import { Failure } from '../protocol/failure';
import type { EncryptionKey } from './encryption/keys';

/** The roles of a whole server, as SQL. */
export interface RolesRead {
  readonly sql: string;
  /** Whether it has the hashes of their passwords. */
  readonly withPasswords: boolean;
}

/** The roles of the whole server, with the hashes of their passwords; without them where those may not be read. Throws `ROLES_FAILED`. */
export async function readRoles(server: PostgresServer, session: Session, applicationName: string, operation: Operation): Promise<RolesRead> {
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
  if (full.exitCode === 0) return { sql: whole(full.stdout), withPasswords: true };
  operation.log.warn('The passwords of the roles may not be read; the roles are kept without them.');
  const bare = await dump('--no-role-passwords');
  if (bare.exitCode === 0) return { sql: whole(bare.stdout), withPasswords: false };
  throw rolesFailed(`pg_dumpall failed: ${bare.stderr.trim()}`);
}

/** An engine may lose the end of an output; pg_dumpall says that it is there. */
function whole(sql: string): string {
  if (/^-- PostgreSQL database cluster dump complete$/m.test(sql)) return sql;
  throw rolesFailed('The roles did not arrive whole: their end is missing.');
}

function rolesFailed(what: string): Failure {
  return new Failure('ROLES_FAILED', what, 'Back up without the roles (--no-roles), or as a role that may read them.');
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
