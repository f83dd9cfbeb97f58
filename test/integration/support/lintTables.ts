/** Tables that migrations change, as a database has them whose revision is `a`. */
export const lintTables = `
CREATE TABLE categories (id bigint PRIMARY KEY, name text);
CREATE TABLE users (id bigint PRIMARY KEY, email text, age text, plan text);
CREATE TABLE expenses (id bigint PRIMARY KEY, user_id bigint REFERENCES users, category_id bigint, amount numeric);
CREATE VIEW adults AS SELECT id, age FROM users;
CREATE TABLE alembic_version (version_num text);
INSERT INTO alembic_version VALUES ('a');
`;

/** Rows in them: with duplicates, NULLs, orphans, and values that do not pass. */
export const lintRows = `
INSERT INTO categories SELECT i, 'category ' || i FROM generate_series(1, 20) i;
INSERT INTO users SELECT i, 'user' || (i % 990) || '@x.org', i::text, CASE WHEN i % 100 > 0 THEN 'free' END FROM generate_series(1, 1000) i;
UPDATE users SET age = 'unknown' WHERE id <= 3;
INSERT INTO expenses SELECT i, i, CASE WHEN i <= 7 THEN 999 ELSE i % 20 + 1 END, i - 5 FROM generate_series(1, 500) i;
`;
