import type { Answer } from '../../lint/live/answered';
import { questionKey, type Facts } from '../../lint/live/keeper';
import type { Finding } from '../../lint/rule';
import type { Severity } from '../../lint/severity';
import { worse } from '../../lint/severity';
import { formatAge } from '../../protocol/format';
import type { Translate } from './translate';

/** Facts, and the database that they come from. */
export interface KnownFacts extends Facts {
  readonly database: string;
}

/** What the database answered to a warning's questions. */
export function answersTo({ questions = [] }: Pick<Finding, 'questions'>, facts: KnownFacts | undefined): readonly Answer[] {
  return facts === undefined ? [] : questions.flatMap((question) => facts.answers.get(questionKey(question)) ?? []);
}

/** How much worse the facts make it; undefined when they do not. */
export function raisedBy(answers: readonly Answer[]): Severity | undefined {
  return answers.map(({ raised }) => raised).reduce((a, b) => (a === undefined || b === undefined ? (a ?? b) : worse(a, b)), undefined);
}

/** A warning's text: what the statement does, and what would happen now in which database. */
export function warningText({ message }: Pick<Finding, 'message'>, answers: readonly Answer[], facts: KnownFacts | undefined): string {
  if (facts === undefined || answers.length === 0) return message;
  return `${message}\n${facts.database}: ${answers.map(({ text }) => text).join('; ')}.`;
}

/** Where facts come from and how old they are: `reims on this machine, 2 min ago`. */
export function sourceText(t: Translate, facts: KnownFacts, now: Date): string {
  return t('{0} on this machine, {1}', facts.database, formatAge(facts.askedAt, now));
}
