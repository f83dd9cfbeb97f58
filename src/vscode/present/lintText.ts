import type { KnownFacts } from '../../lint/live/told';
import { formatAge } from '../../protocol/format';
import type { Translate } from './translate';

/** Where facts come from and how old they are: `reims on this machine, 2 min ago`. */
export function sourceText(t: Translate, facts: KnownFacts, now: Date): string {
  return t('{0} on this machine, {1}', facts.database, formatAge(facts.askedAt, now));
}
