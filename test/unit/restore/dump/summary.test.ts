import assert from 'node:assert/strict';
import { readSummary, summarise } from '../../../../src/restore/dump/summary';
import { awk, dumpText, verboseText } from './awk';

const read = (text: string, cluster = false) => readSummary(awk(summarise, text), cluster);

describe("a dump's summary", () => {
  it('says what it needs, and takes nothing in rows, texts or names for it', () => {
    assert.deepEqual(read(dumpText), [
      {
        complete: true,
        roles: ['Boss of it', 'reader'],
        extensions: ['pgcrypto'],
        metaCommands: [],
        innerCommands: [],
        tables: ['public.users'],
        filled: ['public.users', 'public.logs'],
      },
    ]);
  });

  it('is the same with --verbose', () => assert.deepEqual(read(verboseText), read(dumpText)));

  for (const [title, from, to, expected] of [
    ['a command at the beginning of a line', 'CREATE SCHEMA public;', '\\! touch /tmp/x', { metaCommands: ['\\!'], innerCommands: [] }],
    ['a command within a line', 'CREATE SCHEMA public;', 'SELECT 1 \\g |sh', { metaCommands: [], innerCommands: ['SELECT 1 \\g |sh'] }],
    ['what may only be text', 'CREATE SCHEMA public;', "INSERT INTO x VALUES ('a\n\\! b');", { metaCommands: [], innerCommands: ['\\!'] }],
    ['rows that nothing announces', '-- Data for Name: users;', '-- Rows:', { metaCommands: ['\\.'], innerCommands: [] }],
  ] as const) {
    it(`finds ${title}`, () => {
      const [segment] = read(dumpText.replace(from, to));
      assert.deepEqual({ metaCommands: segment?.metaCommands, innerCommands: segment?.innerCommands.slice(0, 1) }, expected);
    });
  }

  it('knows a dump that was cut in its rows, or before its last line', () => {
    for (const end of ['2\tGRANT', '\\.\n\n\n--\n-- Name: users_pkey', '-- PostgreSQL database dump complete']) {
      const cut = dumpText.slice(0, dumpText.indexOf(end));
      assert.equal(read(cut)[0]?.complete, false, end);
    }
  });

  it('tells the databases of a cluster apart', () => {
    const part = (name: string, text: string) => `--\n-- Database "${name}" dump\n--\n\n${text}`;
    const text = `--\n-- PostgreSQL database cluster dump\n--\n${part('one', dumpText)}${part('two', dumpText.replaceAll('pgcrypto', 'hstore'))}`;
    const segments = read(`${text}--\n-- PostgreSQL database cluster dump complete\n--\n`, true);
    assert.deepEqual(
      segments.map(({ database, extensions, complete }) => [database, extensions, complete]),
      [
        ['one', ['pgcrypto'], true],
        ['two', ['hstore'], true],
      ],
    );
    assert.ok(read(text, true).every(({ complete }) => !complete));
  });
});
