import { formatCount } from '../../protocol/format';
import { refusalText } from './refusalText';
import type { MergeReport, MergeSample, TableMerge } from './report';

/** What a merge does, one line a table, with rows as examples and what is worth knowing. */
export function reportLines(report: MergeReport, { withSamples }: { readonly withSamples: boolean }): readonly string[] {
  return [
    ...report.tables.flatMap((table) => [tableLine(table), ...(withSamples ? table.samples.map((sample) => `  ${sampleText(table, sample)}`) : [])]),
    ...remarks(report),
    ...report.refusals.map((refusal) => `Refused: ${refusalText(refusal)}`),
  ];
}

function tableLine({ table, held, present, insert, update, skip, same, renumber, refused }: TableMerge): string {
  const kinds = [
    [insert, 'new'],
    [renumber, 'new under another key'],
    [update, 'in place of what is there'],
    [skip, 'skipped since their key is taken'],
    [same, 'the same on both sides'],
    [refused, 'refused'],
  ] as const;
  const parts = kinds.flatMap(([count, what]) => (count === 0 ? [] : [`${formatCount(count)} ${what}`]));
  return `${table}: ${formatCount(held)} ${held === 1 ? 'row' : 'rows'} to merge, ${formatCount(present)} there now${parts.length === 0 ? '' : `: ${parts.join(', ')}`}.`;
}

/** One row as an example: under which key, and its values. */
export function sampleText({ key: columns }: Pick<TableMerge, 'key'>, { action, key, becomes, row, present }: MergeSample): string {
  const signs = { insert: '+', renumber: '+', update: '~', skip: '=' } as const;
  const moved = action === 'renumber' ? ` ${tuple(columns)} ${tuple(key)} → ${tuple(becomes)}:` : '';
  const values = Object.entries(row).map(([column, value]) => {
    const now = present?.[column];
    return now === undefined || now === value ? `${column}=${value ?? 'null'}` : `${column}=${now ?? 'null'} → ${value ?? 'null'}`;
  });
  return `${signs[action]}${moved} ${values.join(', ')}`.replaceAll(/\s+/g, ' ');
}

function tuple(values: readonly (string | null)[]): string {
  const texts = values.map((value) => value ?? 'null');
  return texts.length === 1 ? (texts[0] ?? '') : `(${texts.join(', ')})`;
}

/** What is worth knowing before one says yes. */
export function remarks({ outside, attached, circles, onlyThere, onlyHere }: Omit<MergeReport, 'tables' | 'refusals'>): readonly string[] {
  return [
    ...outside.map(
      ({ table, refersTo, foreignKey }) =>
        `${table} refers to ${refersTo}, which is not merged (${foreignKey}): a reference means the row that has that key here.`,
    ),
    ...attached.map(
      ({ table, refersTo, rows, foreignKey }) =>
        `${formatCount(rows)} new rows of ${table} refer to skipped rows of ${refersTo}, and so to what has their key here (${foreignKey}).`,
    ),
    ...circles.map((tables) => `${tables.join(' and ')} refer to one another: their references are checked when all rows are in.`),
    ...onlyThere.map(({ table, columns }) => `${table} has no ${columns.join(', ')} here: those values are left out.`),
    ...onlyHere.map(({ table, columns }) => `${table} has ${columns.join(', ')} only here: rows that come get the default, rows that are there keep theirs.`),
  ];
}
