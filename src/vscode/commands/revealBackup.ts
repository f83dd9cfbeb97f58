import { commands, env, UIKind, Uri, window, workspace } from 'vscode';
import { translate as t } from '../translate';
import { targetBackup } from './targetBackup';
import type { Command, CommandContext } from './command';

export const revealBackup: Command = {
  id: 'containerDatabases.revealBackup',
  enabled: (subject) => subject === undefined || subject.kind === 'backup',
  async run(context, subject) {
    const target = await targetBackup(context, subject, t('Reveal which backup?'));
    if (target !== undefined) await reveal(context, target.backup.file);
    return target?.backup.file;
  },
};

/** Shows a file where files are shown: in the file manager, or, where there is none at hand, in the Explorer. */
export async function reveal({ log }: Pick<CommandContext, 'log'>, file: string): Promise<void> {
  const uri = Uri.file(file);
  if (env.remoteName === undefined && env.uiKind === UIKind.Desktop) {
    await commands.executeCommand('revealFileInOS', uri);
    return;
  }
  if (workspace.getWorkspaceFolder(uri) !== undefined) {
    await commands.executeCommand('revealInExplorer', uri);
    return;
  }
  log.debug(`${file} lies outside of the workspace, on a host without a file manager`);
  await env.clipboard.writeText(file);
  void window.showInformationMessage(t('The file lies outside of this workspace; its path was copied: {0}', file));
}
