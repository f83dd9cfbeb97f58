import { env, window } from 'vscode';
import { translate as t } from '../translate';

/** Puts a report on the clipboard, line by line, and says so. */
export async function copyReport(lines: readonly string[]): Promise<void> {
  await env.clipboard.writeText(`${lines.join('\n')}\n`);
  void window.showInformationMessage(t('The report was copied.'));
}
