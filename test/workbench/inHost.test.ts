import assert from 'node:assert/strict';
import path from 'node:path';
import { runInHost } from '../lab/inHost';
import { repositoryRoot } from '../lab/paths';
import type { VSCodeVersion } from '../lab/vscodeInstall';
import { startStack, type Stack } from './support/stack';

const versions: readonly VSCodeVersion[] = ['1.139', '1.100'];

describe('in the extension host', () => {
  let stack: Stack;

  before(async () => {
    stack = await startStack('reims-in-host');
  });

  after(() => stack.remove());

  for (const version of versions) {
    it(`passes its suite in VS Code ${version}`, async () => {
      const results = await runInHost({
        version,
        folder: stack.folder,
        extensionDevelopmentPath: repositoryRoot,
        testsPath: path.join(repositoryRoot, 'out/workbench/inHost/index.js'),
        env: { CONTAINER_DATABASES_STATE: path.join(stack.folder, '.state'), CONTAINER_DATABASES_PROJECT: `${stack.name}*` },
      });
      assert.deepEqual(results.failures, []);
      assert.ok(results.passed > 0, 'no test was run');
    });
  }
});
