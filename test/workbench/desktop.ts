import path from 'node:path';
import { runTests } from '@vscode/test-electron';
import { repositoryRoot } from '../lab/paths';
import { startStack } from './support/stack';

// The suite of the extension host in a desktop VS Code, which is downloaded: for machines that have a screen and may.
async function main(): Promise<void> {
  const stack = await startStack('reims-desktop');
  try {
    const code = await runTests({
      version: process.env['VSCODE_VERSION'] ?? 'stable',
      extensionDevelopmentPath: repositoryRoot,
      extensionTestsPath: path.join(repositoryRoot, 'out/workbench/inHost/index.js'),
      launchArgs: [stack.folder, '--disable-extensions', '--disable-workspace-trust'],
    });
    process.exitCode = code;
  } finally {
    await stack.remove();
  }
}

void main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
