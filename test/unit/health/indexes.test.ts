import assert from 'node:assert/strict';
import { withFindings, type IndexRow } from '../../../src/health/indexes';

function row(oid: number, parts: Partial<IndexRow> = {}): IndexRow {
  const figures = {
    schema: 'public',
    table: 't',
    tableOid: 1,
    name: `i${oid}`,
    definition: '',
    bytes: 8192,
    scans: 5,
    unique: false,
    primary: false,
    valid: true,
  };
  return { oid, ...figures, isNeeded: false, key: `k${oid}`, ...parts };
}

function findings(rows: readonly IndexRow[]): readonly string[] {
  return withFindings(rows).map(({ findings: found, duplicateOf }) => [...found, ...(duplicateOf === null ? [] : [duplicateOf])].join(' '));
}

describe('withFindings', () => {
  it('finds nothing wrong with what is used or needed', () => {
    assert.deepEqual(findings([row(1), row(2, { scans: 0, isNeeded: true, unique: true })]), ['', '']);
  });

  it('keeps the constraint’s index of two that say the same, else the older', () => {
    assert.deepEqual(findings([row(1, { key: 'a' }), row(2, { key: 'a', isNeeded: true, unique: true, primary: true })]), ['duplicate i2', '']);
    assert.deepEqual(findings([row(8, { key: 'a' }), row(7, { key: 'a' })]), ['duplicate i7', '']);
  });

  it('takes no constraint’s index for superfluous because another is not unique', () => {
    assert.deepEqual(findings([row(1, { key: 'a', isNeeded: true, unique: true }), row(2, { key: 'a' })]), ['', 'duplicate i1']);
  });

  it('lets an invalid one neither replace another nor count as unused', () => {
    assert.deepEqual(findings([row(1, { key: 'a', valid: false, scans: 0 }), row(2, { key: 'a' })]), ['invalid', '']);
  });

  it('finds what was never read', () => {
    assert.deepEqual(findings([row(1, { scans: 0 })]), ['unused']);
  });
});
