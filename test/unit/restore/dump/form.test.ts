import assert from 'node:assert/strict';
import type { Recognised } from '../../../../src/backup/recognise/recognised';
import { formOf } from '../../../../src/restore/dump/form';
import { rejectsWith } from '../../operations/rejectsWith';

describe('formOf', () => {
  for (const [recognised, expected] of [
    [
      { kind: 'custom', packed: 'gzip', toolVersion: '17.2' },
      { form: { kind: 'archive', packing: 'gzip', cluster: false }, origin: { toolMajor: 17 } },
    ],
    [
      { kind: 'tar', packed: 'none' },
      { form: { kind: 'archive', packing: 'none', cluster: false, serial: true }, origin: {} },
    ],
    [
      { kind: 'directory', packed: 'xz' },
      { form: { kind: 'folder', packing: 'xz', cluster: false }, origin: {} },
    ],
    [
      { kind: 'plain', packed: 'zstd', byName: true },
      { form: { kind: 'sql', packing: 'zstd', cluster: false }, origin: {} },
    ],
    [
      { kind: 'cluster', packed: 'none', serverVersion: '13.4' },
      { form: { kind: 'sql', packing: 'none', cluster: true }, origin: { serverMajor: 13 } },
    ],
  ] as const satisfies readonly (readonly [Recognised, unknown])[]) {
    it(`knows how to read ${recognised.kind} (${recognised.packed})`, () => assert.deepEqual(formOf('/b', recognised), expected));
  }

  for (const [recognised, code] of [
    [{ kind: 'empty', packed: 'none' }, 'BACKUP_EMPTY'],
    [{ kind: 'other', packed: 'none' }, 'BACKUP_FOREIGN'],
    [{ kind: 'unknown', packed: 'gzip' }, 'BACKUP_FOREIGN'],
    [{ kind: 'physical', packed: 'gzip', serverVersion: '17' }, 'BACKUP_PHYSICAL'],
    [{ kind: 'plain', packed: 'none', utf16: true }, 'BACKUP_UTF16'],
  ] as const satisfies readonly (readonly [Recognised, string])[]) {
    it(`refuses ${recognised.kind} with ${code}`, () => rejectsWith(code, () => formOf('/b', recognised)));
  }
});
