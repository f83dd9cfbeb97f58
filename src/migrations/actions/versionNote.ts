import { posix } from 'node:path';
import { Failure } from '../../protocol/failure';
import type { Revision, VersionRow } from '../model';
import { stemOf } from '../paths';
import { idsOf } from '../tools/plainSql';

/** A column of a version table that nobody's tool made. */
export interface NoteColumn {
  readonly name: string;
  readonly isText: boolean;
  /** Whether a row must say something for it. */
  readonly isNeeded: boolean;
}

/** What a row says of a file, by column. */
export type VersionNote = Readonly<Record<string, string>>;

const number = /^\d+[_.-]/;

/** How projects write what they have applied. */
const forms: readonly ((revision: Revision) => string)[] = [
  ({ file }) => stemOf(file).split(/[_.-]/, 1)[0] ?? '',
  ({ id }) => id,
  ({ file }) => posix.basename(file),
  ({ file }) => stemOf(file),
  ({ file }) => stemOf(file).replace(number, ''),
  ({ file }) => posix.basename(file).replace(number, ''),
  ({ name }) => name,
];

/**
 * How the files of a project are noted in its version table, as its rows show it: in every column the same form as in all rows
 * that are there. Throws `VERSION_NOTE_UNKNOWN` where they do not show it; a guess would have the project apply a file twice.
 */
export function notesFor(
  wanted: readonly Revision[],
  revisions: readonly Revision[],
  rows: readonly VersionRow[],
  columns: readonly NoteColumn[],
): readonly VersionNote[] {
  const known = rows.flatMap((row) => {
    const [id] = idsOf({ revisions, problems: [] }, [row]);
    const revision = revisions.find((each) => each.id === id);
    return revision === undefined ? [] : [{ row, revision }];
  });
  const chosen = columns.flatMap((column) => {
    const form = column.isText ? formOf(column.name, known) : column.name === 'version' ? ({ id }: Revision) => id : undefined;
    if (form === undefined && (column.isNeeded || column.name === 'version')) throw unknown(column.name);
    return form === undefined ? [] : [[column.name, form] as const];
  });
  return wanted.map((revision) => Object.fromEntries(chosen.map(([name, form]) => [name, form(revision)])));
}

function formOf(column: string, known: readonly { readonly row: VersionRow; readonly revision: Revision }[]): ((revision: Revision) => string) | undefined {
  return known.length === 0 ? undefined : forms.find((form) => known.every(({ row, revision }) => row[column] === form(revision)));
}

function unknown(column: string): Failure {
  return new Failure(
    'VERSION_NOTE_UNKNOWN',
    `The rows of the version table do not show what the column ${column} is to say of a file.`,
    'Apply the first file as the project does it; the next ones can then be noted in the same way.',
  );
}
