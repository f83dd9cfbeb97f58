import assert from 'node:assert/strict';
import { sqlResultText } from '../../../src/vscode/present/sqlResult';
import { logSeverity, plainLine } from '../../../src/vscode/present/logLine';
import { databaseTools } from '../../../src/vscode/present/databaseTools';
import { english } from './facts';

describe('sqlResultText', () => {
  const select = { command: 'SELECT', rowCount: 2, columns: ['n', 'text'], rows: [['1', 'a\nb'], ['22', null]] }; // prettier-ignore

  it('shows rows as a table, and what else happened', () => {
    const results = [select, { command: 'UPDATE', rowCount: 3, columns: [], rows: [] }, { command: 'CREATE', rowCount: null, columns: [], rows: [] }];
    const text = sqlResultText(english, 'shop', { results, notices: ['NOTICE: hello'], milliseconds: 12, rolledBack: true }, 'en-GB');
    assert.equal(
      text,
      [
        '-- shop · took 12 ms · everything was rolled back; only sequences have moved on',
        'NOTICE: hello',
        ' n │ text\n───┼─────\n 1 │ a↵b\n22 │ NULL\n(2 rows)',
        'UPDATE · 3 rows',
        'CREATE\n',
      ].join('\n\n'),
    );
  });

  it('ends long results and long values', () => {
    const rows = Array.from({ length: 1500 }, () => ['x'.repeat(500)]);
    const text = sqlResultText(
      english,
      'shop',
      { results: [{ command: 'SELECT', rowCount: 1500, columns: ['v'], rows }], notices: [], milliseconds: 1, rolledBack: false },
      'en-GB',
    );
    assert.match(text, /\(the first 1000 of 1,500 rows\)/);
    assert.ok(text.length < 1100 * 205);
  });
});

describe('logSeverity', () => {
  it('reads the word of Postgres whatever stands before it', () => {
    const lines: readonly (readonly [string, string])[] = [
      ['2026-11-25 10:00:00.000 UTC [1] LOG:  database system is ready', 'info'],
      ['2026-11-25 10:00:00.000 UTC [77] shop@app ERROR:  relation "LOG:  x" does not exist', 'error'],
      ['2026-11-25 10:00:00.000 UTC [77] STATEMENT:  SELECT 1', 'more'],
      ['\tFROM a', 'more'],
      ['FATAL:  the database system is starting up', 'error'],
      ['WARNING:  no usable system locales', 'warning'],
      ['2026 DEBUG2:  x', 'debug'],
      ['PostgreSQL init process complete; ready for start up.', 'info'],
    ];
    for (const [line, severity] of lines) assert.equal(logSeverity(line), severity, line);
  });

  it('lets nothing through that moves a cursor', () => {
    assert.equal(plainLine('\u001b[31mred\u001b[0m\u0007 a\tb'), 'red a\tb');
  });
});

describe('databaseTools', () => {
  const container = (image: string, parts: object = {}): Parameters<typeof databaseTools>[0][number] => ({
    id: 'a',
    name: 'shop-tool-1',
    image,
    command: '',
    labels: { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'tool' },
    state: 'running',
    status: '',
    ports: [{ containerPort: 443 }, { containerPort: 80, hostPort: 5050, hostAddress: '0.0.0.0' }],
    mountTargets: [],
    ...parts,
  });

  it('finds what runs in the project and publishes its page', () => {
    assert.deepEqual(databaseTools([container('dpage/pgadmin4:8')], 'shop'), [{ name: 'pgAdmin', url: 'http://localhost:5050' }]);
    assert.deepEqual(databaseTools([container('adminer')], 'shop')[0]?.name, 'Adminer');
  });

  it('finds nothing else', () => {
    const others = [
      container('postgres:17'),
      container('my/not-adminer-at-all/x'),
      container('adminer', { state: 'exited' }),
      container('adminer', { ports: [] }),
    ];
    assert.deepEqual(databaseTools(others, 'shop'), []);
    assert.deepEqual(databaseTools([container('adminer')], 'other'), []);
  });
});
