import type { StoredFinding } from '../run';
import type { Question } from './question';
import { answersTo, raisedBy, warningText, type KnownFacts } from './told';

/** Findings that came with their questions, with what a database answers. All are asked at once. Throws what asking throws. */
export async function withFacts<Found extends StoredFinding>(
  findings: readonly Found[],
  ask: (questions: readonly Question[]) => Promise<KnownFacts>,
): Promise<readonly Found[]> {
  const facts = await ask(findings.flatMap(({ questions = [] }) => questions));
  return findings.flatMap((finding): readonly Found[] => {
    const answers = answersTo(finding, facts);
    const raised = raisedBy(answers);
    if (finding.onlyWithFacts === true && raised === undefined) return [];
    return [{ ...finding, message: warningText(finding, answers, facts), ...(raised === undefined ? {} : { raised }) }];
  });
}
