import path from 'node:path';
import type { Migration, Section, Span, Statement } from '../model';
import { MappedText } from '../text/mapped';
import { maskPlaceholders } from './mask';
import { readSql, type SqlReader } from './readSql';
import { splitStatements, sqlTokens } from './tokens';

/** Comments with which tools tell the ways up and down apart, and how they run them. */
const marks = [
  { direction: 'up', shape: /^--\s*(?:migrate:up|\+goose\s+up|\+micrate\s+up|up migration)\b(.*)$/i },
  { direction: 'down', shape: /^--\s*(?:migrate:down|\+goose\s+down|\+micrate\s+down|down migration)\b(.*)$/i },
] as const;

/** What a file of SQL does; both ways where the tool keeps them in one file. */
export function sqlMigration(file: string, source: string, reader: SqlReader): Migration {
  const comments = sqlTokens(source)
    .filter(({ kind }) => kind === 'comment')
    .map(({ from, to }) => ({ from, to, text: source.slice(from, to) }));
  const sections = sectionsOf(file, source, comments, reader);
  const unreadable = sections
    .flatMap(({ statements }) => statements)
    .find(({ kind, focus }) => kind === 'opaque' && !/^\s*do\b/i.test(source.slice(focus.from, focus.to)));
  const why = unreadable?.kind === 'opaque' ? `The SQL cannot be read: ${unreadable.why}.` : '';
  return {
    tool: 'sql',
    sections: sections.map((section) => ({ ...section, statements: section.statements.filter((each) => each !== unreadable) })),
    wantsDown: sections.some(({ direction }) => direction === 'down') || comments.some(({ text }) => marks.some(({ shape }) => shape.test(text))),
    comments,
    ...(unreadable === undefined ? {} : { broken: { ...unreadable.focus, why } }),
  };
}

function sectionsOf(file: string, source: string, comments: readonly (Span & { readonly text: string })[], reader: SqlReader): readonly Section[] {
  const found = comments.flatMap(({ from, to, text }) =>
    marks.flatMap(({ direction, shape }) => {
      const options = shape.exec(text)?.[1];
      return options === undefined ? [] : [{ direction, from, to, options, goose: text.includes('+goose') }];
    }),
  );
  if (found.length === 0) {
    const direction = /(^|[._/])down\.sql$|\.down\.sql$|(^|\/)U\d[^/]*__/.test(file) ? 'down' : 'up';
    return [section({ direction, heading: { from: 0, to: 0 }, from: 0, to: source.length }, source, reader, wrapsFile(file, source))];
  }
  const noTransaction = comments.some(({ text }) => /\+goose\s+no\s+transaction/i.test(text));
  return found.map(({ direction, from, to, options, goose }, index) => {
    const end = found[index + 1]?.from ?? source.length;
    const inTransaction = goose ? !noTransaction : !/transaction\s*:\s*false/i.test(options);
    return section({ direction, heading: { from, to }, from: to, to: end }, source, reader, inTransaction);
  });
}

/** golang-migrate sends a file as one message, which Postgres runs as one transaction; Supabase and Flyway open one. */
function wrapsFile(file: string, source: string): boolean {
  const name = path.basename(file);
  const several = (): boolean => splitStatements(source, sqlTokens(maskPlaceholders(source))).length > 1;
  if (/\.(up|down)\.sql$/.test(name)) return several();
  return false;
}

type Part = Pick<Section, 'direction' | 'heading'> & Span;

function section({ direction, heading, from, to }: Part, source: string, reader: SqlReader, inTransaction: boolean): Section {
  const statements: readonly Statement[] = readSql(MappedText.plain(source.slice(from, to), from), reader, { inTransaction });
  return { direction, heading, statements, body: statements.length === 0 && !reader.missed ? 'empty' : 'statements' };
}
