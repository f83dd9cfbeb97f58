import type { PostgresServer } from '../../postgres/server';
import { withSession, type Session } from '../../postgres/session';
import { Failure, messageOf } from '../../protocol/failure';
import { answer, type Surroundings } from './answer';
import type { Answer } from './answered';
import type { Question } from './question';

/** Milliseconds that one question may take. */
const statementTimeout = 2000;
/** Milliseconds for which an answer holds, unless something is known to have changed. */
const lifetime = 60_000;

/** The database that is asked, and under what its answers are remembered. */
export interface AskedDatabase {
  /** Changes when the container does. */
  readonly key: string;
  readonly server: PostgresServer;
  readonly database: string;
}

export interface Facts {
  /** By the question, as `questionKey` writes it. */
  readonly answers: ReadonlyMap<string, Answer>;
  readonly askedAt: Date;
}

interface Kept {
  readonly answer: Answer | undefined;
  readonly at: number;
}

export function questionKey(question: Question): string {
  return JSON.stringify(question);
}

/** Asks databases what rules want to know: all questions of a file in one session that can only read. */
export class FactKeeper {
  private readonly kept = new Map<string, Kept>();

  /** Answers from memory where they are fresh. Throws what connecting throws, and `CANCELLED`. */
  async ask(asked: AskedDatabase, questions: readonly Question[], surroundings: Surroundings, signal: AbortSignal): Promise<Facts> {
    const now = surroundings.now.getTime();
    const keys = new Map(questions.map((question) => [questionKey(question), question]));
    const missing = [...keys].filter(([key]) => now - (this.kept.get(`${asked.key} ${key}`)?.at ?? 0) > lifetime);
    if (missing.length > 0) {
      const options = { statementTimeout, applicationName: 'container-databases lint', signal };
      await withSession(asked.server, asked.database, options, async (session) => {
        await session.execute('SET default_transaction_read_only = on');
        for (const [key, question] of missing) {
          signal.throwIfAborted();
          this.kept.set(`${asked.key} ${key}`, { answer: await tried(session, question, surroundings, signal), at: now });
        }
      });
    }
    const answers = new Map<string, Answer>();
    let oldest = now;
    for (const key of keys.keys()) {
      const kept = this.kept.get(`${asked.key} ${key}`);
      if (kept?.answer !== undefined) answers.set(key, kept.answer);
      oldest = Math.min(oldest, kept?.at ?? now);
    }
    return { answers, askedAt: new Date(oldest) };
  }

  /** Forgets everything: something has changed. */
  forget(): void {
    this.kept.clear();
  }
}

/** A question that cannot be answered says why in its place; the others are asked all the same. */
async function tried(session: Session, question: Question, surroundings: Surroundings, signal: AbortSignal): Promise<Answer | undefined> {
  try {
    return await answer(session, question, surroundings);
  } catch (error) {
    if (signal.aborted) throw error;
    const why = error instanceof Failure ? error.message : messageOf(error);
    return /timeout/i.test(why) ? { text: 'counting took longer than 2 seconds' } : { text: `it could not be asked: ${why}` };
  }
}
