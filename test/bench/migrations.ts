import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readSources } from '../../src/migrations/survey';
import { statusOf } from '../../src/migrations/status';
import { migrationHistory } from '../../src/vscode/present/migrationHistory';
import { launchChromium } from '../lab/chromium';
import { repositoryRoot } from '../lab/paths';
import { run } from '../lab/process';
import { median } from './median';

const revisions = 1000;
const rounds = 5;
const ownName = 'migrations.js';

interface Figures {
  /** Milliseconds in which a fresh process tells the status of 1,000 revisions, from the files to the result. */
  readonly alembicStatus1k: number;
  /** Milliseconds from the status to the first picture of its graph, by host and page together. */
  readonly graph1k: number;
}

/** Medians of five rounds, with a history of 1,000 revisions that branches and merges. */
export async function measureMigrations(): Promise<Figures> {
  const folder = await mkdtemp(path.join(tmpdir(), 'container-databases-migrations-'));
  try {
    await fill(folder);
    const status: number[] = [];
    for (let round = 0; round < rounds; round += 1) status.push(Number(await run(process.execPath, [path.join(__dirname, ownName), folder])));
    return { alembicStatus1k: Math.round(median(status)), graph1k: Math.round(median(await paint(folder))) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const id = (index: number): string => `rev${String(index).padStart(9, '0')}`;

/** Every tenth revision begins a branch that is merged four revisions later. */
function parentsOf(index: number): string {
  if (index === 0) return 'None';
  if (index % 10 === 2) return `"${id(index - 2)}"`;
  if (index % 10 === 6) return `("${id(index - 1)}", "${id(index - 5)}")`;
  return `"${id(index - 1)}"`;
}

async function fill(folder: string): Promise<void> {
  const versions = path.join(folder, 'alembic', 'versions');
  await mkdir(versions, { recursive: true });
  await writeFile(path.join(folder, 'alembic.ini'), '[alembic]\nscript_location = alembic\n');
  const body = Array.from({ length: 25 }, (_, column) => `        sa.Column("column_${column}", sa.Text(), nullable=True),`).join('\n');
  for (let index = 0; index < revisions; index += 1) {
    const head = `"""Change number ${index}\n\nRevision ID: ${id(index)}\nCreate Date: 2026-01-01 10:00:00\n"""\nfrom alembic import op\nimport sqlalchemy as sa\n\nrevision: str = "${id(index)}"\ndown_revision = ${parentsOf(index)}\nbranch_labels = None\ndepends_on = None\n`;
    await writeFile(
      path.join(versions, `${id(index)}_change.py`),
      `${head}\n\ndef upgrade() -> None:\n    op.create_table(\n        "t${index}",\n${body}\n    )\n\n\ndef downgrade() -> None:\n    op.drop_table("t${index}")\n`,
    );
  }
}

async function statusIn(folder: string): Promise<ReturnType<typeof statusOf>> {
  const [source] = await readSources([folder]);
  if (source === undefined || source.files.revisions.length !== revisions) throw new Error('The revisions were not all read');
  const table = { schema: 'public', name: 'alembic_version', columns: ['version_num'] };
  const status = statusOf(source, { found: { table, rows: [{ version_num: id(989) }] } });
  if (status.applied.length + status.pending.length !== revisions || status.applied.length < 900)
    throw new Error(`${status.applied.length} revisions are applied`);
  return status;
}

/** What each of the processes does. */
async function timeStatus(folder: string): Promise<number> {
  const start = performance.now();
  await statusIn(folder);
  return performance.now() - start;
}

/** The built page in a real browser, with the message that the editor would send. */
async function paint(folder: string): Promise<readonly number[]> {
  const status = await statusIn(folder);
  const asset = (name: string): Promise<string> => readFile(path.join(repositoryRoot, 'dist', 'webview', name), 'utf8');
  const [script, style] = await Promise.all([asset('migrations.js'), asset('migrations.css')]);
  const browser = await launchChromium();
  const times: number[] = [];
  try {
    for (let round = 0; round < rounds; round += 1) {
      const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
      await page.setContent('<!DOCTYPE html><html><body><main id="content"></main></body></html>');
      await page.addStyleTag({ content: style });
      await page.evaluate('window.acquireVsCodeApi = () => ({ postMessage() {}, getState() {}, setState() {} })');
      await page.addScriptTag({ content: script, type: 'module' });
      const start = performance.now();
      const history = migrationHistory(
        (message, ...values) => message.replace(/\{(\d)\}/g, (_, at: string) => String(values[Number(at)])),
        'bench',
        status,
        () => undefined,
      );
      const host = performance.now() - start;
      const inPage = await page.evaluate(paintInPage, JSON.stringify(history));
      times.push(host + inPage);
      await page.close();
    }
  } finally {
    await browser.close();
  }
  return times;
}

// Runs in the page: until the frame after the one in which the rows were made has been drawn.
async function paintInPage(text: string): Promise<number> {
  const page = globalThis as unknown as {
    dispatchEvent(event: Event): void;
    requestAnimationFrame(callback: () => void): void;
    document: { querySelectorAll(selector: string): { length: number } };
  };
  const start = performance.now();
  page.dispatchEvent(new MessageEvent('message', { data: { kind: 'migrations', history: JSON.parse(text) as unknown } }));
  const frame = (): Promise<void> => new Promise((resolve) => page.requestAnimationFrame(() => resolve()));
  while (page.document.querySelectorAll('.row').length < 10) await frame();
  await frame();
  await frame();
  return performance.now() - start;
}

if (path.basename(process.argv[1] ?? '') === ownName) {
  void timeStatus(process.argv[2] ?? '').then((milliseconds) => console.log(milliseconds));
}
