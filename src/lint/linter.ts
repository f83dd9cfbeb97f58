import { parser as javascriptParser } from '@lezer/javascript';
import { parser as pythonParser } from '@lezer/python';
import { TreeFragment, type Tree } from '@lezer/common';
import { surroundings } from './around';
import { javascriptMigration, javascriptTool } from './javascript/migration';
import type { Migration, Span } from './model';
import { alembicMigration, isAlembic } from './python/alembic';
import type { Finding, Report } from './rule';
import { allRules } from './rules/all';
import { isSilenced, silencesOf, type Silence } from './silence';
import { loadSqlParser, type ParseSql } from './sql/parser';
import { SqlReader, type SqlOutcome } from './sql/readSql';
import { sqlMigration } from './sql/sqlFile';
import { Lines } from './text/lines';

const typescriptParser = javascriptParser.configure({ dialect: 'ts' });

/** What is known of a file once it was looked at. */
export interface Linted {
  readonly migration: Migration;
  readonly findings: readonly Finding[];
  readonly silences: readonly Silence[];
}

type FileReport = Report & Pick<Finding, 'direction'>;

/** Statements of SQL that are remembered; more than any file has. */
const statementLimit = 2000;

interface Remembered {
  readonly text: string;
  readonly fragments: readonly TreeFragment[];
}

/** Reads migrations and looks at them with every rule. Remembers what it parsed, so that a keystroke costs little. */
export class Linter {
  private parseSql: ParseSql | undefined;
  private readonly remembered = new Map<string, Remembered>();
  private readonly statements = new Map<string, SqlOutcome>();

  /** Remembers trees where files change under somebody's hands; a run over many files does not need them. */
  constructor(private readonly remembers: boolean) {}

  /** Looks at a file; undefined when it is no migration. Loads the parser of SQL when it meets some. Never throws for what the file holds. */
  async lint(file: string, text: string): Promise<Linted | undefined> {
    const first = this.read(file, text);
    if (first === undefined || !first.missedSql) return first === undefined ? undefined : examine(first.migration, text);
    this.parseSql = await loadSqlParser();
    const second = this.read(file, text);
    return second === undefined ? undefined : examine(second.migration, text);
  }

  /** Lets go of a file that was closed. */
  forget(file: string): void {
    this.remembered.delete(file);
  }

  private read(file: string, text: string): { readonly migration: Migration; readonly missedSql: boolean } | undefined {
    if (this.statements.size > statementLimit) this.statements.clear();
    const reader = new SqlReader(this.parseSql, this.remembers ? this.statements : undefined);
    const migration = this.migrationOf(file, text, reader);
    return migration === undefined ? undefined : { migration, missedSql: reader.missed };
  }

  private migrationOf(file: string, text: string, reader: SqlReader): Migration | undefined {
    if (/\.py$/i.test(file)) return isAlembic(text) ? alembicMigration(text, this.pythonTree(file, text), reader) : undefined;
    if (/\.sql$/i.test(file)) return sqlMigration(file, text, reader);
    const tool = /\.[cm]?[jt]s$/i.test(file) ? javascriptTool(text) : undefined;
    if (tool === undefined) return undefined;
    const parser = /ts$/i.test(file) ? typescriptParser : javascriptParser;
    return javascriptMigration(text, parser.parse(text), tool, reader);
  }

  /** Parses what changed since the last time only. */
  private pythonTree(file: string, text: string): Tree {
    const before = this.remembered.get(file);
    const tree = before === undefined ? pythonParser.parse(text) : pythonParser.parse(text, unchanged(before, text));
    if (this.remembers) this.remembered.set(file, { text, fragments: TreeFragment.addTree(tree) });
    return tree;
  }
}

/** The parts of a tree that still hold: those before and behind the one place that changed. */
function unchanged({ text: before, fragments }: Remembered, text: string): readonly TreeFragment[] {
  const shorter = Math.min(before.length, text.length);
  let start = 0;
  while (start < shorter && before.charCodeAt(start) === text.charCodeAt(start)) start += 1;
  let end = 0;
  while (end < shorter - start && before.charCodeAt(before.length - 1 - end) === text.charCodeAt(text.length - 1 - end)) end += 1;
  return TreeFragment.applyChanges(fragments, [{ fromA: start, toA: before.length - end, fromB: start, toB: text.length - end }]);
}

/** Looks at a migration with every rule. */
function examine(migration: Migration, text: string): Linted {
  const lines = new Lines(text);
  const silences = silencesOf(migration, text, lines);
  const seen = new Set<string>();
  const findings: Finding[] = [];
  const add = (rule: (typeof allRules)[number], report: FileReport, statement?: Span): void => {
    const key = `${rule.id} ${report.span.from} ${report.span.to}`; // a helper that is called twice says it once
    if (seen.has(key) || isSilenced(silences, rule.id, report.span, statement, lines)) return;
    seen.add(key);
    findings.push({ ...report, rule: rule.id, severity: report.severity ?? rule.severity });
  };
  for (const section of migration.sections) {
    for (const [statement, around] of surroundings(migration, section)) {
      for (const rule of allRules) {
        const report = rule.statement?.(statement, around);
        if (report !== undefined) add(rule, { ...report, statement, direction: section.direction }, statement.span);
      }
    }
  }
  for (const rule of allRules) for (const report of rule.file?.(migration) ?? []) add(rule, report);
  return { migration, silences, findings: findings.toSorted((a, b) => a.span.from - b.span.from || a.span.to - b.span.to) };
}
