import { window } from 'vscode';
import type { Question } from './present/restoreText';

/** Asks in a modal. Gives whether the user wants it. */
export async function askFirst({ message, detail, button }: Question): Promise<boolean> {
  return (await window.showWarningMessage(message, { modal: true, detail }, button)) === button;
}
