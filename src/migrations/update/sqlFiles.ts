import { firstForPsql, splitStatements } from '../../postgres/sqlScript';
import type { ToolId } from '../model';
import { hasOwn, needsNone } from '../sqlTransactions';

/** A migration of SQL as its tool would run it. */
export interface SqlMigration {
  readonly up: string;
  /** Absent where nothing is written to undo it. */
  readonly down?: string;
}

/** The text of a migration's file, and of the one beside it that undoes it. */
export interface MigrationTexts {
  readonly text: string;
  readonly downText?: string;
}

/**
 * How a tool treats its SQL: each migration in a transaction of its own, all of them in one, or each file sent at once, which is
 * one transaction by itself where it holds several statements and none that say otherwise.
 */
type Transactions = 'each' | 'all' | 'sent at once';

interface SqlTool {
  readonly transactions: Transactions;
  /** Takes the two directions of a file apart; undefined for what is not just SQL. */
  readonly read: (texts: MigrationTexts) => (SqlMigration & { readonly without?: boolean }) | undefined;
  /** Whether it knows of a way back at all. */
  readonly goesBack: boolean;
}

const whole = ({ text }: MigrationTexts): SqlMigration => ({ up: text });

const sqlTools: Readonly<Partial<Record<ToolId, SqlTool>>> = {
  // Nobody's tool: as actions/sqlFiles.ts applies them.
  'plain-sql': { transactions: 'each', goesBack: false, read: ({ text }) => ({ up: text, without: needsNone(text) || hasOwn(text) }) },
  // https://github.com/golang-migrate/migrate/tree/master/database/postgres: the whole file is one query.
  'golang-migrate': {
    transactions: 'sent at once',
    goesBack: true,
    read: ({ text, downText }) => ({ up: text, ...(downText === undefined ? {} : { down: downText }) }),
  },
  // https://github.com/amacneil/dbmate#migration-options
  dbmate: {
    transactions: 'each',
    goesBack: true,
    read: ({ text }) => sections(text, /^--\s*migrate:up\b(.*)$/m, /^--\s*migrate:down\b(.*)$/m, /transaction:\s*false/),
  },
  // https://pressly.github.io/goose/documentation/annotations/
  goose: {
    transactions: 'each',
    goesBack: true,
    read: ({ text }) => {
      if (/^--\s*\+goose\s+ENVSUB\s+ON\b/im.test(text)) return undefined;
      const read = sections(text, /^--\s*\+goose\s+Up\b(.*)$/im, /^--\s*\+goose\s+Down\b(.*)$/im, /(?!)/);
      return read === undefined ? undefined : { ...read, without: /^--\s*\+goose\s+NO\s+TRANSACTION\b/im.test(text) };
    },
  },
  // https://documentation.red-gate.com/flyway: what cannot run in a transaction is found by looking; placeholders are not known here.
  flyway: { transactions: 'each', goesBack: false, read: ({ text }) => (/\$\{[^}]+\}/.test(text) ? undefined : { up: text, without: needsNone(text) }) },
  // https://salsita.github.io/node-pg-migrate: all that is pending is one transaction.
  'node-pg-migrate': {
    transactions: 'all',
    goesBack: true,
    read: ({ text }) => {
      const marked = sections(text, /^\s*--[\s-]*up\s+migration(.*)$/im, /^\s*--[\s-]*down\s+migration(.*)$/im, /(?!)/);
      return marked ?? { up: text };
    },
  },
  prisma: { transactions: 'sent at once', goesBack: false, read: whole },
  drizzle: { transactions: 'all', goesBack: false, read: whole },
  supabase: { transactions: 'sent at once', goesBack: false, read: whole },
};

/** Scripts that do what a tool does with its files. */
export interface FileScripts {
  readonly up: string;
  /** What undoes all of it, the last first; absent where some of it has nothing that does. */
  readonly down?: string;
  readonly goesBack: boolean;
}

/** Whether the migrations of a tool are files of SQL. */
export function isOfSqlFiles(tool: ToolId): boolean {
  return sqlTools[tool] !== undefined;
}

/** Puts pending migrations together, in their order; undefined where one of them is more than SQL, so that only the tool can run it. */
export function scriptsOf(tool: ToolId, migrations: readonly MigrationTexts[]): FileScripts | undefined {
  const sqlTool = sqlTools[tool];
  if (sqlTool === undefined) return undefined;
  const read = migrations.flatMap((texts) => sqlTool.read(texts) ?? []);
  if (read.length < migrations.length || read.some(({ up, down = '' }) => firstForPsql(up) !== undefined || firstForPsql(down) !== undefined)) return undefined;
  const { transactions, goesBack } = sqlTool;
  const put = (texts: readonly string[], without: (index: number) => boolean): string => {
    const each = texts.map((text, index) => (!without(index) && isWrapped(text, transactions) ? inTransaction(text) : ended(text)));
    return transactions === 'all' ? inTransaction(each.join('')) : each.join('');
  };
  const up = put(
    read.map((each) => each.up),
    (index) => read[index]?.without === true,
  );
  const downs = read.toReversed().flatMap(({ down }) => (down === undefined || splitStatements(down)?.length === 0 ? [] : [down]));
  if (!goesBack || downs.length < read.length) return { up, goesBack };
  return { up, goesBack, down: put(downs, (index) => read.at(-1 - index)?.without === true) };
}

function isWrapped(text: string, transactions: Transactions): boolean {
  if (transactions === 'each') return true;
  return transactions === 'sent at once' && (splitStatements(text) ?? []).length > 1 && !hasOwn(text);
}

function inTransaction(text: string): string {
  return `BEGIN;\n${ended(text)}COMMIT;\n`;
}

/** A text may end in a comment, or without a semicolon. */
function ended(text: string): string {
  return `${text.trimEnd()}\n;\n`;
}

/** Takes a file apart by the lines that begin its sections; undefined where the first is missing. */
function sections(text: string, upMark: RegExp, downMark: RegExp, withoutMark: RegExp): (SqlMigration & { readonly without: boolean }) | undefined {
  const up = upMark.exec(text);
  if (up === null) return undefined;
  const down = downMark.exec(text);
  const begin = up.index + up[0].length;
  const without = withoutMark.test(up[1] ?? '');
  if (down === null) return { up: text.slice(begin), without };
  // They may be written in either order.
  return down.index > up.index
    ? { up: text.slice(begin, down.index), down: text.slice(down.index + down[0].length), without }
    : { up: text.slice(begin), down: text.slice(down.index + down[0].length, up.index), without };
}
