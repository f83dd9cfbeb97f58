import assert from 'node:assert/strict';
import { connectionString } from '../../../src/postgres/connectionString';
import { identifier, literal, qualified } from '../../../src/postgres/quote';

const nasty = ['app', '', 'a b', `it's`, 'say "hi"', 'back\\slash', `\\'`, '; DROP DATABASE x; --', '$$', '🐘', 'line\nbreak', `'`, '"', `''`, '\\'];

describe('identifier', () => {
  it('is one quoted name that reads back as it was', () => {
    for (const name of nasty) {
      const quoted = identifier(name);
      assert.match(quoted, /^"(?:[^"]|"")*"$/s);
      assert.equal(quoted.slice(1, -1).replaceAll('""', '"'), name);
    }
  });

  it('takes a schema too', () => assert.equal(qualified('my schema', 'a"b'), '"my schema"."a""b"'));
});

describe('literal', () => {
  it('is one quoted text that reads back as it was, whatever standard_conforming_strings says', () => {
    for (const text of nasty) {
      const [, escaped, body = ''] = /^ ?(E?)'((?:[^'\\]|''|\\\\)*)'$/s.exec(literal(text)) ?? assert.fail(literal(text));
      assert.equal(body.replaceAll("''", "'").replaceAll('\\\\', '\\'), text);
      assert.equal(escaped === 'E', text.includes('\\'));
    }
  });
});

describe('connectionString', () => {
  // As libpq reads a value in quotes: a backslash takes the next character as it is (conninfo_parse).
  const readBack = (text: string): string => text.replace(/^dbname='(.*)'$/s, '$1').replace(/\\(.)/gs, '$1');

  it('is one value that libpq reads back as it was', () => {
    for (const name of [...nasty, 'a=b', 'postgres://evil@host/x', 'host=evil', `x' host='evil`]) {
      assert.match(connectionString(name), /^dbname='(?:[^'\\]|\\.)*'$/s);
      assert.equal(readBack(connectionString(name)), name);
    }
  });
});
