import assert from 'node:assert/strict';
import type { InputBoxOptions, SecretStorage } from 'vscode';
import { BackupKeys } from '../../../src/vscode/backupKeys';
import { rejectsWith } from '../operations/rejectsWith';
import { english } from './facts';

interface Asked {
  readonly warnings: string[];
  readonly boxes: InputBoxOptions[];
}

/** Keys with a storage in memory, and a user who presses the button (or not) and types these texts. */
function keysOf(
  stored: Map<string, string>,
  typed: readonly (string | undefined)[],
  agrees = true,
  keeps = true,
): { readonly keys: BackupKeys; readonly asked: Asked } {
  const asked: Asked = { warnings: [], boxes: [] };
  const secrets = {
    get: async (name: string) => stored.get(name),
    store: async (name: string, value: string) => void (keeps && stored.set(name, value)),
    delete: async (name: string) => void stored.delete(name),
  } as unknown as SecretStorage;
  const answers = [...typed];
  const boxes = {
    showWarningMessage: async (message: string, { detail }: { readonly detail: string }, button: string) => {
      asked.warnings.push(`${message} ${detail}`);
      return agrees ? button : undefined;
    },
    showInputBox: async (options: InputBoxOptions) => {
      asked.boxes.push(options);
      return answers.shift();
    },
  } as unknown as ConstructorParameters<typeof BackupKeys>[2];
  return { keys: new BackupKeys(secrets, english, boxes), asked };
}

const passphrase = (text: string): unknown => ({ kind: 'passphrase', passphrase: text });

describe('passphrases of backups', () => {
  it('are asked for once, twice over, with a warning, and then kept', async () => {
    const stored = new Map<string, string>();
    const { keys, asked } = keysOf(stored, ['four words it is', 'four words it is']);
    assert.deepEqual(await keys.forWriting('shop'), passphrase('four words it is'));
    assert.deepEqual(await keys.forWriting('shop'), passphrase('four words it is'));
    assert.deepEqual(await keys.forReading('shop'), passphrase('four words it is'));
    assert.equal(asked.warnings.length, 1);
    assert.match(asked.warnings[0] ?? '', /backups of shop .* nobody can ever read them again/);
    assert.equal(asked.boxes.length, 2);
    assert.ok(asked.boxes.every((box) => box.password === true && box.ignoreFocusOut === true));
    assert.deepEqual([...stored.values()], ['four words it is']);
  });

  it('must not be empty, and be typed the same again', async () => {
    const { keys, asked } = keysOf(new Map(), ['a', 'a']);
    await keys.forWriting('shop');
    const [first, second] = asked.boxes;
    assert.notEqual(await first?.validateInput?.(''), undefined);
    assert.equal(await first?.validateInput?.('x'), undefined);
    assert.notEqual(await second?.validateInput?.('b'), undefined);
    assert.equal(await second?.validateInput?.('a'), undefined);
  });

  for (const [what, typed, agrees] of [
    ['the warning', ['a', 'a'], false],
    ['the first box', [undefined, 'a'], true],
    ['the second box', ['a', undefined], true],
  ] as const) {
    it(`are not kept when the user closes ${what}`, async () => {
      const stored = new Map<string, string>();
      assert.equal(await keysOf(stored, typed, agrees).keys.forWriting('shop'), undefined);
      assert.equal(stored.size, 0);
    });
  }

  it('are refused when the editor cannot keep them', async () => {
    const { message } = await rejectsWith('PASSPHRASE_NOT_KEPT', keysOf(new Map(), ['a', 'a'], true, false).keys.forWriting('shop'));
    assert.equal(message, 'The editor could not keep the passphrase.');
  });

  it('are one for each project, and forgotten alone', async () => {
    const { keys } = keysOf(new Map(), ['a', 'a', 'b', 'b', 'old']);
    await keys.forWriting('shop');
    assert.deepEqual(await keys.forWriting('blog'), passphrase('b'));
    await keys.forget('shop');
    assert.deepEqual(await keys.forReading('blog'), passphrase('b'));
    assert.deepEqual(await keys.forReading('shop'), passphrase('old'));
  });

  it('are asked for when the one that is kept is wrong, and the other is not kept', async () => {
    const { keys, asked } = keysOf(new Map(), ['new', 'new', 'old', '']);
    const kept = await keys.forWriting('shop');
    assert.deepEqual(await keys.forReading('shop', kept), passphrase('old'));
    assert.match(asked.boxes.at(-1)?.prompt ?? '', /not the one/);
    assert.deepEqual(await keys.forReading('shop'), kept);
    assert.equal(await keys.forReading('shop', kept), undefined);
  });
});
