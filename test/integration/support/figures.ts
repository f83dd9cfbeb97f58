import assert from 'node:assert/strict';
import { look } from '../../../src/health/look';
import type { Session } from '../../../src/postgres/session';
import type { TableFigures } from '../../../src/protocol/statistics';
import { openApp, serviceOf, type OpenApp } from './app';
import { once } from './shared';
import { sql, type Place } from './sql';
import { startServer, type Server } from './stack';

// What the tests ask Postgres itself, past everything that is tested; of partitioned tables, the sum of their partitions.
const whole = (size: string): string =>
  `CASE c.relkind WHEN 'p' THEN (SELECT coalesce(sum(${size.replaceAll('$', 'q.')}), 0) FROM pg_partition_tree(c.oid) AS t JOIN pg_class AS q ON q.oid = t.relid)
   ELSE ${size.replaceAll('$', 'c.')} END`;
const toast = 'CASE WHEN $reltoastrelid = 0 THEN 0 ELSE pg_total_relation_size($reltoastrelid) END';
const ownFigures = `
  SELECT c.oid, ${whole('pg_total_relation_size($oid)')}, ${whole(`pg_table_size($oid) - ${toast}`)}, ${whole('pg_indexes_size($oid)')}, ${whole(toast)},
         CASE c.relkind WHEN 'm' THEN c.relnatts ELSE (SELECT count(*) FROM information_schema.columns AS k WHERE k.table_schema = n.nspname AND k.table_name = c.relname) END
  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'm', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY c.oid`;

/** Throws when the figures of a database's tables are not just what Postgres says: sizes and columns of all tables that there are. */
export async function assertOwnFigures(place: Place, database: string, tables: readonly TableFigures[]): Promise<void> {
  const lines = tables
    .toSorted((a, b) => a.oid - b.oid)
    .map(({ oid, totalBytes, heapBytes, indexBytes, toastBytes, columns }) => [oid, totalBytes, heapBytes, indexBytes, toastBytes, columns].join('|'));
  assert.equal(lines.join('\n'), await sql(place, database, ownFigures));
}

/** A server with everything that tables can be, the same for all files, and a way to look into its database. */
export interface Figures {
  readonly place: Server;
  readonly app: OpenApp;
  readonly ask: <T>(work: (session: Session) => Promise<T>, database?: string) => Promise<T>;
}

export async function startFigures(): Promise<Figures> {
  return once('figures', async () => {
    const place = await startServer('stats');
    await sql(place, 'app', odd);
    await sql(place, 'app', 'ANALYZE'); // in a session of its own: what a session has counted of its own inserts is added when it ends
    const app = await openApp();
    return { place, app, ask: (work, database = 'app') => look(app.inventory.serverOf(serviceOf(app, place).service), database, work) };
  });
}

const odd = `
  CREATE EXTENSION postgres_fdw; CREATE EXTENSION pgcrypto;
  CREATE SERVER here FOREIGN DATA WRAPPER postgres_fdw OPTIONS (dbname 'app');
  CREATE SCHEMA "a ""b"" <c>"; CREATE SCHEMA parts;
  CREATE TABLE "a ""b"" <c>"."Tab\`le; DROP 💥" ("käse ''n" int PRIMARY KEY, note text);
  INSERT INTO "a ""b"" <c>"."Tab\`le; DROP 💥" SELECT g, repeat(md5(g::text), 200) FROM generate_series(1, 500) AS g;
  CREATE TABLE parts.log (at date NOT NULL, id int, PRIMARY KEY (at, id)) PARTITION BY RANGE (at);
  CREATE TABLE parts.log_1 PARTITION OF parts.log FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
  CREATE TABLE parts.log_2 PARTITION OF parts.log FOR VALUES FROM ('2026-02-01') TO ('2026-03-01') PARTITION BY HASH (id);
  CREATE TABLE parts.log_2a PARTITION OF parts.log_2 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
  CREATE TABLE parts.log_2b PARTITION OF parts.log_2 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
  INSERT INTO parts.log SELECT date '2026-01-01' + g % 58, g FROM generate_series(1, 5000) AS g;
  CREATE MATERIALIZED VIEW parts.daily AS SELECT at, count(*) FROM parts.log GROUP BY at;
  CREATE FOREIGN TABLE parts.far (id int) SERVER here OPTIONS (schema_name 'parts', table_name 'log');
  CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "at" timestamptz DEFAULT now(), amount numeric CHECK (amount > 0), note text);
  INSERT INTO orders (amount, note) SELECT g, md5(g::text) FROM generate_series(1, 50000) AS g;
  CREATE TABLE lines (id int PRIMARY KEY, order_id bigint NOT NULL REFERENCES orders, parent int REFERENCES lines);
  CREATE INDEX orders_note ON orders (note); CREATE INDEX orders_note_again ON orders (note); CREATE INDEX orders_part ON orders (note) WHERE amount > 5;
  CREATE TABLE doubles (n int); INSERT INTO doubles VALUES (1), (1);`;

/** The table of this name. Throws when it is not there. */
export function named(tables: readonly TableFigures[], name: string): TableFigures {
  const found = tables.find((table) => table.name === name);
  assert.ok(found !== undefined, name);
  return found;
}
