import assert from 'node:assert/strict';
import type { SmokeReport } from '../../../src/protocol/smokeReport';
import { smokeMarkdown, smokeView, testedText } from '../../../src/vscode/present/smokeText';
import { clock, english as t, service } from './facts';

const report: SmokeReport = {
  schemaVersion: 1,
  id: '1',
  endpointId: 'e',
  project: 'shop',
  service: 'db',
  way: 'clone',
  startedAt: clock.now.toISOString(),
  image: 'postgres:17 `x` | y',
  dataDirectory: '/data',
  volume: { kind: 'named', name: 'shop_data', destination: '/data' },
  steps: [{ id: 'write', state: 'done', milliseconds: 1234, evidence: [{ kind: 'checksum', value: 'rows 1\n# not a heading' }] }],
  verdict: 'lost',
  lostAt: 'recreate',
  remarks: [],
};

describe('the report of a persistence test', () => {
  it('says what was lost, and when', () => {
    const { verdict, sections, actions } = smokeView(t, report, clock);
    assert.deepEqual([verdict.tone, verdict.word, sections[0]?.steps[0]?.time], ['bad', 'Lost', '1.2 s']);
    assert.deepEqual(
      actions.map(({ id }) => id),
      ['copy', 'again'],
    );
  });
  it('offers nothing while it runs', () => {
    const { verdict: _, ...running } = report;
    assert.deepEqual(smokeView(t, running, clock).actions, []);
  });
  it('is Markdown in which nothing from outside is markup', () => {
    const text = smokeMarkdown(t, report, clock);
    assert.match(text, /^# Persistence of `shop\/db`: Lost\n/);
    assert.ok(text.includes("- Image: `postgres:17 'x' | y`"), text);
    assert.ok(text.includes('checksum: `rows 1 # not a heading`'), text);
  });
  it('counts only for the volume that was tested', () => {
    const volume = { kind: 'named', name: 'shop_data', dataDirectory: '/data' } as const;
    assert.equal(testedText(t, report, service({ volume })), 'loses data');
    assert.equal(testedText(t, { ...report, verdict: 'persists' }, service({ volume })), 'persists');
    assert.equal(testedText(t, report, service({ volume: { ...volume, name: 'another' } })), undefined);
    assert.equal(testedText(t, report, service({ volume: { kind: 'anonymous', dataDirectory: '/data' } })), undefined);
  });
});
