import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Linter } from '../../src/lint/linter';
import { repositoryRoot } from '../lab/paths';
import { tryRun } from '../lab/process';
import { makeMigrations } from '../unit/lint/corpus';
import { median } from './median';

const fileCount = 1700;
const rounds = 3;
const keystrokes = 200;
const lineCount = 500;

/** Milliseconds that our command line takes for 1,700 Alembic files, at first and once more, and that a keystroke in a long one costs. */
export async function measureLint(): Promise<{ readonly coldMs: number; readonly warmMs: number; readonly keystrokeMs: number }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'container-databases-lint-'));
  try {
    const versions = path.join(folder, 'project', 'versions');
    await mkdir(versions, { recursive: true });
    for (const { file, text } of makeMigrations(fileCount)) await writeFile(path.join(versions, path.basename(file)), text);
    const cold: number[] = [];
    const warm: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const env = { CONTAINER_DATABASES_STATE: path.join(folder, `state ${round}`) };
      cold.push(await commandLine(versions, env));
      warm.push(await commandLine(versions, env));
    }
    return { coldMs: median(cold), warmMs: median(warm), keystrokeMs: await measureKeystroke() };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function commandLine(folder: string, env: NodeJS.ProcessEnv): Promise<number> {
  const start = performance.now();
  const { stdout } = await tryRun(process.execPath, [path.join(repositoryRoot, 'dist', 'cli.js'), 'lint', folder, '--json'], { env });
  const took = performance.now() - start;
  const { files } = JSON.parse(stdout) as { readonly files: number };
  if (files !== fileCount) throw new Error(`${files} files were looked at, not ${fileCount}`);
  return Math.round(took);
}

/** Types into the middle of a migration of 500 lines, one character after the other. */
async function measureKeystroke(): Promise<number> {
  const body = makeMigrations(2000)
    .filter(({ onNewTables }) => !onNewTables)
    .flatMap(({ text }) => text.slice(text.indexOf('def upgrade'), text.indexOf('def downgrade')).split(/\r?\n/).slice(1))
    .slice(0, lineCount);
  const text = `from alembic import op\nrevision = 'a'\ndown_revision = None\n\n\ndef upgrade():\n${body.join('\n')}\n`;
  const linter = new Linter(true);
  await linter.lint('long.py', text);
  const middle = text.indexOf('\n    op.', text.length / 2);
  const typed = "\n    op.drop_column('users', 'email')  # ".padEnd(keystrokes, 'x');
  const times: number[] = [];
  for (let length = 1; length <= typed.length; length += 1) {
    const now = text.slice(0, middle) + typed.slice(0, length) + text.slice(middle);
    const start = performance.now();
    await linter.lint('long.py', now);
    times.push(performance.now() - start);
  }
  return Math.round(median(times) * 100) / 100;
}
