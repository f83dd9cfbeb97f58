import assert from 'node:assert/strict';
import { firstForPsql, firstUnrollable, splitStatements, withoutTransaction } from '../../../src/postgres/sqlScript';

describe('firstUnrollable', () => {
  const reversible: readonly string[] = [
    'SELECT 1; UPDATE a SET b = 2;',
    "INSERT INTO a VALUES ('; COMMIT; ')",
    "INSERT INTO a VALUES ('it''s'' ; COMMIT; ''')",
    "SELECT E'\\'; COMMIT; --'",
    'SELECT "a""; COMMIT; """',
    '-- ; COMMIT;\nSELECT 1',
    '/* ; COMMIT; /* nested */ ; COMMIT; */ SELECT 1',
    "DO $$ BEGIN RAISE NOTICE '; COMMIT;'; END $$; SELECT 1",
    'CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $body$ BEGIN ; COMMIT; RETURN $$1$$; END $body$;',
    'SAVEPOINT a; ROLLBACK TO SAVEPOINT a; ROLLBACK WORK TO a; RELEASE a',
    'SELECT a$b, $1 FROM c; SELECT 2',
    'CREATE TABLE commit_log (id int); DROP TABLE begin_here',
    '',
  ];
  for (const script of reversible) it(`lets ${JSON.stringify(script)} run`, () => assert.equal(firstUnrollable(script), undefined));

  const not: readonly (readonly [script: string, line: number])[] = [
    ['COMMIT', 1],
    ['SELECT 1;\n  commit and chain;', 2],
    ['BEGIN; SELECT 1; END;', 1],
    ["SELECT '\\';\nCOMMIT; --'", 2],
    ["SELECT E'\\\\';\nCOMMIT; --'", 2],
    ['/* a */ ROLLBACK;', 1],
    ['SELECT $$a$$;\n\n\nABORT', 4],
    ["START TRANSACTION; PREPARE TRANSACTION 'a'", 1],
    ['SELECT 1;\nvacuum a', 2],
    ['CREATE DATABASE a', 1],
    ['drop\n database a', 1],
    ['ALTER SYSTEM SET work_mem = 1', 1],
    ["SET standard_conforming_strings = off; SELECT 'a\\'; COMMIT; --'", 1],
    ["SELECT '\n\n';\nCOMMIT", 4],
    ['-- one\n/* two\nthree */ COMMIT', 3],
  ];
  for (const [script, line] of not) it(`stops at ${JSON.stringify(script)}`, () => assert.equal(firstUnrollable(script), line));
});

describe('firstForPsql', () => {
  it('finds commands of psql and rows for COPY', () => {
    assert.equal(firstForPsql('SELECT 1;\n\\i other.sql'), 2);
    assert.equal(firstForPsql('SELECT 1 \\gexec'), 1);
    assert.equal(firstForPsql('SELECT 1;\nCOPY a (b) FROM stdin;\n1\n\\.\n'), 2);
  });

  it('lets text be', () => {
    assert.equal(firstForPsql("SELECT '\n\\i a';\n-- \\i b\nCOPY a TO STDOUT; COPY a FROM '/file'; SELECT $$\n\\x\n$$"), undefined);
  });
});

describe('splitStatements', () => {
  it('parts statements where they end, and not in what is quoted', () => {
    assert.deepEqual(splitStatements("SELECT ';' AS \"a;b\"; -- no; end\nDO $x$ BEGIN; END $x$;\n\n/* ; /* ; */ */ SELECT E'\\';' ; "), [
      'SELECT \';\' AS "a;b"',
      '-- no; end\nDO $x$ BEGIN; END $x$',
      "/* ; /* ; */ */ SELECT E'\\';'",
    ]);
  });

  it('leaves a script whole whose functions have bodies without quotes', () => {
    assert.equal(splitStatements('CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END; SELECT 1'), undefined);
  });
});

describe('withoutTransaction', () => {
  it('takes away what a script puts around all of itself, and nothing else', () => {
    assert.equal(withoutTransaction("-- so\nBEGIN;\nSELECT ';';\nSELECT 2;\ncommit work;\n"), "SELECT ';';\nSELECT 2;");
    assert.equal(withoutTransaction('START TRANSACTION; SELECT 1; END'), 'SELECT 1;');
    for (const script of ['BEGIN; SELECT 1', 'SELECT 1; COMMIT', 'SELECT 1', '', 'BEGIN; SELECT 1; ROLLBACK']) assert.equal(withoutTransaction(script), script);
    assert.notEqual(firstUnrollable(withoutTransaction('BEGIN; SELECT 1; COMMIT; BEGIN; SELECT 2; COMMIT')), undefined, 'more than one is not taken');
  });
});
