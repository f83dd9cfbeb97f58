import type { Session } from '../postgres/session';

export interface RoleFacts {
  readonly name: string;
  readonly superuser: boolean;
  readonly login: boolean;
  readonly createsDatabases: boolean;
  readonly createsRoles: boolean;
  readonly replication: boolean;
  /** Negative for none. */
  readonly connectionLimit: number;
}

export interface ExtensionFacts {
  readonly name: string;
  readonly version: string;
  readonly schema: string;
  /** The newest that the image has. */
  readonly available: string | null;
}

export interface SettingFacts {
  readonly name: string;
  readonly value: string;
  readonly default: string | null;
  /** Where it was set, such as `configuration file`. */
  readonly source: string;
  readonly pendingRestart: boolean;
}

/** A database and its server in one look. */
export interface DatabaseOverview {
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly inRecovery: boolean;
  readonly dataDirectory: string;
  readonly owner: string;
  readonly encoding: string;
  readonly collate: string;
  readonly sizeBytes: number;
  readonly tables: number;
  readonly views: number;
  readonly indexes: number;
  readonly functions: number;
  readonly schemas: number;
  readonly connections: { readonly here: number; readonly used: number; readonly most: number };
  /** From 0 to 1; null before anything was read. */
  readonly cacheHitRatio: number | null;
  readonly roles: readonly RoleFacts[];
  readonly extensions: readonly ExtensionFacts[];
  /** Settings that differ from the default. */
  readonly settings: readonly SettingFacts[];
}

type MainFacts = Omit<DatabaseOverview, 'connections' | 'roles' | 'extensions' | 'settings'> & {
  readonly here: number;
  readonly used: number;
  readonly most: number;
};

const ours = "n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'";

/** Reads what is worth knowing of the connected database. Throws what a session throws. */
export async function readOverview(session: Session): Promise<DatabaseOverview> {
  const [main] = await session.query<MainFacts>(
    `SELECT current_setting('server_version') AS version, (extract(epoch FROM pg_catalog.pg_postmaster_start_time()) * 1000)::float8 AS "startedAt",
            pg_catalog.pg_is_in_recovery() AS "inRecovery", current_setting('data_directory') AS "dataDirectory",
            pg_catalog.pg_get_userbyid(d.datdba) AS owner, pg_catalog.pg_encoding_to_char(d.encoding) AS encoding, d.datcollate AS collate,
            pg_catalog.pg_database_size(d.oid) AS "sizeBytes", k.*,
            (SELECT count(*) FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace WHERE ${ours}
               AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS x WHERE x.classid = 'pg_catalog.pg_proc'::regclass AND x.objid = p.oid AND x.deptype = 'e')) AS functions,
            (SELECT count(*) FROM pg_catalog.pg_namespace AS n WHERE ${ours}) AS schemas,
            (SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE backend_type = 'client backend' AND datid = d.oid AND pid <> pg_backend_pid()) AS here,
            (SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()) AS used,
            current_setting('max_connections')::int AS most,
            (SELECT blks_hit::float8 / nullif(blks_hit + blks_read, 0) FROM pg_catalog.pg_stat_database WHERE datid = d.oid) AS "cacheHitRatio"
     FROM pg_catalog.pg_database AS d,
       (SELECT count(*) FILTER (WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition) AS tables, count(*) FILTER (WHERE c.relkind IN ('v', 'm')) AS views,
               count(*) FILTER (WHERE c.relkind = 'i') AS indexes
        FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace WHERE ${ours}
          AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS x WHERE x.classid = 'pg_catalog.pg_class'::regclass AND x.objid = c.oid AND x.deptype = 'e')) AS k
     WHERE d.datname = current_database()`,
  );
  if (main === undefined) throw new Error('the connected database is not in the catalogue');
  const { here, used, most, ...facts } = main;
  return {
    ...facts,
    version: facts.version.split(' ')[0] ?? '',
    connections: { here, used, most },
    roles: await readRoles(session),
    extensions: await readExtensions(session),
    settings: await readSettings(session),
  };
}

async function readRoles(session: Session): Promise<readonly RoleFacts[]> {
  return session.query<RoleFacts>(
    `SELECT rolname AS name, rolsuper AS superuser, rolcanlogin AS login, rolcreatedb AS "createsDatabases", rolcreaterole AS "createsRoles",
            rolreplication AS replication, rolconnlimit AS "connectionLimit"
     FROM pg_catalog.pg_roles WHERE rolname !~ '^pg_' ORDER BY rolsuper DESC, rolname`,
  );
}

async function readExtensions(session: Session): Promise<readonly ExtensionFacts[]> {
  return session.query<ExtensionFacts>(
    `SELECT e.extname AS name, e.extversion AS version, n.nspname AS schema, a.default_version AS available
     FROM pg_catalog.pg_extension AS e JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
       LEFT JOIN pg_catalog.pg_available_extensions AS a ON a.name = e.extname ORDER BY e.extname`,
  );
}

// What initdb writes into every configuration is nobody's choice.
const everywhere = [
  'application_name', 'client_encoding', 'config_file', 'data_directory', 'DateStyle', 'default_text_search_config', 'default_transaction_read_only', 'dynamic_shared_memory_type', 'external_pid_file',
  'hba_file', 'ident_file', 'lc_messages', 'lc_monetary', 'lc_numeric', 'lc_time', 'lock_timeout', 'log_timezone', 'statement_timeout', 'TimeZone', 'transaction_read_only',
  'transaction_isolation', 'transaction_deferrable',
]; // prettier-ignore

async function readSettings(session: Session): Promise<readonly SettingFacts[]> {
  return session.query<SettingFacts>(
    `SELECT name, current_setting(name) AS value, boot_val || coalesce(unit, '') AS default, source, pending_restart AS "pendingRestart"
     FROM pg_catalog.pg_settings
     WHERE source NOT IN ('default', 'override', 'client', 'session') AND (setting IS DISTINCT FROM boot_val OR pending_restart)
       AND name <> ALL ($1::text[]) ORDER BY category, name`,
    [everywhere],
  );
}
