import path from 'node:path';
import { look } from '../../src/health/look';
import { readTables } from '../../src/health/statistics';
import { createApp } from '../../src/app';
import { findDatabase } from '../../src/inventory/target';
import type { StatisticsMessage, TableFigures } from '../../src/protocol/statistics';
import { statisticsView } from '../../src/vscode/present/statisticsView';
import { launchChromium } from '../lab/chromium';
import { repositoryRoot } from '../lab/paths';
import { median } from './median';

const rounds = 5;

/** Milliseconds for the statistics of 10,000 tables: to ask for them, to pack and unpack them for the view, and from there to the first picture. */
export interface StatisticsTimes {
  readonly queryMs: number;
  readonly transferMs: number;
  readonly paintMs: number;
}

/** Makes 10,000 tables in a database of its own; so many in one transaction would exhaust the server's locks. */
export async function makeManyTables(psql: (database: string, args: readonly string[]) => Promise<unknown>): Promise<void> {
  await psql('postgres', ['-c', 'CREATE DATABASE many']);
  const batch = (from: number): string =>
    `DO $$ BEGIN FOR i IN ${from}..${from + 999} LOOP EXECUTE format('CREATE TABLE t_%s (id int PRIMARY KEY, name text, at timestamptz)', i); END LOOP; END $$`;
  await psql('many', Array.from({ length: 10 }, (_, index) => ['-c', batch(index * 1000 + 1)]).flat());
  await psql('many', ['-c', 'INSERT INTO t_1 SELECT g, md5(g::text) FROM generate_series(1, 50000) AS g', '-c', 'ANALYZE t_1']);
}

/** Medians of five. */
export async function measureStatistics(target: string): Promise<StatisticsTimes> {
  const log = { debug: () => undefined, info: () => undefined, warn: console.error, error: console.error };
  const app = createApp({ endpoint: () => undefined, backupFolder: () => '', folders: () => [] }, log);
  const { service, database } = findDatabase(await app.inventory.refresh(), target);
  const server = app.inventory.serverOf(service);
  const query: number[] = [];
  let tables: readonly TableFigures[] = [];
  for (let round = 0; round < rounds; round += 1) query.push(await milliseconds(async () => (tables = await look(server, database.name, readTables))));
  if (tables.length !== 10_000) throw new Error(`${tables.length} tables were read`);
  const translate = (message: string): string => message;
  const place = { name: database.name, service: service.name, sizeBytes: database.sizeBytes };
  const message: StatisticsMessage = { kind: 'statistics', view: statisticsView(translate, place, tables, [], { now: new Date(), language: 'en' }) };
  const transfer: number[] = [];
  for (let round = 0; round < rounds; round += 1) transfer.push(await milliseconds(async () => void JSON.parse(JSON.stringify(message))));
  return { queryMs: Math.round(median(query)), transferMs: Math.round(median(transfer)), paintMs: Math.round(median(await paint(message))) };
}

/** From the message to the picture after next, by when the first has been drawn, each time in a page of its own. */
async function paint(message: StatisticsMessage): Promise<readonly number[]> {
  const browser = await launchChromium();
  try {
    const times: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
      await page.setContent('<!DOCTYPE html><html lang="en"><body><main id="content"></main></body></html>');
      await page.addStyleTag({ path: path.join(repositoryRoot, 'dist/webview/statistics.css') });
      await page.evaluate('globalThis.acquireVsCodeApi = () => ({ postMessage() {}, getState() {}, setState() {} })');
      await page.addScriptTag({ path: path.join(repositoryRoot, 'dist/webview/statistics.js'), type: 'module' });
      await page.evaluate(`globalThis.message = ${JSON.stringify(message)}`);
      times.push(
        await page.evaluate(`new Promise((resolve) => {
          const start = performance.now();
          addEventListener('message', () => requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now() - start))));
          postMessage(globalThis.message, '*');
        })`),
      );
      const rows = await page.locator('.grid-body .grid-row').count();
      if (rows < 20) throw new Error(`${rows} rows were drawn`);
      await page.close();
    }
    return times;
  } finally {
    await browser.close();
  }
}

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
