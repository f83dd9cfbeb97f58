import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { runToEnd } from '../../../../src/persistence/volumes/composeRun';
import { waitFor } from '../../../lab/process';
import { fakeOperation } from '../../operations/fakeOperation';
import { rejectsWith } from '../../operations/rejectsWith';
import { temporaryFolder } from '../../operations/temporaryFolder';

describe('Compose that is run for us', () => {
  const at = temporaryFolder();
  const shell = (script: string, ...args: readonly string[]) => ({ program: 'sh', args: ['-c', script, 'sh', ...args], env: {} });

  it('is ended with all that it started when it hangs, and says what it said', async function () {
    if (process.platform === 'win32') return this.skip();
    const file = at('pid');
    const hanging = shell('sleep 600 & echo $! >"$1"; echo "pulling for ever"; wait', file);
    const failure = await rejectsWith('COMPOSE_STUCK', runToEnd(hanging, { cwd: at('.'), words: 'compose up', limit: 300 }, fakeOperation()));
    assert.match(failure.message, /^"compose up" did not end within 0\.3 s: pulling for ever$/);
    const stat = `/proc/${readFileSync(file, 'utf8').trim()}/stat`;
    // Whoever collects it may not have done so yet.
    await waitFor('the end of what it started', async () => !existsSync(stat) || / [ZX] /.test(readFileSync(stat, 'utf8')), 10_000);
  });

  it('may take as long as it likes where no limit is set, and fails with its words', async () => {
    await runToEnd(shell('true'), { cwd: at('.'), words: 'compose up' }, fakeOperation());
    const failure = await rejectsWith(
      'COMPOSE_FAILED',
      runToEnd(shell('echo no such file >&2; exit 3'), { cwd: at('.'), words: 'compose up' }, fakeOperation()),
    );
    assert.match(failure.message, /no such file/);
  });
});
