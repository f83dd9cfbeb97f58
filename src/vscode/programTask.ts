import { ProcessExecution, Task, TaskPanelKind, TaskRevealKind, TaskScope, tasks } from 'vscode';
import { taskType } from './contributions';
import type { ProgramCall } from '../operations/engineCommand';

/** Runs a program as a task whose output the user sees and keeps. Gives its exit code; undefined when it could not be started. */
export async function runProgramTask(title: string, { program, args, env }: ProgramCall, cwd: string): Promise<number | undefined> {
  const execution = new ProcessExecution(program, [...args], { cwd, ...(env === undefined ? {} : { env: { ...env } }) });
  const task = new Task({ type: taskType, title }, TaskScope.Workspace, title, 'Container Databases', execution, []);
  task.presentationOptions = { reveal: TaskRevealKind.Always, panel: TaskPanelKind.Dedicated, clear: true };
  const running = await tasks.executeTask(task);
  return new Promise((resolve) => {
    const ended = [
      tasks.onDidEndTaskProcess(({ execution: each, exitCode }) => {
        if (each === running) finish(exitCode);
      }),
      tasks.onDidEndTask(({ execution: each }) => {
        if (each === running) finish(undefined);
      }),
    ];
    function finish(code: number | undefined): void {
      for (const listener of ended) listener.dispose();
      resolve(code);
    }
  });
}
