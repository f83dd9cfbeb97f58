import { portNumber } from '../compose/mounts';
import type { PasswordSource } from '../postgres/server';
import { readCommand } from './commandLine';
import type { PostgresFlavour } from './imageName';
import { readServerOptions } from './serverOptions';

/** A text that the container holds in a file instead of a variable. */
interface IdentityFiles {
  readonly user?: string;
  readonly database?: string;
}

/** As whom, and where, to reach the server from inside its container. */
export interface PostgresIdentity {
  /** The superuser that the image sets up, or the nearest to it whose password is known. */
  readonly user: string;
  /** The database that the image creates. */
  readonly database: string;
  readonly port: number;
  /** The data directory as configured; the server's own `SHOW data_directory` is what counts. */
  readonly pgdata?: string;
  /** Where the password lies. Never the password itself. */
  readonly passwordSource: PasswordSource;
  /** Files in the container that hold user or database, where those are given so; they come before the fields above. */
  readonly files: IdentityFiles;
}

type Environment = Readonly<Record<string, string | null | undefined>>;

/** The variables that one family of images reads. The first one set counts. */
interface Convention {
  readonly applies: (env: Environment, flavour: PostgresFlavour | undefined) => boolean;
  readonly user: readonly string[];
  readonly database: readonly string[];
  readonly password: readonly string[];
  readonly port: readonly string[];
  readonly pgdata: readonly string[];
  /** The superuser's password, where the user above is an ordinary one. */
  readonly superuserPassword: readonly string[];
  readonly defaultUser: string;
  /** Absent: the database is named after the user. */
  readonly defaultDatabase?: string;
}

const conventions: readonly Convention[] = [
  {
    // https://github.com/bitnami/containers/tree/main/bitnami/postgresql
    applies: (env, flavour) =>
      flavour === 'bitnami' || /^postgresql/.test(env.BITNAMI_APP_NAME ?? '') || isSet(env.POSTGRESQL_USERNAME) || isSet(env.POSTGRESQL_PORT_NUMBER),
    user: ['POSTGRESQL_USERNAME', 'POSTGRESQL_USER', 'POSTGRES_USER'],
    database: ['POSTGRESQL_DATABASE', 'POSTGRES_DATABASE', 'POSTGRES_DB'],
    password: ['POSTGRESQL_PASSWORD', 'POSTGRES_PASSWORD'],
    superuserPassword: ['POSTGRESQL_POSTGRES_PASSWORD', 'POSTGRES_POSTGRES_PASSWORD'],
    port: ['POSTGRESQL_PORT_NUMBER'],
    pgdata: ['POSTGRESQL_DATA_DIR', 'PGDATA'],
    defaultUser: 'postgres',
    defaultDatabase: 'postgres',
  },
  {
    // https://github.com/sclorg/postgresql-container
    applies: (env, flavour) => flavour === 'redhat' || (!isSet(env.POSTGRES_PASSWORD) && (isSet(env.POSTGRESQL_USER) || isSet(env.POSTGRESQL_ADMIN_PASSWORD))),
    user: ['POSTGRESQL_USER'],
    database: ['POSTGRESQL_DATABASE'],
    password: ['POSTGRESQL_PASSWORD'],
    superuserPassword: ['POSTGRESQL_ADMIN_PASSWORD'],
    port: [],
    pgdata: ['PGDATA'],
    defaultUser: 'postgres',
    defaultDatabase: 'postgres',
  },
  {
    // https://github.com/zalando/spilo/blob/master/ENVIRONMENT.rst
    applies: (env, flavour) => flavour === 'spilo' || isSet(env.PGPASSWORD_SUPERUSER) || isSet(env.SPILO_CONFIGURATION),
    user: ['PGUSER_SUPERUSER'],
    database: [],
    password: ['PGPASSWORD_SUPERUSER'],
    superuserPassword: [],
    port: ['PGPORT'],
    pgdata: ['PGDATA'],
    defaultUser: 'postgres',
    defaultDatabase: 'postgres',
  },
];

// https://hub.docker.com/_/postgres, and all that is built upon it.
const official: Omit<Convention, 'applies'> = {
  user: ['POSTGRES_USER'],
  database: ['POSTGRES_DB'],
  password: ['POSTGRES_PASSWORD'],
  superuserPassword: [],
  port: ['PGPORT'],
  pgdata: ['PGDATA'],
  defaultUser: 'postgres',
};

/**
 * Reads who the server's superuser is, where it listens, and where its password lies, from what the image is given.
 * `args` are the container's, or the server's own.
 */
export function postgresIdentity(env: Environment, args: readonly string[], flavour?: PostgresFlavour): PostgresIdentity {
  const convention = conventions.find(({ applies }) => applies(env, flavour)) ?? official;
  const options = readServerOptions(serverArguments(args));
  const superuser = passwordIn(env, convention.superuserPassword);
  const asSuperuser = superuser.kind !== 'none';
  const user = asSuperuser ? {} : valueIn(env, convention.user);
  const database = valueIn(env, convention.database);
  const userName = user.text ?? convention.defaultUser;
  const pgdata = options.dataDirectory ?? valueIn(env, convention.pgdata).text;
  return {
    user: userName,
    database: database.text ?? convention.defaultDatabase ?? userName,
    port: options.port ?? portNumber(valueIn(env, convention.port).text ?? '') ?? 5432,
    ...(pgdata === undefined ? {} : { pgdata }),
    passwordSource: asSuperuser ? superuser : passwordIn(env, convention.password),
    files: { ...(user.file === undefined ? {} : { user: user.file }), ...(database.file === undefined ? {} : { database: database.file }) },
  };
}

/** The engine keeps the program apart, so a shell's `-c` may come first. */
function serverArguments(args: readonly string[]): readonly string[] {
  const readings = [readCommand(args), readCommand(['sh', ...args])];
  return (readings.find(({ kind }) => kind === 'server') ?? readings[0])?.serverArguments ?? [];
}

function valueIn(env: Environment, names: readonly string[]): { readonly text?: string; readonly file?: string } {
  for (const name of names) {
    const text = env[name];
    if (isSet(text)) return { text };
    const file = env[`${name}_FILE`];
    if (isSet(file)) return { file };
  }
  return {};
}

function passwordIn(env: Environment, names: readonly string[]): PasswordSource {
  for (const name of names) {
    if (isSet(env[name])) return { kind: 'env', name };
    const path = env[`${name}_FILE`];
    if (isSet(path)) return { kind: 'file', path };
  }
  return { kind: 'none' };
}

function isSet(value: string | null | undefined): value is string {
  return value !== undefined && value !== null && value !== '';
}
