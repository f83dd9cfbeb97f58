import { env, l10n } from 'vscode';
import type { Clock, Translate } from './present/translate';

/** The editor's own translation. */
export const translate: Translate = (message, ...values) => l10n.t(message, ...values);

/** The present moment, for people who read the editor's language. */
export function clock(): Clock {
  return { now: new Date(), language: env.language };
}
