-- A shop of about 1.3 GB, as applications have it: narrow rows with numbers, rows with JSON, long texts, several indexes,
-- a foreign key.
CREATE TABLE customers (
  id integer PRIMARY KEY,
  name text NOT NULL,
  email text NOT NULL UNIQUE,
  created_at timestamptz NOT NULL,
  attributes jsonb NOT NULL
);
CREATE TABLE orders (
  id integer PRIMARY KEY,
  customer_id integer NOT NULL,
  amount numeric(10, 2) NOT NULL,
  status text NOT NULL,
  ordered_at timestamptz NOT NULL,
  reference uuid NOT NULL,
  address text NOT NULL,
  note text NOT NULL
);
CREATE TABLE events (
  id integer PRIMARY KEY,
  customer_id integer NOT NULL,
  kind text NOT NULL,
  payload jsonb NOT NULL,
  happened_at timestamptz NOT NULL
);
CREATE TABLE documents (
  id integer PRIMARY KEY,
  order_id integer NOT NULL,
  title text NOT NULL,
  body text NOT NULL
);
INSERT INTO customers
SELECT i, 'Customer ' || i, 'customer.' || i || '@example.org', timestamptz '2026-01-01 00:00Z' + i % 9000 * interval '1 hour',
       jsonb_build_object('tier', i % 5, 'tags', jsonb_build_array('tag-' || i % 7, 'tag-' || i % 11), 'active', i % 3 = 0)
FROM generate_series(1, 250000) AS i;
INSERT INTO orders
SELECT i, 1 + (i::bigint * 7919 % 250000), (i::bigint * 104729 % 100000) / 100.0, (ARRAY['new', 'paid', 'shipped', 'done'])[1 + i % 4],
       timestamptz '2026-01-01 00:00Z' + i % 500000 * interval '1 minute', md5((i / 4)::text)::uuid,
       'Street of the old mill ' || i % 9973 || ', ' || 10000 + i % 800 || ' Town by the river ' || i % 97,
       'Order ' || i || ' for ' || (ARRAY['delivery on Monday', 'collection in the shop', 'a gift, please wrap it'])[1 + i % 3]
FROM generate_series(1, 2200000) AS i;
INSERT INTO events
SELECT i, 1 + (i::bigint * 15485863 % 250000), 'kind-' || i % 40,
       jsonb_build_object('page', '/articles/' || i % 5000 || '/how-to-look-after-a-database-in-a-container', 'seconds', i % 600,
         'referrer', 'https://example.org/search?q=backup+and+restore+of+postgres&page=' || i % 120,
         'agent', 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/' || 90 + i % 60 || '.0 Safari/537.36',
         'session', md5((i / 20)::text), 'flags', jsonb_build_array(i % 2 = 0, i % 3 = 0, i % 5))::jsonb,
       timestamptz '2026-01-01 00:00Z' + i % 800000 * interval '1 second'
FROM generate_series(1, 1200000) AS i;
INSERT INTO documents
SELECT i, 1 + i * 19, 'Invoice ' || i,
       (SELECT string_agg('Line ' || n || ': article ' || (i * n) % 5000 || ', quantity ' || n % 9 || ', of the usual quality, to be delivered with the rest of the order no. ' || i + n, E'\n') FROM generate_series(1, 18) AS n)
FROM generate_series(1, 100000) AS i;
CREATE INDEX orders_customer ON orders (customer_id);
CREATE INDEX orders_ordered_at ON orders (ordered_at);
CREATE INDEX events_customer ON events (customer_id);
ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers (id);
VACUUM (ANALYZE);
CHECKPOINT;
