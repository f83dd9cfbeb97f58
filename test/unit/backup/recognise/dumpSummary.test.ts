import assert from 'node:assert/strict';
import { readSummary } from '../../../../src/backup/recognise/dumpSummary';

const table = (name: string, schema = 'public'): string => `table -- Name: ${name}; Type: TABLE; Schema: ${schema}; Owner: app`;
const text = (...lines: readonly string[]): string => `${lines.join('\n')}\n`;
const users = ['define TABLE', table('users'), 'data', 'rows 5 1', 'COPY public.users (id, name) FROM stdin;', 'complete'];

describe('readSummary', () => {
  it('reads what a whole dump holds', () => {
    const summary = readSummary(text('version -- Dumped from database version 17.2 (Debian)', 'version -- Dumped by pg_dump version 17.4', ...users));
    assert.deepEqual(summary, { complete: true, scope: 'full', rows: { 'public.users': 5 }, properties: {}, serverVersion: '17.2', toolVersion: '17.4' });
  });

  for (const [title, lines, complete] of [
    ['its end', users, true],
    ['no end', users.slice(0, -1), false],
    ['rows without an end', [...users, 'cut'], false],
    ['nothing', [], false],
  ] as const) {
    it(`knows a dump with ${title}`, () => assert.equal(readSummary(text(...lines)).complete, complete));
  }

  for (const [title, lines, scope] of [
    ['structure and rows', ['define TABLE', table('a'), 'data'], 'full'],
    ['structure alone', ['define DATABASE', 'define TABLE', table('a')], 'schema'],
    ['rows alone', ['define DATABASE', 'define SEQUENCE SET', 'define BLOB METADATA', 'data'], 'data'],
    ['functions alone', ['define FUNCTION'], 'full'],
  ] as const) {
    it(`tells ${title}`, () => assert.equal(readSummary(text(...lines)).scope, scope));
  }

  it('keeps names as they are quoted, over several lines', () => {
    const lines = [
      'define TABLE',
      table('new line', 'odd "s'),
      'data',
      'rows 3 3',
      'COPY "odd ""s"."new',
      'line" (a, "b) FROM stdin;',
      'c") FROM stdin;',
      'complete',
    ];
    assert.deepEqual(readSummary(text(...lines)).rows, { '"odd ""s"."new\nline"': 3 });
  });

  for (const [title, lines] of [
    ['a table that the dump does not make, as those of extensions', ['define TABLE', table('other'), 'rows 5 1', 'COPY public.users (id) FROM stdin;']],
    ['a table that comes twice', [...users, 'rows 6 1', 'COPY public.users (id) FROM stdin;']],
    ['anything, where rows are INSERT statements', [...users, 'inserts']],
    ['a name in another encoding', ['rows 5 1', 'COPY public."caf\u{FFFD}" (id) FROM stdin;']],
    ['a statement that is none', ['rows 5 1', 'COPY x']],
  ] as const) {
    it(`does not count ${title}`, () => assert.deepEqual(readSummary(text(...lines)).rows, {}));
  }

  for (const [statement, expected] of [
    [
      "CREATE DATABASE shop WITH TEMPLATE = template0 ENCODING = 'UTF8' LOCALE_PROVIDER = libc LOCALE = 'en_US.utf8';",
      { encoding: 'UTF8', collate: 'en_US.utf8', ctype: 'en_US.utf8', provider: 'c', locale: null, collationVersion: null },
    ],
    [
      "CREATE DATABASE shop WITH TEMPLATE = template0 ENCODING = 'UTF8' LOCALE_PROVIDER = icu LOCALE = 'C' ICU_LOCALE = 'de-DE';",
      { encoding: 'UTF8', collate: 'C', ctype: 'C', provider: 'i', locale: 'de-DE', collationVersion: null },
    ],
    [
      "CREATE DATABASE shop WITH TEMPLATE = template0 ENCODING = 'LATIN1' LC_COLLATE = 'C' LC_CTYPE = 'POSIX';",
      { encoding: 'LATIN1', collate: 'C', ctype: 'POSIX', provider: 'c', locale: null, collationVersion: null },
    ],
    ['CREATE DATABASE shop;', {}],
  ] as const) {
    it(`reads the properties in ${statement}`, () => assert.deepEqual(readSummary(text(`create ${statement}`)).properties, expected));
  }

  it('reads the owner', () => {
    assert.deepEqual(readSummary(text('owner ALTER DATABASE shop OWNER TO "odd ""one";')).properties, { owner: 'odd "one' });
  });
});
