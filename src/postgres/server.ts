import type { Engine } from '../engine/engine';

/** Where the password lies; the password itself is read only when a connection needs it. */
export type PasswordSource = { readonly kind: 'env'; readonly name: string } | { readonly kind: 'file'; readonly path: string } | { readonly kind: 'none' };

/** A Postgres server in a container, and how to get in. */
export interface PostgresServer {
  readonly engine: Engine;
  /** Id or name of the running container. */
  readonly container: string;
  /** The superuser that the image set up. */
  readonly user: string;
  /** The database that always can be connected to for work on others. */
  readonly maintenanceDatabase: string;
  /** The port inside the container. */
  readonly port: number;
  readonly password: PasswordSource;
  /** The way in when nothing in the container can relay. */
  readonly published?: { readonly host: string; readonly port: number };
}

/** A database to work from that is not the one worked on. */
export function maintenanceFor(server: PostgresServer, database: string): string {
  return database === server.maintenanceDatabase ? 'template1' : server.maintenanceDatabase;
}
