import { Failure } from '../../protocol/failure';
import type { MergeRefusal } from './report';

/** Why rows of a table cannot join, as one sentence with examples; the same in a report and in the failure. */
export function refusalText({ table, kind, name, rows, samples }: MergeRefusal): string {
  const some = samples.slice(0, 3).map((sample) => exampleText(kind, sample));
  const examples = `${some.join('; ')}${rows > some.length ? '; …' : ''}`;
  const count = rows === 1 ? '1 row' : `${rows} rows`;
  switch (kind) {
    case 'key':
      return `${table}: ${count} with a key that is taken, and that cannot be made anew since it is made of references or texts (${name}): ${examples}`;
    case 'unique':
      return `${table}: ${count} with what another row has, and is unique (${name}): ${examples}`;
    case 'twice':
      return `${table}: ${count} have among them the same of what is unique (${name}): ${examples}`;
    case 'reference':
      return `${table}: ${count} would refer to nothing (${name}): ${examples}`;
  }
}

function exampleText(kind: MergeRefusal['kind'], { key, values, present }: MergeRefusal['samples'][number]): string {
  const what = tuple(values);
  const whose = key === null || key.length === 0 || kind === 'key' ? what : `${what} of row ${tuple(key)}`;
  return present === null || present.length === 0 || kind === 'key' ? whose : `${whose}, which row ${tuple(present)} has`;
}

function tuple(values: readonly (string | null)[]): string {
  const texts = values.map((value) => (value === null ? 'null' : value.length > 60 ? `${value.slice(0, 59)}…` : value));
  return texts.length === 1 ? (texts[0] ?? '') : `(${texts.join(', ')})`;
}

/** The failure of a merge that would have had to leave rows out. */
export function refusalFailure(refusals: readonly MergeRefusal[]): Failure {
  const rows = refusals.reduce((sum, refusal) => sum + refusal.rows, 0);
  return new Failure(
    'ROWS_REFUSED',
    `${rows === 1 ? 'A row' : `${rows} rows`} of the other database cannot join. ${refusals.map(refusalText).join('. ')}. Nothing was changed.`,
    'Correct or remove those rows in either database, merge the tables that they refer to as well, or choose another way for keys that are taken.',
  );
}
