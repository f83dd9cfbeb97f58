import assert from 'node:assert/strict';
import type { RestorePlan } from '../../../src/restore/plan';
import { backupDetails } from '../../../src/vscode/present/backupDetails';
import type { MergeReport } from '../../../src/restore/merge/report';
import { mergedText, mergeLegend, mergeQuestion } from '../../../src/vscode/present/mergeText';
import { deleteQuestion, restoreQuestion, undoQuestion } from '../../../src/vscode/present/restoreText';
import { backup, before, clock, english, foreignBackup } from './facts';

const theBackup = backup(10);
const plan: RestorePlan = {
  id: '1',
  project: 'reims',
  service: 'postgres',
  database: 'reims',
  source: { kind: 'backup', backup: theBackup },
  form: { kind: 'archive', packing: 'none', cluster: false },
  withoutOwners: false,
  allowMetaCommands: false,
  remarks: [],
  scratch: 'cdb_scratch_1',
  undo: 'cdb_undo_1',
  replacedAt: clock.now,
  expiresAt: before(-24 * 60),
  comment: null,
  properties: { owner: 'reims', encoding: 'UTF8', collate: 'C', ctype: 'C', provider: 'c', locale: null, collationVersion: null },
  jobs: 2,
  dependents: ['celery-worker', 'backend'],
  steps: [
    { kind: 'check file', file: theBackup.file },
    { kind: 'safety backup', database: 'reims' },
    {
      kind: 'load',
      database: 'cdb_scratch_1',
      properties: { owner: '', encoding: '', collate: '', ctype: '', provider: 'c', locale: null, collationVersion: null },
      jobs: 2,
      part: 'all',
    },
    { kind: 'compare rows', rows: { 'public.accounts': 330, 'public.lenders': 31 } },
    { kind: 'stop', services: ['celery-worker', 'backend'] },
    { kind: 'swap', database: 'reims', replacement: 'cdb_scratch_1', undo: 'cdb_undo_1' },
    { kind: 'start', services: ['celery-worker', 'backend'] },
  ],
};

describe('questions before something is changed', () => {
  it('say what a merge would do to each table, and what its references mean', () => {
    const counts = { key: ['id'], held: 2000, present: 9, insert: 0, update: 0, skip: 0, same: 0, renumber: 0, refused: 0, samples: [] };
    const report: MergeReport = {
      tables: [
        { ...counts, table: 'public.users', insert: 1200, renumber: 3, same: 5 },
        { ...counts, table: 'public.teams' },
      ],
      refusals: [],
      outside: [{ foreignKey: 'users_shop', table: 'public.users', refersTo: 'public.shops' }],
      attached: [],
      circles: [],
      onlyThere: [],
      onlyHere: [],
    };
    const place = { kind: 'database', serviceId: '', project: 'dev', service: 'db', database: 'app' } as const;
    const source = { ...place, sizeBytes: 1, properties: plan.properties, surroundings: { comment: null, connectionLimit: -1, grants: null, settings: [] } };
    const { message, detail, button } = mergeQuestion(english, { ...plan, source }, report, 'en');
    assert.deepEqual([message, button], ['Merge rows of "app" into "reims" in reims/postgres?', 'Merge']);
    assert.deepEqual(detail.split('\n'), [
      '• public.users: 1,200 new, 3 new under another key, 5 the same',
      '• public.teams: no rows',
      '• public.users refers to public.shops, which is not merged (users_shop): a reference means the row that has that key here.',
      '• "reims" is backed up as it is now.',
      '• It is one transaction: all of it happens, or nothing.',
    ]);
    assert.equal(mergedText(english, 'reims', report, 'en'), 'Merged 1,203 rows into "reims".');
    const one = { ...report, tables: [{ ...counts, table: 'public.users', update: 1 }] };
    assert.equal(mergedText(english, 'reims', one, 'en'), 'Merged one row into "reims".');
    assert.deepEqual(mergeLegend(english, message).slice(2, 5), ['', '+ new', '~ in place of what is there'], 'the box of choices covers what is above');
  });

  it('say all that a restore will do', () => {
    const { message, detail, button } = restoreQuestion(english, plan, clock);
    assert.equal(message, 'Replace "reims" in reims/postgres by a backup?');
    assert.equal(button, 'Restore');
    assert.deepEqual(detail.split('\n'), [
      'Backup of reims/postgres/reims, made 10 min ago',
      '146 kB · 2 tables · 361 rows · verified',
      'reims_reims_10.dump',
      '',
      '• The file is checked against its checksum.',
      '• "reims" is backed up as it is now.',
      '• The backup is loaded beside it; until that has succeeded, nothing changes.',
      '• The rows of 2 tables are compared with the backup.',
      '• Stopped for the exchange, and started again: celery-worker, backend.',
      '• The present "reims" is kept until tomorrow, 14:00, for "Undo restore".',
    ]);
  });

  it('do not speak of a present database where there is none', () => {
    const { undo: _undo, ...anew } = plan;
    const steps = plan.steps.filter(({ kind }) => kind !== 'safety backup').map((step) => (step.kind === 'swap' ? { ...step, undo: undefined } : step));
    const { message, detail } = restoreQuestion(english, { ...anew, source: { kind: 'backup', backup: foreignBackup(10) }, steps }, clock);
    assert.equal(message, 'Create "reims" in reims/postgres from a backup?');
    assert.match(detail, /^Backup of unknown origin, made 10 min ago\n4\.1 kB · not verified/);
    assert.doesNotMatch(detail, /is kept until/);
  });

  it('speak of a copy where the rows come from another database', () => {
    const surroundings = { comment: null, connectionLimit: -1, grants: null, settings: [] };
    const source = {
      kind: 'database',
      serviceId: 's',
      project: 'prod',
      service: 'db',
      database: 'live',
      sizeBytes: 1,
      properties: plan.properties,
      surroundings,
    } as const;
    const steps: RestorePlan['steps'] = [{ kind: 'dump', from: 'prod/db/live' }, ...plan.steps.slice(1)];
    const { message, detail, button } = restoreQuestion(english, { ...plan, source, steps }, clock);
    assert.equal(message, 'Replace "reims" in reims/postgres by a copy of "live"?');
    assert.equal(button, 'Copy');
    assert.deepEqual(detail.split('\n').slice(0, 3), [
      '• prod/db/live is dumped into a temporary file, which is read whole.',
      '• "reims" is backed up as it is now.',
      '• The copy is loaded beside it; until that has succeeded, nothing changes.',
    ]);
    const { undo: _undo, ...anew } = plan;
    assert.equal(restoreQuestion(english, { ...anew, source, steps }, clock).message, 'Create "reims" in reims/postgres as a copy of "live"?');
  });

  it('say what an undo does', () => {
    const undo = { name: 'u', of: 'reims', replacedAt: before(2).toISOString(), expiresAt: before(-60).toISOString(), sizeBytes: 1 };
    const { message, detail } = undoQuestion(english, undo, ['backend'], clock);
    assert.equal(message, 'Undo the restore of "reims"?');
    assert.match(detail, /^• "reims" becomes again what it was before it was replaced 2 min ago\./);
  });

  it('say what other copies there are before one is deleted', () => {
    const last = (all: Parameters<typeof deleteQuestion>[2]): string | undefined => deleteQuestion(english, theBackup, all, clock).detail.split('\n').at(-2);
    assert.equal(last([theBackup, backup(5, { database: 'other' })]), 'It is the only backup of "reims".');
    assert.equal(last([theBackup, backup(70)]), 'There is 1 other backup of "reims", made 1 h ago.');
    assert.equal(last([backup(5), theBackup, backup(70)]), 'There are 2 other backups of "reims", the newest made 5 min ago.');
  });
});

describe('backupDetails', () => {
  it('shows what the manifest knows', () => {
    const { heading, subheading, verification, facts, tables } = backupDetails(english, theBackup, clock);
    assert.deepEqual([heading, subheading, verification.good, verification.word], ['reims', 'reims/postgres · 10 min ago', true, 'verified']);
    assert.deepEqual(
      facts.map(({ name }) => name),
      ['Made', 'Size', 'Holds', 'Why', 'Postgres', 'Image', 'Format', 'Migration', 'Git', 'Collation', 'SHA-256', 'File'],
    );
    assert.equal(facts.find(({ name }) => name === 'Git')?.value, 'main · 0123456789');
    assert.deepEqual(tables, [
      { name: 'public.accounts', rows: 330 },
      { name: 'public.lenders', rows: 31 },
    ]);
  });

  it('makes do with the file', () => {
    const { heading, verification, facts, tables } = backupDetails(english, foreignBackup(5), clock);
    assert.deepEqual([heading, verification.good, tables], ['found_5.dump', false, undefined]);
    assert.deepEqual(
      facts.map(({ name }) => name),
      ['Made', 'Size', 'File'],
    );
  });
});
