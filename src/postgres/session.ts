import { Client, types, type ClientConfig, type QueryArrayResult } from 'pg';
import { readExec } from '../engine/exec';
import { cancelled, Failure } from '../protocol/failure';
import { postgresFailure } from './errors';
import { RelayStream } from './relay';
import type { PostgresServer } from './server';

export interface SessionOptions {
  /** Shown in pg_stat_activity, so that our sessions can be told from others. */
  readonly applicationName?: string;
  /** Milliseconds; 0 for none. */
  readonly statementTimeout?: number;
  readonly signal?: AbortSignal;
}

export type SqlValue = string | number | boolean | null | readonly string[] | readonly number[];

/** What one statement gave. */
export interface StatementResult {
  /** Such as `SELECT` or `CREATE TABLE`; empty for nothing but a comment. */
  readonly command: string;
  /** Rows that it gave or changed; null where that makes no sense. */
  readonly rowCount: number | null;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** How all our sessions begin their `application_name`. */
export const applicationNamePrefix = 'container-databases';

const connectTimeout = 10_000;
const int8 = 20;

/** One connection to one database. Close it, or use `withSession`. */
export class Session {
  private constructor(
    private readonly client: Client,
    private readonly relay: RelayStream | undefined,
    /** The server's `server_version_num`, such as 170002. */
    readonly version: number,
  ) {}

  /**
   * Connects through the container, or through the published port when the container has nothing to relay with.
   * Throws what `postgresFailure` explains, and `CANCELLED`.
   */
  static async open(server: PostgresServer, database: string, options: SessionOptions = {}): Promise<Session> {
    try {
      return await connect(server, database, options, new RelayStream(server.engine, server.container, server.port));
    } catch (error) {
      const relayMissing = error instanceof Failure && error.code === 'RELAY_MISSING';
      if (!relayMissing || server.published === undefined) throw error;
      return connect(server, database, options, undefined);
    }
  }

  /** @internal */
  static async over(client: Client, relay: RelayStream | undefined): Promise<Session> {
    const answer = await client.query<{ version: string }>("SELECT current_setting('server_version_num') AS version");
    return new Session(client, relay, Number(answer.rows[0]?.version));
  }

  /** The server's major version, such as 17. */
  get major(): number {
    return Math.floor(this.version / 10_000);
  }

  /** The rows that a statement gives. Counts come as numbers. */
  async query<Row extends object>(sql: string, values: readonly SqlValue[] = []): Promise<readonly Row[]> {
    try {
      return (await this.client.query<Row>(sql, [...values])).rows;
    } catch (error) {
      throw postgresFailure(error, this.relay?.stderr);
    }
  }

  /** Runs statements that take no parameters; several, separated by semicolons, are one transaction. */
  async execute(sql: string): Promise<void> {
    try {
      await this.client.query(sql);
    } catch (error) {
      throw postgresFailure(error, this.relay?.stderr);
    }
  }

  /** Runs statements, separated by semicolons, as they come, and gives what each of them gave, all values as text. */
  async run(sql: string): Promise<readonly StatementResult[]> {
    try {
      const answer: unknown = await this.client.query({ text: sql, rowMode: 'array', types: { getTypeParser: () => (value: string) => value } });
      return (Array.isArray(answer) ? answer : [answer]).map((each) => readResult(each as QueryArrayResult<(string | null)[]>));
    } catch (error) {
      throw postgresFailure(error, this.relay?.stderr);
    }
  }

  /** Calls back for what the server says besides, such as the words of RAISE NOTICE. */
  onNotice(listener: (severity: string, message: string) => void): void {
    this.client.on('notice', ({ severity, message }) => listener(severity ?? '', message ?? ''));
  }

  /** Says goodbye to the server; the relay in the container ends with it. Never throws. */
  async close(): Promise<void> {
    await this.client.end().catch(() => undefined);
    this.relay?.destroy();
  }

  /** Breaks the connection off at once; the server ends whatever it was doing for it. */
  abort(): void {
    if (this.relay === undefined) void this.close();
    else this.relay.destroy();
  }
}

/** Opens a session, lends it, and closes it whatever happens. */
export async function withSession<T>(server: PostgresServer, database: string, options: SessionOptions, work: (session: Session) => Promise<T>): Promise<T> {
  const session = await Session.open(server, database, options);
  const stop = (): void => session.abort();
  options.signal?.addEventListener('abort', stop, { once: true });
  try {
    return await work(session);
  } catch (error) {
    throw options.signal?.aborted === true ? cancelled() : error;
  } finally {
    options.signal?.removeEventListener('abort', stop);
    await session.close();
  }
}

function readResult({ command, rowCount, fields, rows }: QueryArrayResult<(string | null)[]>): StatementResult {
  return { command: command ?? '', rowCount, columns: (fields ?? []).map(({ name }) => name), rows: rows ?? [] };
}

async function connect(server: PostgresServer, database: string, options: SessionOptions, relay: RelayStream | undefined): Promise<Session> {
  const way: ClientConfig = relay === undefined ? { ...server.published } : { stream: () => relay };
  const client = new Client({ ...configuration(server, database, options), ...way });
  client.on('error', () => undefined); // a session that breaks between queries shows at the next one
  const stop = (): void => void relay?.destroy(cancelled());
  options.signal?.addEventListener('abort', stop, { once: true });
  try {
    if (options.signal?.aborted === true) throw cancelled();
    await client.connect();
    return await Session.over(client, relay);
  } catch (error) {
    relay?.destroy();
    throw options.signal?.aborted === true ? cancelled() : postgresFailure(error, relay?.stderr);
  } finally {
    options.signal?.removeEventListener('abort', stop);
  }
}

/** Nothing is taken from the environment of the editor: PGHOST and its kin mean other servers. */
function configuration(server: PostgresServer, database: string, options: SessionOptions): ClientConfig {
  return {
    user: server.user,
    database,
    password: () => readPassword(server),
    ssl: false,
    application_name: options.applicationName ?? applicationNamePrefix,
    connectionTimeoutMillis: connectTimeout,
    ...(options.statementTimeout === undefined ? {} : { statement_timeout: options.statementTimeout }),
    types: {
      getTypeParser: ((oid: number, format: 'text') => (oid === int8 ? Number : types.getTypeParser(oid, format))) as typeof types.getTypeParser,
    },
  };
}

/** The password, fetched from the container at the moment it is needed; empty when none is known. Throws `PASSWORD_FILE_MISSING`. */
export async function readPassword(server: PostgresServer): Promise<string> {
  const { password, engine, container } = server;
  if (password.kind === 'env') return (await engine.inspect(container)).env[password.name] ?? '';
  if (password.kind === 'none') return '';
  const file = await readExec(engine, { container, argv: ['cat', '--', password.path] });
  if (file.exitCode !== 0) {
    throw new Failure(
      'PASSWORD_FILE_MISSING',
      `The password file ${password.path} cannot be read in the container.`,
      'Check the secret of the service, and recreate the container.',
    );
  }
  return file.stdout.replace(/\r?\n$/, '');
}
