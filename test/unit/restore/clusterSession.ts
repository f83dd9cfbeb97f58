import { Failure } from '../../../src/protocol/failure';
import { FakeSession } from '../postgres/fakeSession';

export interface ClusterDatabase {
  readonly name: string;
  readonly connectable?: boolean;
  readonly comment?: string | null;
  /** Tells databases apart when they change their names. */
  readonly content?: string;
}

/** Semicolons in names and texts separate nothing. */
function statementsIn(sql: string): readonly string[] {
  return (sql.match(/(?:"(?:[^"]|"")*"|'(?:[^']|'')*'|[^;'"])+/g) ?? []).map((statement) => statement.trim());
}

/** The text of a literal; one that begins with `E` has its backslashes doubled. */
function textOf(literal: string): string | null {
  if (literal === 'NULL') return null;
  const text = literal.slice(literal.indexOf("'") + 1, -1).replaceAll("''", "'");
  return literal.startsWith('E') ? text.replaceAll('\\\\', '\\') : text;
}

interface Stored {
  connectable: boolean;
  comment: string | null;
  content: string;
}

/**
 * A session on a cluster that understands just the statements that restores send: it renames, drops, opens and comments
 * databases, with transactions, so that a test can look at what is left. `fail` throws for a statement that is to fail.
 */
export class ClusterSession extends FakeSession {
  private databases: Map<string, Stored>;
  private before: Map<string, Stored> | undefined;

  constructor(databases: readonly ClusterDatabase[], fail: (sql: string) => void = () => undefined) {
    super((sql, values) => {
      for (const statement of statementsIn(sql)) {
        fail(statement);
        this.apply(statement);
      }
      if (sql.includes('pg_database AS d WHERE NOT d.datistemplate')) return this.rows();
      if (sql.includes('pg_try_advisory_lock')) return [{ claimed: true }];
      if (sql.includes('datconnlimit') || sql.includes('aclexplode') || values.length > 0) return [];
      return undefined;
    });
    this.databases = new Map(databases.map(({ name, connectable = true, comment = null, content = name }) => [name, { connectable, comment, content }]));
  }

  /** What is there now, as `name: content`, with a `!` where nobody may connect. */
  get contents(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.databases].map(([name, { content, connectable }]) => [name, connectable ? content : `${content}!`]));
  }

  /** What a server has left when this session's client is gone: an open transaction counts for nothing. */
  afterCrash(): readonly ClusterDatabase[] {
    return [...(this.before ?? this.databases)].map(([name, stored]) => ({ name, ...stored }));
  }

  commentOf(name: string): string | null | undefined {
    return this.databases.get(name)?.comment;
  }

  private rows(): readonly object[] {
    return [...this.databases].map(([name, { connectable, comment }]) => ({ name, owner: 'app', connectable, size: 1, comment }));
  }

  private apply(statement: string): void {
    const name = (quoted: string | undefined): string => (quoted ?? '').replaceAll('""', '"');
    const stored = (quoted: string | undefined): Stored => {
      const found = this.databases.get(name(quoted));
      if (found === undefined) throw new Failure('DATABASE_MISSING', `there is no ${name(quoted)}`, '');
      return found;
    };
    const quoted = '"((?:[^"]|"")*)"';
    const match = (pattern: string): RegExpExecArray | null => new RegExp(`^${pattern}$`, 's').exec(statement);
    const rename = match(`ALTER DATABASE ${quoted} RENAME TO ${quoted}`);
    const open = match(`ALTER DATABASE ${quoted} ALLOW_CONNECTIONS (true|false)`);
    const comment = match(`COMMENT ON DATABASE ${quoted} IS +(NULL|E?'.*')`);
    const drop = match(`DROP DATABASE IF EXISTS ${quoted} WITH \\(FORCE\\)`);
    if (statement === 'BEGIN') this.before = structuredClone(this.databases);
    else if (statement === 'COMMIT') this.before = undefined;
    else if (statement === 'ROLLBACK') this.databases = this.before ?? this.databases;
    else if (rename !== null) {
      const moved = stored(rename[1]);
      if (this.databases.has(name(rename[2]))) throw new Failure('SQLSTATE_42P04', `${name(rename[2])} exists`, '');
      this.databases.delete(name(rename[1]));
      this.databases.set(name(rename[2]), moved);
    } else if (open !== null) stored(open[1]).connectable = open[2] === 'true';
    else if (comment !== null) stored(comment[1]).comment = textOf(comment[2] ?? 'NULL');
    else if (drop !== null) this.databases.delete(name(drop[1]));
  }
}
