import assert from 'node:assert/strict';
import { filterEnvironment, filterSql, type SqlWishes } from '../../../../src/restore/dump/sqlFilter';
import { awk, dumpText, verboseText } from './awk';

const filtered = (wishes: Partial<SqlWishes> = {}, text = dumpText): string =>
  awk(filterSql, text, filterEnvironment({ part: 'all', withoutOwners: false, serverMajor: 17, ...wishes }));
/** Without comments and empty lines. */
const statements = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '' && !line.startsWith('--'));

describe('the filter before psql', () => {
  it('leaves out what has no place in a database that is there, and nothing else', () => {
    const text = filtered();
    for (const gone of ['CREATE DATABASE', 'ALTER DATABASE', '\\connect', 'restrict', 'COMMENT ON DATABASE', 'DROP TABLE']) {
      assert.ok(!text.includes(gone), gone);
    }
    const rest = dumpText
      .split('\n')
      .filter((line) => !/restrict|\\connect|DATABASE|^DROP|^';/.test(line))
      .join('\n');
    assert.deepEqual(statements(text), statements(rest.replace('CREATE SCHEMA public;', 'CREATE SCHEMA IF NOT EXISTS public;')));
    assert.ok(text.includes('-- Name: fake; Type: TABLE; Schema: public; Owner: nobody'), 'it is part of a text');
  });

  it('does the same with --verbose', () => {
    for (const part of ['all', 'schema', 'structure'] as const) assert.deepEqual(statements(filtered({ part }, verboseText)), statements(filtered({ part })));
  });

  it('knows settings that an older server does not', () => {
    assert.ok(filtered().includes('transaction_timeout'));
    assert.ok(!filtered({ serverMajor: 16 }).includes('transaction_timeout'));
  });

  it('leaves owners and privileges out', () => {
    const text = filtered({ withoutOwners: true });
    assert.doesNotMatch(text.replaceAll(/^\d\t.*$/gm, ''), /OWNER TO|^GRANT/m);
    assert.ok(text.includes('2\tGRANT ALL'), 'that is a row');
  });

  it('takes definitions only, without what binds tables together, or rows only', () => {
    const schema = statements(filtered({ part: 'schema' }));
    assert.ok(schema.includes('CREATE TABLE public.users (') && schema.some((line) => line.includes('PRIMARY KEY')));
    assert.ok(!schema.some((line) => line.startsWith('COPY')));
    const structure = statements(filtered({ part: 'structure' }));
    assert.ok(structure.includes('CREATE TABLE public.users (') && !structure.some((line) => /PRIMARY KEY|^COPY/.test(line)));
    const rows = statements(filtered({ part: 'rows', tables: [{ schema: 'public', name: 'logs' }] }));
    assert.deepEqual(rows, [
      'SET statement_timeout = 0;',
      'SET transaction_timeout = 0;',
      'SET statement_timeout = 0;',
      'COPY public.logs ("odd',
      'name") FROM stdin;',
      '\\N',
      '\\.',
    ]);
  });

  it('takes one database out of a cluster', () => {
    const part = (name: string) => `--\n-- Database "${name}" dump\n--\n\n\\connect ${name}\n\n${dumpText.replaceAll('rm -rf', name)}`;
    const text = `CREATE ROLE boss;\n${part('one')}${part('two')}--\n-- PostgreSQL database cluster dump complete\n--\nSELECT 'end';\n`;
    const two = filtered({ segment: 'two' }, text);
    assert.ok(two.includes('\\\\! two /') && !two.includes('\\\\! one /') && !two.includes('CREATE ROLE') && !two.includes("'end'"), two);
    assert.equal(two.match(/^COPY /gm)?.length, 2);
  });
});
