import { spawn } from 'node:child_process';
import { waitFor } from '../../lab/process';
import { sql, type Place } from './sql';

/** A client that inserts numbers and reconnects all the time, whatever happens to the database. */
export interface Writer {
  /** The numbers whose commit the server has confirmed, so far. */
  readonly confirmed: () => readonly number[];
  /** Waits until so many more are confirmed. */
  readonly more: (count: number) => Promise<void>;
  /** Ends it, and gives all that was confirmed. */
  readonly end: () => Promise<readonly number[]>;
}

// Several commits to a session, each confirmed by a line; then a new session. Ends with its standard input.
const write = `
database=$1; user=$2; i=0
while read -t 0.001 -r _; [ $? -gt 128 ]; do
  i=$((i + 4))
  psql -XqAt -U "$user" -d "$database" -c "INSERT INTO written VALUES ($i) RETURNING id" -c "INSERT INTO written VALUES ($((i + 1))) RETURNING id" \\
    -c "INSERT INTO written VALUES ($((i + 2))) RETURNING id" -c "INSERT INTO written VALUES ($((i + 3))) RETURNING id" 2>/dev/null
done
true`;

/** Starts it on a table `written (id)` that it makes where there is none. */
export async function startWriter(place: Place, database: string): Promise<Writer> {
  await sql(place, database, 'CREATE TABLE IF NOT EXISTS written (id int)');
  const child = spawn(place.engine, ['exec', '-i', place.container, 'bash', '-c', write, 'bash', database, place.user], { stdio: ['pipe', 'pipe', 'ignore'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const confirmed = (): readonly number[] => text.split('\n').slice(0, -1).map(Number);
  const more = async (count: number): Promise<void> => {
    const wanted = confirmed().length + count;
    await waitFor('the writer', () => Promise.resolve(confirmed().length >= wanted));
  };
  const end = async (): Promise<readonly number[]> => {
    child.stdin.end();
    await ended;
    return confirmed();
  };
  return { confirmed, more, end };
}

/** The numbers that a database holds, also one that is closed to clients. */
export async function writtenIn(place: Place, database: string): Promise<ReadonlySet<number>> {
  await sql(place, 'postgres', `ALTER DATABASE "${database}" ALLOW_CONNECTIONS true`);
  return new Set((await sql(place, database, 'SELECT id FROM written')).split('\n').filter(Boolean).map(Number));
}
