import { measureCatalogue } from './catalogue';
import { measureHealth } from './health';
import { measureIdle } from './idle';
import { measureLint } from './lint';
import { measureMigrations } from './migrations';
import { measureStatistics } from './statistics';

export type Figures = Readonly<Record<string, number>>;

/** What can be measured by itself: `--only stats10k,healthMs`. Each gets the database that has 10,000 tables. */
export const parts: Readonly<Record<string, (many: string) => Promise<Figures>>> = {
  stats10k: measureManyTables,
  healthMs: measureManyChecks,
  idleCpu: measureIdleTime,
  migrations: measureRevisions,
  lint: measureWarnings,
  catalogue: measureListing,
};

export function say(message: string): void {
  process.stderr.write(`${message}\n`);
}

/** What the statistics of 10,000 tables take. */
async function measureManyTables(target: string): Promise<Figures> {
  const { queryMs, transferMs, paintMs } = await measureStatistics(target);
  say(`the statistics of 10,000 tables: ${queryMs} ms to ask, ${transferMs} ms to pack, ${paintMs} ms to the first picture`);
  return { stats10kQueryMs: queryMs, stats10kTransferMs: transferMs, stats10kPaintMs: paintMs };
}

/** What the health of a database with 10,000 tables takes. */
async function measureManyChecks(target: string): Promise<Figures> {
  const { slowestMs, slowest, sumMs } = await measureHealth(target);
  say(`the checks of a database with 10,000 tables: ${sumMs} ms in all, ${slowestMs} ms the slowest: ${slowest}`);
  return { healthMs: slowestMs, healthSumMs: sumMs };
}

async function measureIdleTime(): Promise<Figures> {
  const { withUs, without } = await measureIdle();
  say(`the extension host takes ${withUs} % of a processor with the view hidden, ${without} % without us`);
  return { idleCpu: Math.max(0, Math.round((withUs - without) * 100) / 100), idleCpuHost: withUs };
}

async function measureRevisions(): Promise<Figures> {
  const figures = await measureMigrations();
  say(`The status of 1,000 revisions takes ${figures.alembicStatus1k} ms, their graph ${figures.graph1k} ms`);
  return { ...figures };
}

async function measureWarnings(): Promise<Figures> {
  const { coldMs, warmMs, keystrokeMs } = await measureLint();
  say(`1,700 migrations are looked at in ${coldMs} ms, once more in ${warmMs} ms; a keystroke costs ${keystrokeMs} ms`);
  return { lintCold1k7: coldMs, lintWarm1k7: warmMs, lintKeystrokeMs: keystrokeMs };
}

async function measureListing(): Promise<Figures> {
  const { first, again } = await measureCatalogue();
  say(`2,000 backups are listed in ${first} ms, once more in ${again} ms`);
  return { catalogueMs: first };
}
