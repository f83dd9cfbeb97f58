/** A schema with one of nearly everything. */
export const baseSchema = `
  CREATE SCHEMA app; CREATE SCHEMA "Odd ""one"""; CREATE SCHEMA old_things;
  CREATE EXTENSION pg_trgm WITH VERSION '1.4'; CREATE EXTENSION citext; CREATE EXTENSION hstore SCHEMA app;
  CREATE TYPE app.mood AS ENUM ('sad', 'ok', 'it''s fine'); CREATE TYPE app.gone AS ENUM ('x');
  CREATE DOMAIN app.percent AS numeric CHECK (VALUE >= 0); CREATE DOMAIN app.email AS text; CREATE DOMAIN app.zip AS text NOT NULL DEFAULT '0';
  CREATE TYPE app.point2 AS (x int, y int); CREATE TYPE app.span AS RANGE (subtype = int);
  CREATE SEQUENCE app.tickets; CREATE SEQUENCE app.spare;
  CREATE FUNCTION app.tax(amount numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT amount * 0.19';
  CREATE FUNCTION app.title(t text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT initcap(t)';
  CREATE FUNCTION app.shape(t text) RETURNS text LANGUAGE sql AS 'SELECT t';
  CREATE FUNCTION app.leave() RETURNS int LANGUAGE sql AS 'SELECT 1';
  CREATE PROCEDURE app.tidy(n int) LANGUAGE plpgsql AS $$ BEGIN PERFORM n; END $$;
  CREATE AGGREGATE app.total(numeric) (SFUNC = numeric_add, STYPE = numeric, INITCOND = '0');
  CREATE FUNCTION app.stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.changed := now(); RETURN NEW; END $$;
  CREATE FUNCTION app.watch() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;
  CREATE TABLE app.users (id bigserial PRIMARY KEY, name text NOT NULL, email app.email, mood app.mood DEFAULT 'ok', age smallint, note varchar(20),
                          changed timestamptz, nick text, score int DEFAULT 0, code text, at date, tag text COLLATE "C", wish text);
  CREATE TABLE app.orders (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, user_id bigint REFERENCES app.users, amount numeric(10,2), gross numeric GENERATED ALWAYS AS (amount * 1.19) STORED,
                           state text, total numeric, day date);
  CREATE TABLE app.lines (id int PRIMARY KEY, order_id int, n int, CONSTRAINT lines_n CHECK (n > 0), CONSTRAINT lines_un UNIQUE (order_id, n));
  CREATE TABLE app.cache (k text PRIMARY KEY, v text); CREATE TABLE app.leaving (id int PRIMARY KEY, v text); CREATE TABLE app.leaving_too (id int REFERENCES app.leaving);
  CREATE TABLE app.log (at date NOT NULL, id int, text text, PRIMARY KEY (at, id)) PARTITION BY RANGE (at);
  CREATE TABLE app.log_1 PARTITION OF app.log FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
  CREATE TABLE app.base (id int, kind text); CREATE TABLE app.special (extra text) INHERITS (app.base);
  CREATE TABLE "Odd ""one"""."Tab le; --" ("Käse" int PRIMARY KEY, "b""c" text);
  ALTER TABLE app.lines ADD CONSTRAINT lines_order FOREIGN KEY (order_id) REFERENCES app.orders NOT VALID;
  CREATE INDEX users_name ON app.users (name); CREATE INDEX users_nick ON app.users (nick); CREATE INDEX orders_state ON app.orders (state) WHERE state <> 'done';
  CREATE INDEX users_trgm ON app.users USING gin (note gin_trgm_ops); CREATE INDEX log_text ON app.log (text);
  CREATE STATISTICS app.users_stats ON name, email FROM app.users;
  CREATE VIEW app.adults AS SELECT id, name, age FROM app.users WHERE age >= 18;
  CREATE VIEW app.names AS SELECT name FROM app.adults; CREATE VIEW app.soon_gone AS SELECT 1 AS one; CREATE VIEW app.plain AS SELECT k FROM app.cache;
  CREATE MATERIALIZED VIEW app.by_state AS SELECT state, count(*) AS n FROM app.orders GROUP BY state; CREATE UNIQUE INDEX by_state_key ON app.by_state (state);
  CREATE TRIGGER stamp BEFORE UPDATE ON app.users FOR EACH ROW EXECUTE FUNCTION app.stamp();
  CREATE TRIGGER quiet BEFORE INSERT ON app.users FOR EACH ROW EXECUTE FUNCTION app.stamp(); CREATE TRIGGER leaves BEFORE INSERT ON app.users FOR EACH ROW EXECUTE FUNCTION app.stamp();
  CREATE RULE no_delete AS ON DELETE TO app.cache DO INSTEAD NOTHING; CREATE RULE goes AS ON UPDATE TO app.cache DO INSTEAD NOTHING;
  ALTER TABLE app.users ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON app.users USING (name = current_user); CREATE POLICY old ON app.users FOR SELECT USING (true);
  CREATE EVENT TRIGGER watching ON ddl_command_end EXECUTE FUNCTION app.watch();
  GRANT SELECT ON app.users TO cdb_reader; GRANT SELECT, INSERT ON app.orders TO cdb_reader; GRANT USAGE ON SCHEMA app TO cdb_reader; REVOKE EXECUTE ON FUNCTION app.tax(numeric) FROM PUBLIC;
  COMMENT ON TABLE app.users IS 'who''s there'; COMMENT ON COLUMN app.users.name IS 'in full'; COMMENT ON CONSTRAINT lines_n ON app.lines IS 'never none';
  COMMENT ON VIEW app.adults IS 'of age'; COMMENT ON FUNCTION app.tax(numeric) IS 'VAT'; GRANT SELECT ON app.names TO cdb_reader`;

type Planted = readonly [statement: string, ...found: string[]];

/** What is changed on the right, and what has to be found of it. */
export const plantedDifferences: readonly Planted[] = [
  ['CREATE SCHEMA fresh', 'only right: schema fresh'],
  ['DROP SCHEMA old_things', 'only left: schema old_things'],
  ["ALTER EXTENSION pg_trgm UPDATE TO '1.5'", 'different: extension pg_trgm'],
  ['DROP EXTENSION citext', 'only left: extension citext'],
  ['CREATE EXTENSION unaccent', 'only right: extension unaccent'],
  ['ALTER EXTENSION hstore SET SCHEMA public', 'different: extension hstore'],
  ["ALTER TYPE app.mood ADD VALUE 'very, very ''happy''' AFTER 'ok'", 'different: enum app.mood'],
  ['DROP TYPE app.gone', 'only left: enum app.gone'],
  ["CREATE TYPE app.colour AS ENUM ('red', 'blue')", 'only right: enum app.colour'],
  ['ALTER DOMAIN app.percent ADD CONSTRAINT most CHECK (VALUE <= 100)', 'different: domain app.percent'],
  ["ALTER DOMAIN app.zip DROP NOT NULL; ALTER DOMAIN app.zip SET DEFAULT '1'", 'different: domain app.zip'],
  ['CREATE DOMAIN app.plus AS int CHECK (VALUE > 0)', 'only right: domain app.plus'],
  ['DROP TYPE app.point2', 'only left: composite type app.point2'],
  ['CREATE TYPE app.box3 AS (x int, y int, z int)', 'only right: composite type app.box3'],
  ['DROP TYPE app.span', 'only left: range type app.span'],
  ['CREATE TYPE app.stretch AS RANGE (subtype = float8)', 'only right: range type app.stretch'],
  ['ALTER SEQUENCE app.tickets INCREMENT 5 CACHE 10 CYCLE', 'different: sequence app.tickets'],
  ['DROP SEQUENCE app.spare', 'only left: sequence app.spare'],
  ['CREATE SEQUENCE app.numbers AS smallint START 7', 'only right: sequence app.numbers'],
  ["CREATE OR REPLACE FUNCTION app.title(t text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT upper(t)'", 'different: function app.title(t text)'],
  ["DROP FUNCTION app.shape(text); CREATE FUNCTION app.shape(t text) RETURNS int LANGUAGE sql AS 'SELECT length(t)'", 'different: function app.shape(t text)'],
  ['DROP FUNCTION app.leave()', 'only left: function app.leave()'],
  ["CREATE FUNCTION app.arrive(n int) RETURNS SETOF app.users LANGUAGE sql AS 'SELECT * FROM app.users LIMIT n'", 'only right: function app.arrive(n integer)'],
  ['CREATE OR REPLACE PROCEDURE app.tidy(n int) LANGUAGE plpgsql AS $$ BEGIN PERFORM n + 1; END $$', 'different: function app.tidy(n integer)'],
  [
    "DROP AGGREGATE app.total(numeric); CREATE AGGREGATE app.total(numeric) (SFUNC = numeric_add, STYPE = numeric, INITCOND = '1')",
    'different: function app.total(numeric)',
  ],
  [
    'CREATE TABLE app.teams (id serial PRIMARY KEY, colour app.colour, lead bigint REFERENCES app.users, size app.plus CHECK (size < 9))',
    'only right: table app.teams',
    'only right: sequence app.teams_id_seq',
  ],
  ['DROP TABLE app.leaving_too; DROP TABLE app.leaving', 'only left: table app.leaving', 'only left: table app.leaving_too'],
  ['ALTER TABLE app.cache SET UNLOGGED', 'different: table app.cache'],
  ['ALTER TABLE app.lines SET (fillfactor = 70)', 'different: table app.lines'],
  ['ALTER TABLE app.orders ENABLE ROW LEVEL SECURITY', 'different: table app.orders'],
  ["CREATE TABLE app.log_2 PARTITION OF app.log FOR VALUES FROM ('2026-02-01') TO ('2026-03-01')", 'only right: table app.log_2'],
  ['ALTER TABLE app.log ADD COLUMN level int DEFAULT 3', 'only right: column app.log.level'],
  ['ALTER TABLE app.users ADD COLUMN born date', 'only right: column app.users.born'],
  ['ALTER TABLE app.users DROP COLUMN wish', 'only left: column app.users.wish'],
  [
    "DROP VIEW app.names, app.adults; ALTER TABLE app.users ALTER COLUMN age TYPE bigint; CREATE VIEW app.adults AS SELECT id, name, age FROM app.users WHERE age >= 18; CREATE VIEW app.names AS SELECT name FROM app.adults; GRANT SELECT ON app.names TO cdb_reader; COMMENT ON VIEW app.adults IS 'of age'",
    'different: column app.users.age',
  ],
  ['ALTER TABLE app.users ALTER COLUMN code SET NOT NULL', 'different: column app.users.code'],
  [
    'ALTER TABLE app.users ALTER COLUMN score DROP DEFAULT, ALTER COLUMN score TYPE numeric(8,2), ALTER COLUMN score SET DEFAULT 1.5',
    'different: column app.users.score',
  ],
  ["ALTER TABLE app.users ALTER COLUMN mood SET DEFAULT 'sad'", 'different: column app.users.mood'],
  ['ALTER TABLE app.users ALTER COLUMN tag TYPE text COLLATE "POSIX"', 'different: column app.users.tag'],
  ['ALTER TABLE app.orders ALTER COLUMN id SET GENERATED BY DEFAULT', 'different: column app.orders.id'],
  ['ALTER TABLE app.orders ALTER COLUMN gross DROP EXPRESSION', 'different: column app.orders.gross'],
  ['ALTER TABLE app.base ADD COLUMN shared int', 'only right: column app.base.shared'],
  ['ALTER TABLE app.users ADD CONSTRAINT users_age CHECK (age > 0) NOT VALID', 'only right: constraint app.users.users_age'],
  [
    'ALTER TABLE app.lines DROP CONSTRAINT lines_n; ALTER TABLE app.lines ADD CONSTRAINT lines_n CHECK (n > 1)',
    'different: constraint app.lines.lines_n',
    'only left: comment CONSTRAINT lines_n on app.lines',
  ],
  ['ALTER TABLE app.lines DROP CONSTRAINT lines_un', 'only left: constraint app.lines.lines_un'],
  ['ALTER TABLE app.lines VALIDATE CONSTRAINT lines_order', 'different: constraint app.lines.lines_order'],
  ['DROP INDEX app.users_name; CREATE INDEX users_name ON app.users (lower(name))', 'different: index app.users_name'],
  ['DROP INDEX app.users_nick', 'only left: index app.users_nick'],
  ['CREATE INDEX "orders by day" ON app.orders (day DESC)', 'only right: index app."orders by day"'],
  ['DROP STATISTICS app.users_stats; CREATE STATISTICS app.users_stats (ndistinct) ON name, email FROM app.users', 'different: statistics app.users_stats'],
  ['CREATE OR REPLACE VIEW app.plain AS SELECT k FROM app.cache WHERE v IS NOT NULL', 'different: view app.plain'],
  ['DROP VIEW app.soon_gone', 'only left: view app.soon_gone'],
  ['CREATE VIEW "Odd ""one"""."v w" AS SELECT "b""c" FROM "Odd ""one"""."Tab le; --"', 'only right: view "Odd ""one"""."v w"'],
  [
    'DROP MATERIALIZED VIEW app.by_state; CREATE MATERIALIZED VIEW app.by_state AS SELECT state, sum(amount) AS n FROM app.orders GROUP BY state; CREATE UNIQUE INDEX by_state_key ON app.by_state (state)',
    'different: materialized view app.by_state',
  ],
  [
    'DROP TRIGGER stamp ON app.users; CREATE TRIGGER stamp BEFORE UPDATE OF name ON app.users FOR EACH ROW EXECUTE FUNCTION app.stamp()',
    'different: trigger app.users.stamp',
  ],
  ['ALTER TABLE app.users DISABLE TRIGGER quiet', 'different: trigger app.users.quiet'],
  ['DROP TRIGGER leaves ON app.users', 'only left: trigger app.users.leaves'],
  ['DROP RULE goes ON app.cache', 'only left: rule app.cache.goes'],
  ['DROP POLICY old ON app.users', 'only left: policy app.users.old'],
  ["ALTER POLICY own ON app.users USING (name = 'x')", 'different: policy app.users.own'],
  ['ALTER EVENT TRIGGER watching DISABLE', 'different: event trigger watching'],
  ['GRANT UPDATE ON app.users TO cdb_reader WITH GRANT OPTION', 'different: privileges TABLE app.users'],
  ['REVOKE INSERT ON app.orders FROM cdb_reader', 'different: privileges TABLE app.orders'],
  ['GRANT EXECUTE ON FUNCTION app.tax(numeric) TO PUBLIC, cdb_reader', 'different: privileges FUNCTION app.tax(amount numeric)'],
  ["COMMENT ON TABLE app.users IS 'everybody'", 'different: comment TABLE app.users'],
  ['COMMENT ON COLUMN app.users.name IS NULL', 'only left: comment COLUMN app.users.name'],
  ["COMMENT ON TABLE app.orders IS 'what they bought'", 'only right: comment TABLE app.orders'],
];
