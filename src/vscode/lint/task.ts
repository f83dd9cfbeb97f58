import { ProcessExecution, Task, workspace, type TaskProvider } from 'vscode';
import { taskType } from '../contributions';
import { lintWishes } from '../settings';
import { translate as t } from '../translate';

const title = 'Check migrations';

/** A task for each folder that looks at all its migrations; its output becomes problems. */
export function lintTasks(commandLine: string): TaskProvider {
  return {
    provideTasks: () =>
      (workspace.workspaceFolders ?? [])
        .filter(({ uri }) => uri.scheme === 'file')
        .map((folder) => {
          const { profile, overrides } = lintWishes();
          const chosen = Object.entries(overrides).flatMap(([rule, severity]) => ['--severity', `${rule}=${severity}`]);
          const args = [commandLine, 'lint', '--fail-on', 'high', '--profile', profile, ...chosen, '.'];
          const execution = new ProcessExecution(process.execPath, args, { cwd: folder.uri.fsPath, env: { ELECTRON_RUN_AS_NODE: '1' } });
          return new Task({ type: taskType, title }, folder, t('Check migrations'), 'Container Databases', execution, ['$container-databases']);
        }),
    resolveTask: () => undefined,
  };
}
