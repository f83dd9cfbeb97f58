import { randomBytes } from 'node:crypto';
import type { Operation } from '../../operations/operation';
import { literal } from '../../postgres/quote';
import { withSession, type Session } from '../../postgres/session';
import type { PostgresServer } from '../../postgres/server';
import { readServerFacts } from '../../postgres/catalogue';
import { connectionArguments, inContainer, toolEnvironment } from '../../postgres/tools';
import { Failure, messageOf } from '../../protocol/failure';
import { endLeftoverSessions } from '../snapshotFacts';
import { packed, streamPacked, type Packer, type VolumeReceipt, type WritePiece } from './stream';

/**
 * Copies the data directory of a running server by `pg_basebackup`, with the WAL that it takes to be whole, as a
 * packed tar, and with its manifest for `pg_verifybackup`. When it fails or is cancelled, no process and no session is left.
 * Throws `COPY_FAILED` and more exact ones, `STREAM_DIFFERS`, and what `runExec` throws.
 */
export async function copyLive(
  server: PostgresServer,
  packer: Packer,
  applicationName: string,
  write: WritePiece,
  operation: Operation,
): Promise<VolumeReceipt> {
  const { signal } = operation;
  return withSession(server, server.maintenanceDatabase, { applicationName, signal }, async (session) => {
    await keepWal(session, operation);
    const { socketDirectory } = await readServerFacts(session);
    const argv = packed(packer, [...baseBackup, ...connectionArguments(server, socketDirectory)]);
    const command = { container: server.container, argv: inContainer(server, argv), env: toolEnvironment(applicationName) };
    try {
      return await streamPacked(server.engine, command, packer, write, operation, baseBackupFailure);
    } catch (error) {
      await endLeftoverSessions(server, applicationName, operation);
      throw error;
    }
  });
}

// A tar can go to standard output when there is one tablespace, and then the WAL comes at its end ("fetch"). The
// checksum of every page is looked at on the way, where the cluster has them.
const baseBackup = ['pg_basebackup', '--pgdata=-', '--format=tar', '--wal-method=fetch', '--checkpoint=fast', '--label=container-databases'];

/** Has the server keep all WAL from now on, for as long as the session lives; else a long copy may outlast what it keeps. */
async function keepWal(session: Session, operation: Operation): Promise<void> {
  const name = `cdb_${randomBytes(8).toString('hex')}`;
  try {
    await session.query(`SELECT pg_catalog.pg_create_physical_replication_slot(${literal(name)}, true, true)`);
  } catch (error) {
    if (operation.signal.aborted) throw error;
    operation.log.warn(`The server does not promise to keep its WAL while it is copied: ${messageOf(error)}`);
  }
}

const nothingKept = 'Nothing was kept.';

const explanations: readonly (readonly [pattern: RegExp, code: string, remedy: string])[] = [
  [/single tablespace/i, 'TABLESPACE_OUTSIDE', 'Back it up stopped, or back the databases up as dumps.'],
  [
    /no pg_hba\.conf entry|must be superuser or replication role|permission denied to start WAL sender/i,
    'REPLICATION_DENIED',
    'Allow it (a "replication" line in pg_hba.conf, ALTER ROLE … REPLICATION), or back it up stopped.',
  ],
  [/max_wal_senders|standby connections/i, 'WAL_SENDERS_EXHAUSTED', 'Raise max_wal_senders, or wait until other copies have ended.'],
  [
    /WAL (?:segment|file)s?.*(?:removed|not find)|could not find.*WAL/i,
    'WAL_RECYCLED',
    'Raise wal_keep_size and max_replication_slots, or back it up stopped.',
  ],
  [/checksum/i, 'DATA_CORRUPT', 'The data itself is damaged: dump what can be read, and look at the disk.'],
];

/** Why `pg_basebackup` ended with this exit code, and said this. */
export function baseBackupFailure(exitCode: string, complaint: string): Failure {
  if (exitCode === '127') {
    return new Failure('TOOL_MISSING', 'The container has no pg_basebackup.', 'Use an image that has it, such as the official one, or back it up stopped.');
  }
  const said = complaint || `it ended with exit code ${exitCode}`;
  const known = explanations.find(([pattern]) => pattern.test(said));
  const [, code, remedy] = known ?? [undefined, 'COPY_FAILED', 'Mend what it says, then try again.'];
  return new Failure(code, `pg_basebackup failed: ${said}`, `${nothingKept} ${remedy}`);
}
