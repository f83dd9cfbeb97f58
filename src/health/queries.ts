import type { Session } from '../postgres/session';
import type { ClusterHealthFacts, DatabaseHealthFacts, DeadRows, SessionFacts } from './facts';

// None of these takes a lock on anything of the user's: they read catalogues and counters only, and of counters the functions
// and not the views, which join more than is needed (on 10,000 tables: 15 ms instead of 60).

/** Connections and the sessions that have been at something for a few seconds; our own are left out. */
export async function readSessions(session: Session): Promise<Omit<ClusterHealthFacts, 'disk'>> {
  const [row] = await session.query<Omit<ClusterHealthFacts, 'disk' | 'sessions'>>(
    `SELECT (SELECT count(*)::int FROM pg_catalog.pg_stat_activity WHERE backend_type = 'client backend') AS connections,
            current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int AS "connectionLimit",
            pg_catalog.pg_is_in_recovery() AS "inRecovery"`,
  );
  const sessions = await session.query<SessionFacts>(
    `SELECT pid, coalesce(datname, '') AS database, coalesce(usename, '') AS "user", application_name AS application, coalesce(state, '') AS state,
            left(regexp_replace(query, '\\s+', ' ', 'g'), 200) AS query,
            extract(epoch FROM clock_timestamp() - xact_start)::float8 AS "transactionSeconds",
            extract(epoch FROM clock_timestamp() - query_start)::float8 AS "querySeconds",
            extract(epoch FROM clock_timestamp() - state_change)::float8 AS "stateSeconds",
            CASE WHEN wait_event_type = 'Lock' THEN pg_catalog.pg_blocking_pids(pid) ELSE '{}' END AS "blockedBy"
     FROM pg_catalog.pg_stat_activity
     WHERE backend_type = 'client backend' AND pid <> pg_catalog.pg_backend_pid() AND application_name NOT LIKE 'container-databases%'
       AND xact_start < clock_timestamp() - interval '1 second'
     ORDER BY xact_start LIMIT 200`,
  );
  return { connections: row?.connections ?? 0, connectionLimit: row?.connectionLimit ?? 0, inRecovery: row?.inRecovery ?? false, sessions };
}

interface DatabaseCounters {
  readonly name: string;
  readonly frozenAge: number;
  readonly blocksHit: number;
  readonly blocksRead: number;
  readonly checksumFailures: number | null;
  readonly made: string | null;
  readonly now: string | null;
}

/** What the server counts for each of these databases, from any session. */
export async function readCounters(session: Session, names: readonly string[]): Promise<readonly DatabaseHealthFacts[]> {
  // Versions of a database's collation are kept since Postgres 15.
  const [made, now] = session.major >= 15 ? ['d.datcollversion', 'pg_catalog.pg_database_collation_actual_version(d.oid)'] : ['NULL', 'NULL'];
  const rows = await session.query<DatabaseCounters>(
    `SELECT d.datname AS name, greatest(age(d.datfrozenxid), mxid_age(d.datminmxid))::int AS "frozenAge",
            s.blks_hit AS "blocksHit", s.blks_read AS "blocksRead", s.checksum_failures AS "checksumFailures", ${made} AS made, ${now} AS now
     FROM pg_catalog.pg_database AS d JOIN pg_catalog.pg_stat_database AS s ON s.datid = d.oid
     WHERE d.datname = ANY($1) ORDER BY d.datname`,
    [names],
  );
  return rows.map(({ made: madeWith, now: present, ...counters }) => ({
    ...counters,
    ...(madeWith === null || present === null || madeWith === present ? {} : { collation: { made: madeWith, now: present } }),
  }));
}

/** What can only be seen from inside a database. */
export async function readInside(session: Session): Promise<Pick<DatabaseHealthFacts, 'invalidIndexes' | 'deadRows'>> {
  const invalid = await session.query<{ name: string }>(
    `SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name
     FROM pg_catalog.pg_index AS i JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE NOT i.indisvalid AND c.relkind = 'i'
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index AS p WHERE p.index_relid = i.indexrelid)
     ORDER BY 1 LIMIT 100`,
  );
  const deadRows = await session.query<DeadRows>(
    `SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS table, c.live, c.dead, to_char(c.vacuumed AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS "lastVacuum"
     FROM (SELECT relname, relnamespace, pg_catalog.pg_stat_get_live_tuples(oid) AS live, pg_catalog.pg_stat_get_dead_tuples(oid) AS dead,
                  greatest(pg_catalog.pg_stat_get_last_vacuum_time(oid), pg_catalog.pg_stat_get_last_autovacuum_time(oid)) AS vacuumed
           FROM pg_catalog.pg_class WHERE relkind IN ('r', 'm') AND reltuples <> 0) AS c
     JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE c.dead >= 1000 AND n.nspname !~ '^pg_' ORDER BY c.dead DESC LIMIT 10`,
  );
  return { invalidIndexes: invalid.map(({ name }) => name), deadRows };
}
