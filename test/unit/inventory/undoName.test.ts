import assert from 'node:assert/strict';
import { isOwnDatabase, readUndoRecord, scratchPrefix, undoPrefix, writeUndoRecord, type UndoRecord } from '../../../src/inventory/undoName';

const record: UndoRecord = {
  containerDatabases: 'undo',
  of: `it's "ours" 🐘`,
  replacedAt: '2026-11-07T03:00:00.000Z',
  expiresAt: '2026-11-08T03:00:00.000Z',
  comment: 'a $$ comment\nof two lines',
};

describe('the record of an undo', () => {
  it('comes back as it was written', () => {
    for (const each of [record, { ...record, comment: null }]) assert.deepEqual(readUndoRecord(`${undoPrefix}1a2b3c4d`, writeUndoRecord(each)), each);
  });

  for (const [title, name, comment] of [
    ['of another database', 'shop', writeUndoRecord(record)],
    ['of a scratch database', `${scratchPrefix}1`, writeUndoRecord(record)],
    ['without a comment', `${undoPrefix}1`, null],
    ['that is no JSON', `${undoPrefix}1`, 'mine'],
    ['that is something else', `${undoPrefix}1`, '{"containerDatabases":"redo"}'],
    ['whose time somebody changed', `${undoPrefix}1`, writeUndoRecord({ ...record, expiresAt: 'tomorrow' })],
  ] as const) {
    it(`is not read ${title}`, () => assert.equal(readUndoRecord(name, comment), undefined));
  }
});

describe('isOwnDatabase', () => {
  for (const [name, expected] of [
    [`${scratchPrefix}1a2b3c4d`, true],
    [`${undoPrefix}1a2b3c4d`, true],
    ['shop', false],
    ['cdb', false],
    ['cdb_other', false],
    ['CDB_UNDO_1', false],
    [` ${undoPrefix}1`, false],
    ['', false],
  ] as const) {
    it(`says ${expected} of "${name}"`, () => assert.equal(isOwnDatabase(name), expected));
  }
});
