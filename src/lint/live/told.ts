import type { Finding } from '../rule';
import { worse, type Severity } from '../severity';
import type { Answer } from './answered';
import { questionKey, type Facts } from './keeper';

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
