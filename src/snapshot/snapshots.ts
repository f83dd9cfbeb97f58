import { randomUUID } from 'node:crypto';
import { readGitState } from '../backup/git';
import { readMigrationRevision } from '../backup/snapshotFacts';
import type { InventoryKeeper } from '../inventory/keeper';
import type { Service, SnapshotDatabase } from '../inventory/model';
import { readSnapshotRecord, writeSnapshotRecord, type SnapshotRecord } from '../inventory/snapshotName';
import type { DatabaseTarget, ServiceTarget } from '../inventory/target';
import { findDependents } from '../operations/dependents';
import type { Operation } from '../operations/operation';
import { databaseMissing, listDatabases } from '../postgres/catalogue';
import { readMachine } from '../postgres/machine';
import { identifier, literal } from '../postgres/quote';
import { maintenanceFor, type PostgresServer } from '../postgres/server';
import { withSession, type Session } from '../postgres/session';
import { Failure } from '../protocol/failure';
import { withClaim } from '../restore/claim';
import type { Journal } from '../restore/journal';
import { dropOwnDatabase } from '../restore/swap';
import type { SnapshotTools } from './entry';
import { checkLabel } from './labels';
import { planRollBack, planSnapshot, type RollBackPlan, type SnapshotPlan } from './plan';
import { rollBackTo, type RollBackResult } from './rollBack';
import { takeSnapshot, type SnapshotResult } from './take';

export interface SnapshotWishes {
  /** What to call it. */
  readonly label?: string;
  /** How many snapshots of the database are to stay; 0 for all. */
  readonly keep: number;
}

/** Snapshots of databases inside their clusters. */
export class Snapshots {
  constructor(
    private readonly keeper: InventoryKeeper,
    private readonly journal: Journal,
  ) {}

  /** What the migration tool has recorded in a database; undefined where there is no such record. */
  async revisionOf({ service, database }: DatabaseTarget, signal: AbortSignal): Promise<string | undefined> {
    return withSession(this.keeper.serverOf(service), database.name, { signal }, readMigrationRevision);
  }

  /** Decides how to take a snapshot, without doing any of it. Throws what `planSnapshot` refuses. */
  async plan(target: DatabaseTarget, wishes: SnapshotWishes, signal: AbortSignal): Promise<SnapshotPlan> {
    const { service, project, database } = target;
    const server = this.keeper.serverOf(service);
    // Claimed already now, since a copy that is being made would keep even a look into the database waiting.
    return withClaim(server, database.name, async (session) => {
      const present = (await listDatabases(session)).find(({ name }) => name === database.name);
      if (present === undefined) throw databaseMissing(database.name);
      const migrationRevision = await this.revisionOf(target, signal);
      const git = project.folder === undefined ? undefined : await readGitState(project.folder);
      return planSnapshot({
        ...(await this.factsFor({ project, service, databaseName: database.name }, present.size, server, session)),
        ...(await readUse(session, database.name)),
        comment: present.comment,
        ...(migrationRevision === undefined ? {} : { migrationRevision }),
        ...(git === undefined ? {} : { git }),
        snapshots: snapshotsOf(service, database.name),
        ...(wishes.label === undefined ? {} : { label: wishes.label }),
        keep: wishes.keep,
      });
    });
  }

  /** Carries a plan out. */
  async take(plan: SnapshotPlan, { service }: DatabaseTarget, operation: Operation): Promise<SnapshotResult> {
    return this.claimed(service, plan.database, (tools) => takeSnapshot(plan, tools, operation));
  }

  /** Decides how to go back to a snapshot, without doing any of it. Throws what `planRollBack` refuses, and `SNAPSHOT_MISSING`. */
  async planRollBack(target: ServiceTarget, snapshot: SnapshotDatabase, signal: AbortSignal): Promise<RollBackPlan> {
    const { service, databaseName } = target;
    const server = this.keeper.serverOf(service);
    return withSession(server, maintenanceFor(server, databaseName), { signal }, async (session) => {
      const databases = await listDatabases(session);
      const { size, record } = await readSnapshot(session, snapshot);
      return planRollBack({
        ...(await this.factsFor(target, size, server, session)),
        ...(await readUse(session, databaseName)),
        snapshot,
        record,
        isPresent: databases.some(({ name }) => name === databaseName),
      });
    });
  }

  /** Carries a plan out. */
  async rollBack(plan: RollBackPlan, { service }: ServiceTarget, operation: Operation): Promise<RollBackResult> {
    return this.claimed(service, plan.database, (tools) => rollBackTo(plan, tools, operation));
  }

  /** Calls a snapshot something else. Throws `SNAPSHOT_NAME`, `SNAPSHOT_EXISTS` and `SNAPSHOT_MISSING`. */
  async rename({ service }: ServiceTarget, snapshot: SnapshotDatabase, wished: string): Promise<SnapshotDatabase> {
    const label = checkLabel(
      wished,
      snapshotsOf(service, snapshot.of).filter(({ name }) => name !== snapshot.name),
    );
    return this.claimed(service, snapshot.of, async ({ session }) => {
      const { record } = await readSnapshot(session, snapshot);
      await session.execute(`COMMENT ON DATABASE ${identifier(snapshot.name)} IS ${literal(writeSnapshotRecord({ ...record, label }))}`);
      return { ...snapshot, label };
    });
  }

  /** Deletes a snapshot for good. */
  async delete({ service }: ServiceTarget, snapshot: SnapshotDatabase): Promise<void> {
    await this.claimed(service, snapshot.of, async ({ session }) => {
      await readSnapshot(session, snapshot);
      await dropOwnDatabase(session, snapshot.name);
    });
  }

  private async factsFor({ project, service, databaseName }: ServiceTarget, sizeBytes: number, server: PostgresServer, session: Session) {
    return {
      id: randomUUID(),
      now: new Date(),
      project: project.name,
      service: service.name,
      database: databaseName,
      serverMajor: session.major,
      sizeBytes,
      disk: await readMachine(server, session),
      dependents: await findDependents(server.engine, service, session),
    };
  }

  /** Only one at a time works on a database, among all windows and hosts. */
  private async claimed<T>(service: Service, database: string, work: (tools: SnapshotTools) => Promise<T>): Promise<T> {
    const server = this.keeper.serverOf(service);
    const { endpointId } = this.keeper.containerOf(service);
    return withClaim(server, database, (session) => work({ engine: server.engine, endpointId, server, session, journal: this.journal }));
  }
}

function snapshotsOf(service: Service, database: string): readonly SnapshotDatabase[] {
  return service.snapshots.filter(({ of }) => of === database);
}

async function readSnapshot(session: Session, { name, label, of }: SnapshotDatabase): Promise<{ readonly size: number; readonly record: SnapshotRecord }> {
  const row = (await listDatabases(session)).find((each) => each.name === name);
  const record = row === undefined ? undefined : readSnapshotRecord(row.name, row.comment);
  if (row !== undefined && record?.of === of) return { size: row.size, record };
  throw new Failure('SNAPSHOT_MISSING', `The snapshot "${label}" is no longer there.`, 'Refresh; somebody may have deleted it.');
}

/** Who is in a database. */
async function readUse(session: Session, database: string): Promise<{ readonly sessions: number; readonly preparedTransactions: number }> {
  const [row] = await session.query<{ sessions: number; prepared: number }>(
    `SELECT (SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend') AS sessions,
            (SELECT count(*) FROM pg_catalog.pg_prepared_xacts WHERE database = $1) AS prepared`,
    [database],
  );
  return { sessions: row?.sessions ?? 0, preparedTransactions: row?.prepared ?? 0 };
}
