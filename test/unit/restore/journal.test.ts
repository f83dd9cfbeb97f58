import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { Journal, type JournalEntry } from '../../../src/restore/journal';
import { rejectsWith } from '../operations/rejectsWith';
import { temporaryFolder } from '../operations/temporaryFolder';
import { entryOf } from './restoreParts';

describe('Journal', () => {
  const at = temporaryFolder();
  const journal = (): Journal => new Journal(at('state', 'journal'));

  it('gives back what was written, and nothing once it is removed', async () => {
    const entries: readonly JournalEntry[] = [
      entryOf(),
      entryOf({ id: 'b', kind: 'undo', upload: '/tmp/container-databases-b.dump', stopped: ['api', 'worker'] }),
    ];
    for (const entry of entries) await journal().write(entry);
    const byId = (a: JournalEntry, b: JournalEntry): number => a.id.localeCompare(b.id);
    assert.deepEqual((await journal().entries()).toSorted(byId), entries.toSorted(byId));
    for (const { id } of entries) await journal().remove(id);
    await journal().remove('b');
    assert.deepEqual(await journal().entries(), []);
  });

  it('replaces an entry whole', async () => {
    await journal().write(entryOf());
    await journal().write(entryOf({ phase: 'swapped' }));
    assert.deepEqual(await journal().entries(), [entryOf({ phase: 'swapped' })]);
    assert.equal(readdirSync(at('state', 'journal')).length, 1);
  });

  it('is empty before anything was written', async () => {
    assert.deepEqual(await journal().entries(), []);
  });

  it('can be read by its owner only', async function () {
    if (process.platform === 'win32') this.skip();
    await journal().write(entryOf());
    assert.equal(statSync(at('state', 'journal')).mode & 0o777, 0o700);
    assert.equal(statSync(at('state', 'journal', `${entryOf().id}.json`)).mode & 0o777, 0o600);
  });

  it('is open as long as anything lies in it, readable or not', async () => {
    assert.equal(await journal().isOpen(), false);
    await journal().write(entryOf());
    assert.equal(await journal().isOpen(), true);
    await journal().remove(entryOf().id);
    assert.equal(await journal().isOpen(), false);
    writeFileSync(at('state', 'journal', 'newer.json'), '{"schemaVersion": 2}');
    assert.equal(await journal().isOpen(), true);
  });

  it('passes over what it cannot read, and leaves it for a newer version', async () => {
    await journal().write(entryOf());
    const others: Readonly<Record<string, string>> = {
      'newer.json': JSON.stringify({ ...entryOf(), schemaVersion: 2 }),
      'phase.json': JSON.stringify({ ...entryOf(), phase: 'thinking' }),
      'half.json': JSON.stringify(entryOf()).slice(0, 50),
      'empty.json': '',
      'x.json.4711.partial': JSON.stringify(entryOf({ id: 'x' })),
      'notes.txt': 'mine',
    };
    for (const [name, text] of Object.entries(others)) writeFileSync(at('state', 'journal', name), text);
    mkdirSync(at('state', 'journal', 'folder.json'));
    assert.deepEqual(await journal().entries(), [entryOf()]);
    for (const [name, text] of Object.entries(others)) assert.equal(readFileSync(at('state', 'journal', name), 'utf8'), text);
  });

  it('says when its folder is a file', async () => {
    mkdirSync(at('state'));
    writeFileSync(at('state', 'journal'), '');
    await rejectsWith('FILE_FAILED', journal().entries());
  });
});
