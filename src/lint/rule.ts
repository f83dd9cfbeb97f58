import type { Around } from './around';
import type { RevisionFile } from './heads';
import type { Migration, Span, Statement } from './model';
import type { Question } from './live/question';
import type { Profile, Severity } from './severity';

/** What a rule has to say about one place. */
export interface Report {
  readonly span: Span;
  readonly message: string;
  /** Where it differs from the rule's own. */
  readonly severity?: Severity;
  /** What the live database could add. */
  readonly questions?: readonly Question[];
  /** The whole statement that it is about; for fixes. */
  readonly statement?: Statement;
  /** Only worth saying when the database has something to add. */
  readonly onlyWithFacts?: true;
}

/**
 * A migration, and a test: SQL, or what stands in `upgrade()`. The warning has to underline what is between `«` and `»`.
 */
export type Example = string;

/** One rule as data. It knows statements only, and nothing of the language they were written in. */
export interface Rule {
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  /** Its severity where only a developer's own database is at stake; the same when left out. */
  readonly development?: Severity | 'off';
  readonly why: string;
  readonly remedy: string;
  /** Where the facts come from. */
  readonly source: string;
  readonly bad: readonly Example[];
  readonly good: readonly Example[];
  /** Looks at each statement. */
  readonly statement?: (statement: Statement, around: Around) => Report | undefined;
  /** Looks at the file as a whole. */
  readonly file?: (migration: Migration) => readonly (Report & Pick<Finding, 'direction'>)[];
  /** Looks at all files of a folder together. */
  readonly files?: (files: readonly RevisionFile[]) => readonly (Report & { readonly file: string })[];
}

/** What a rule says of a file, as it is shown. */
export interface Finding extends Report {
  readonly rule: string;
  readonly severity: Severity;
  readonly direction?: 'up' | 'down';
}

/** The severity of a rule in a profile. */
export function severityIn({ severity, development }: Rule, profile: Profile): Severity | 'off' {
  return profile === 'development' && development !== undefined ? development : severity;
}
