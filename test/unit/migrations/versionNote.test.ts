import assert from 'node:assert/strict';
import { notesFor, type NoteColumn } from '../../../src/migrations/actions/versionNote';
import type { Revision, VersionRow } from '../../../src/migrations/model';

const revisions: readonly Revision[] = ['001_users.sql', '002_add-items.sql', '010_all_tags.sql'].map((file) => ({
  id: String(Number(file.slice(0, 3))),
  name: file.slice(4, -4).replaceAll(/[_-]/g, ' '),
  file: `configs/sql/${file}`,
  parents: [],
  dependsOn: [],
  labels: [],
}));
const last = revisions.slice(2);
const version: NoteColumn = { name: 'version', isText: true, isNeeded: true };
const name: NoteColumn = { name: 'name', isText: true, isNeeded: true };
const appliedAt: NoteColumn = { name: 'applied_at', isText: false, isNeeded: false };

describe('how SQL files are noted', () => {
  const cases: readonly (readonly [title: string, rows: readonly VersionRow[], columns: readonly NoteColumn[], note: Record<string, string>])[] = [
    ['by their digits', [{ version: '001' }, { version: '002' }], [version, appliedAt], { version: '010' }],
    ['by their number', [{ version: '1' }], [version], { version: '10' }],
    ['by their file', [{ version: '001_users.sql' }], [version], { version: '010_all_tags.sql' }],
    ['by their file without its ending', [{ version: '002_add-items' }], [version], { version: '010_all_tags' }],
    ['by a number that is one', [], [{ ...version, isText: false }], { version: '10' }],
    ['with what follows the number as their name', [{ version: '002', name: 'add-items' }], [version, name], { version: '010', name: 'all_tags' }],
    ['with their words as their name', [{ version: '002', name: 'add items' }], [version, name], { version: '010', name: 'all tags' }],
    ['with their file as their name', [{ version: '002', name: '002_add-items.sql' }], [version, name], { version: '010', name: '010_all_tags.sql' }],
    ['without what need not be said', [{ version: '001', by: 'me' }], [version, { name: 'by', isText: true, isNeeded: false }], { version: '010' }],
    [
      'as all rows have it',
      [
        { version: '001', name: 'users' },
        { version: '002', name: 'add-items' },
      ],
      [version, name],
      { version: '010', name: 'all_tags' },
    ],
  ];
  for (const [title, rows, columns, note] of cases) {
    it(`is ${title}`, () => assert.deepEqual(notesFor(last, revisions, rows, columns), [note]));
  }

  const unclear: readonly (readonly [title: string, rows: readonly VersionRow[], columns: readonly NoteColumn[]])[] = [
    ['there is no row yet', [], [version]],
    ['rows differ', [{ version: '001' }, { version: '2' }], [version]],
    ['a needed column says something else', [{ version: '001', name: 'Anna' }], [version, name]],
    ['something else than text is needed', [{ version: '001' }], [version, { name: 'duration', isText: false, isNeeded: true }]],
  ];
  for (const [title, rows, columns] of unclear) {
    it(`is not guessed where ${title}`, () => assert.throws(() => notesFor(last, revisions, rows, columns), { code: 'VERSION_NOTE_UNKNOWN' }));
  }
});
