import type { Connection } from '../connections';
import { isLoopback } from '../owners';

/** How a database is reached from this host. */
export interface HostConnection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** The variables by which tools find their database; the password is in none of their arguments. */
export function connectionEnvironment(connection: HostConnection, configuration: string): Readonly<Record<string, string>> {
  const { host, port, user, password, database } = connection;
  // SQLAlchemy finds its driver by the scheme, so the project's own is kept.
  const [scheme = 'postgresql'] = /\bpostgres(?:ql)?(?:\+\w+)?(?=:\/\/)/.exec(configuration) ?? [];
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const login = `${encodeURIComponent(user)}${password === '' ? '' : `:${encodeURIComponent(password)}`}`;
  const rest = `${login}@${address}/${encodeURIComponent(database)}`;
  return {
    DATABASE_URL: `${scheme}://${rest}`,
    PGHOST: host,
    PGPORT: String(port),
    PGUSER: user,
    PGPASSWORD: password,
    PGDATABASE: database,
    GOOSE_DRIVER: 'postgres',
    GOOSE_DBSTRING: `postgresql://${rest}`,
    FLYWAY_URL: `jdbc:postgresql://${address}/${encodeURIComponent(database)}`,
    FLYWAY_USER: user,
    FLYWAY_PASSWORD: password,
  };
}

/** The address of a database without the password. Servers in local containers speak no TLS, and some drivers would insist on it. */
export function addressOf({ host, port, user, database }: HostConnection): string {
  return `postgres://${encodeURIComponent(user)}@${host.includes(':') ? `[${host}]` : host}:${port}/${encodeURIComponent(database)}?sslmode=disable`;
}

/** How sure it is that a tool on this host works on the database that is meant. */
export type Certainty = 'configured' | 'environment' | 'unknown' | 'elsewhere';

/**
 * Whether the configuration of a tool names the database, takes it from the environment that it is given, or leads
 * elsewhere; then the tool must not be run for this database.
 */
export function certaintyOf(
  configuration: string,
  connections: readonly Connection[],
  { port, database }: Pick<HostConnection, 'port' | 'database'>,
): Certainty {
  // It is given the environment, which most configurations put before what they say themselves.
  if (/\bDATABASE_URL\b|\bPGHOST\b|\bPGDATABASE\b|\bGOOSE_DBSTRING\b|\bFLYWAY_URL\b/.test(configuration)) return 'environment';
  const complete = connections.filter((each) => each.port !== undefined);
  if (complete.length === 0) return 'unknown';
  const isMeant = complete.some((each) => isLoopback(each.host) && each.port === port && (each.database ?? database) === database);
  return isMeant ? 'configured' : 'elsewhere';
}
