/** Gives a message in the user's language, `{0}`, `{1}` … replaced. In the editor it is `vscode.l10n.t`. */
export type Translate = (message: string, ...values: (string | number)[]) => string;

/** What words about time depend on. */
export interface Clock {
  readonly now: Date;
  /** A language tag, for the names of months and the like. */
  readonly language: string;
}
