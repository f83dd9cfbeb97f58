import type { SourceRange } from '../../compose/composeModel';
import type { Verdict } from './survival';

/** Something that a user should know about a service. */
export interface Finding {
  /** Stable; scripts may test for it. */
  readonly code: string;
  /** `danger` costs data, `advice` does not by itself, `good` is why all is well. */
  readonly severity: 'danger' | 'unsure' | 'advice' | 'good';
  readonly message: string;
  /** The service whose entry in the file this is about, when it is another one. */
  readonly service?: string;
  /** The field of that entry; without it, the entry itself. */
  readonly field?: string;
  /** Its exact place, where one is known. */
  readonly range?: SourceRange;
  /** The verdict can be no better than this. */
  readonly verdict?: Verdict;
}
