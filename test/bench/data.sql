-- A shop of about 1.3 GB: narrow and wide rows, text that compresses as text does, JSON, several indexes.
CREATE TABLE customers (
  id integer PRIMARY KEY,
  name text NOT NULL,
  email text NOT NULL,
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
  note text NOT NULL
);
CREATE TABLE events (
  id integer PRIMARY KEY,
  customer_id integer NOT NULL,
  kind text NOT NULL,
  payload jsonb NOT NULL,
  happened_at timestamptz NOT NULL
);
INSERT INTO customers
SELECT i, 'Customer ' || i, 'customer.' || i || '@example.org', timestamptz '2026-01-01 00:00Z' + i % 9000 * interval '1 hour',
       jsonb_build_object('tier', i % 5, 'tags', jsonb_build_array('tag-' || i % 7, 'tag-' || i % 11), 'active', i % 3 = 0)
FROM generate_series(1, 300000) AS i;
INSERT INTO orders
SELECT i, 1 + (i::bigint * 7919 % 300000), (i::bigint * 104729 % 100000) / 100.0, (ARRAY['new', 'paid', 'shipped', 'done'])[1 + i % 4],
       timestamptz '2026-01-01 00:00Z' + i % 500000 * interval '1 minute', md5(i::text)::uuid,
       'Order ' || i || ' for ' || (ARRAY['delivery on Monday', 'collection in the shop', 'a gift, please wrap it'])[1 + i % 3]
FROM generate_series(1, 4500000) AS i;
INSERT INTO events
SELECT i, 1 + (i::bigint * 15485863 % 300000), 'kind-' || i % 40,
       jsonb_build_object('page', '/articles/' || i % 5000, 'seconds', i % 600, 'referrer', 'https://example.org/' || i % 300),
       timestamptz '2026-01-01 00:00Z' + i % 800000 * interval '1 second'
FROM generate_series(1, 2200000) AS i;
CREATE INDEX orders_customer ON orders (customer_id);
CREATE INDEX orders_ordered_at ON orders (ordered_at);
CREATE INDEX events_customer ON events (customer_id);
ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers (id);
VACUUM (ANALYZE);
CHECKPOINT;
