import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readGitState } from '../../../src/backup/git';
import { temporaryFolder } from '../operations/temporaryFolder';

const commit = '0123456789abcdef0123456789abcdef01234567';
const other = 'f'.repeat(40);

describe('readGitState', () => {
  const at = temporaryFolder();
  const write = (file: string, text: string): void => {
    mkdirSync(path.dirname(at(file)), { recursive: true });
    writeFileSync(at(file), text);
  };

  it('reads branch and commit, from a folder below the repository too', async () => {
    write('.git/HEAD', 'ref: refs/heads/feature/nice-name\n');
    write('.git/refs/heads/feature/nice-name', `${commit}\n`);
    mkdirSync(at('a', 'b'), { recursive: true });
    for (const folder of [at(), at('a', 'b'), at('a', 'not-made-yet')]) assert.deepEqual(await readGitState(folder), { branch: 'feature/nice-name', commit });
  });

  it('reads a commit without a branch', async () => {
    write('.git/HEAD', `${commit}\n`);
    assert.deepEqual(await readGitState(at()), { commit });
  });

  it('reads a commit of SHA-256', async () => {
    write('.git/HEAD', `${'a'.repeat(64)}\n`);
    assert.deepEqual(await readGitState(at()), { commit: 'a'.repeat(64) });
  });

  it('reads packed references, of the very name', async () => {
    write('.git/HEAD', 'ref: refs/heads/main\n');
    write(
      '.git/packed-refs',
      `# pack-refs with: peeled fully-peeled sorted\n${other} refs/heads/not/refs/heads/main2\n${other} refs/remotes/origin/main\n${commit} refs/heads/main\n^${other}\n`,
    );
    assert.deepEqual(await readGitState(at()), { branch: 'main', commit });
  });

  it('prefers a loose reference to a packed one, which is older', async () => {
    write('.git/HEAD', 'ref: refs/heads/main\n');
    write('.git/packed-refs', `${other} refs/heads/main\n`);
    write('.git/refs/heads/main', `${commit}\n`);
    assert.deepEqual(await readGitState(at()), { branch: 'main', commit });
  });

  for (const [title, pointer] of [
    ['absolute', (): string => at('repository', '.git', 'worktrees', 'tree')],
    ['relative', (): string => '../repository/.git/worktrees/tree'],
  ] as const) {
    it(`follows the ${title} pointer of a worktree to the references of its repository`, async () => {
      write('repository/.git/HEAD', 'ref: refs/heads/main\n');
      write('repository/.git/refs/heads/main', `${other}\n`);
      write('repository/.git/refs/heads/topic', `${commit}\n`);
      write('repository/.git/worktrees/tree/HEAD', 'ref: refs/heads/topic\n');
      write('repository/.git/worktrees/tree/commondir', '../..\n');
      write('tree/.git', `gitdir: ${pointer()}\n`);
      assert.deepEqual(await readGitState(at('tree')), { branch: 'topic', commit });
    });
  }

  it('knows nothing of a branch without a commit', async () => {
    write('.git/HEAD', 'ref: refs/heads/main\n');
    assert.equal(await readGitState(at()), undefined);
  });

  it('knows nothing of a repository whose files say nothing', async () => {
    for (const head of ['', 'nonsense', 'ref: refs/tags/x', 'abc123']) {
      write('.git/HEAD', head);
      assert.equal(await readGitState(at()), undefined, head);
    }
  });

  it('knows nothing of a pointer that leads nowhere', async () => {
    write('.git', 'gitdir: /nowhere/at/all\n');
    assert.equal(await readGitState(at()), undefined);
  });

  it('knows nothing where there is no repository', async () => {
    assert.equal(await readGitState(at('x')), undefined);
  });
});
