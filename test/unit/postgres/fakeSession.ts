import type { Session, SqlValue } from '../../../src/postgres/session';

type Rows = readonly object[];

/** A session that answers what a test says, and keeps what it was told. */
export class FakeSession {
  /** Every statement, in order, white space made single. */
  readonly statements: string[] = [];
  readonly values: (readonly SqlValue[])[] = [];
  readonly major: number;
  readonly version: number;

  /** `answer` gives the rows of a query, or throws. Statements without rows go through it too. */
  constructor(
    private readonly answer: (sql: string, values: readonly SqlValue[]) => Rows | undefined = () => undefined,
    major = 17,
  ) {
    this.major = major;
    this.version = major * 10_000;
  }

  get session(): Session {
    return this as unknown as Session;
  }

  /** The statements that are no questions. */
  get changes(): readonly string[] {
    return this.statements.filter((sql) => !/^SELECT/i.test(sql));
  }

  async query<Row extends object>(sql: string, values: readonly SqlValue[] = []): Promise<readonly Row[]> {
    return this.take(sql, values) as readonly Row[];
  }

  async execute(sql: string): Promise<void> {
    this.take(sql, []);
  }

  private take(sql: string, values: readonly SqlValue[]): Rows {
    const statement = sql.replace(/\s+/g, ' ').trim();
    this.statements.push(statement);
    this.values.push(values);
    return this.answer(statement, values) ?? [];
  }
}
