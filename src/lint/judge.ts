import type { Finding } from './rule';
import { severityIn } from './rule';
import { ruleOf } from './rules/all';
import { worse, type Overrides, type Profile, type Severity } from './severity';

/** How the user wants to be warned. */
export interface Wishes {
  readonly profile: Profile;
  readonly overrides: Overrides;
}

/** What a finding counts for by the user's wishes; `off` when it is not wanted. Facts can make it worse, and never milder. */
export function judged(finding: Pick<Finding, 'rule' | 'severity'>, { profile, overrides }: Wishes, raised?: Severity): Severity | 'off' {
  const rule = ruleOf(finding.rule);
  if (rule === undefined) return finding.severity;
  const wanted = overrides[rule.id] ?? severityIn(rule, profile);
  if (wanted === 'off') return 'off';
  const own = finding.severity === rule.severity ? wanted : finding.severity; // a rule may know better in a single place
  return raised === undefined ? own : worse(own, raised);
}
