import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';

/** Milliseconds after which a psql that nobody asks is ended. */
const idleTime = 500;

/** A psql that is asked one thing after another: to begin one costs the engine more than most questions do. */
class KeptPsql {
  private readonly child: ChildProcess;
  private output = '';
  private complaint = '';
  private hasEnded = false;
  private check = (): void => undefined;
  private idle: NodeJS.Timeout | undefined;

  constructor(program: string, args: readonly string[], env: NodeJS.ProcessEnv, onEnd: () => void) {
    this.child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
    this.child.stdin?.on('error', () => undefined); // it may have ended
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.output += text;
      this.check();
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.complaint += text));
    for (const event of ['error', 'close'] as const) {
      this.child.on(event, () => {
        this.hasEnded = true;
        onEnd();
        this.check();
      });
    }
  }

  /** Gives what a query prints; undefined where one that was asked before has ended, for its server may have. Throws what it says when the query fails. */
  async ask(query: string): Promise<string | undefined> {
    clearTimeout(this.idle);
    const isFirst = this.idle === undefined;
    const mark = randomUUID();
    this.output = '';
    this.child.stdin?.write(`${query}\n;\n\\echo ${mark}\n`);
    await new Promise<void>((resolve) => {
      this.check = () => {
        if (this.hasEnded || this.output.includes(mark)) resolve();
      };
      this.check();
    });
    const [answer = '', rest] = this.output.split(mark);
    if (rest !== undefined) {
      this.idle = setTimeout(() => this.child.stdin?.end(), idleTime).unref();
      return answer;
    }
    if (!isFirst) return undefined;
    throw new Error(this.complaint);
  }
}

const kept = new Map<string, { readonly psql: KeptPsql; turn: Promise<unknown> }>();

/** Asks a psql with these arguments, which is kept for a moment for the next question. */
export async function askPsql(program: string, args: readonly string[], env: NodeJS.ProcessEnv, query: string): Promise<string> {
  const key = JSON.stringify([program, args]);
  const present = kept.get(key) ?? begin(key, program, args, env);
  const answer = present.turn.then(() => present.psql.ask(query));
  present.turn = answer.catch(() => undefined);
  return (await answer) ?? askPsql(program, args, env, query);
}

function begin(key: string, program: string, args: readonly string[], env: NodeJS.ProcessEnv): { readonly psql: KeptPsql; turn: Promise<unknown> } {
  const made = { psql: new KeptPsql(program, args, env, () => kept.get(key) === made && kept.delete(key)), turn: Promise.resolve() };
  kept.set(key, made);
  return made;
}
