import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Operation } from '../../operations/operation';
import { asFailure, Failure } from '../../protocol/failure';
import { pendingUpTo, type Distance } from '../actions/action';
import type { PlaceKind } from '../actions/place';
import type { Migrations, ToolPlan } from '../migrations';
import type { MigrationStatus } from '../model';
import { tools } from '../tools/all';
import { isOfSqlFiles, scriptsOf, type MigrationTexts } from './sqlFiles';

/** What is rehearsed, as far as it is SQL that can be known beforehand. */
export interface Scripts {
  readonly up: string | Failure;
  /** What takes it back; else why that cannot be tried. */
  readonly down: string | { readonly untried: string };
}

/** What is to be upgraded, and how far. */
export type Upgrade = Pick<ToolPlan, 'target' | 'source' | 'status' | 'action'>;

/** Finds the SQL that an update would run: in the files where they are SQL, else what the tool says. Throws only `CANCELLED`. */
export async function findScripts(migrations: Migrations, plan: Upgrade, operation: Operation, where?: PlaceKind): Promise<Scripts> {
  const { status, action } = plan;
  const to = action.kind === 'upgrade' ? action.to : ({ kind: 'all' } as const);
  if (isOfSqlFiles(status.tool)) return fromFiles(plan, to);
  const tool = { migrations, plan, where };
  const up = await preview(tool, status, { direction: 'upgrade', to }, operation);
  const untried = 'Its way back was not tried';
  if (up instanceof Failure) return { up, down: { untried } };
  const reached = statusAfter(status, to);
  if (reached === undefined) return { up, down: { untried: `${untried}, since it begins or ends at several revisions.` } };
  const [start] = status.current;
  const back = start === undefined ? ({ kind: 'all' } as const) : ({ kind: 'revision', revision: start } as const);
  const down = await preview(tool, reached, { direction: 'downgrade', to: back }, operation);
  return { up, down: down instanceof Failure ? { untried: `${tools[status.tool].label} gives no SQL for the way back: ${down.message}` } : down };
}

interface Tool {
  readonly migrations: Migrations;
  readonly plan: Upgrade;
  readonly where: PlaceKind | undefined;
}

async function preview(
  { migrations, plan: { target, source }, where }: Tool,
  status: MigrationStatus,
  wish: { readonly direction: 'upgrade' | 'downgrade'; readonly to: Distance },
  operation: Operation,
): Promise<string | Failure> {
  try {
    const planned = await migrations.plan(target, { source, status }, { kind: 'preview', ...wish }, operation, where);
    return (await migrations.run(planned, { backup: false }, operation)).stdout;
  } catch (error) {
    if (operation.signal.aborted) throw error;
    return asFailure(error);
  }
}

/** Where a database is that was upgraded; undefined where there is no single place. */
function statusAfter(status: MigrationStatus, to: Distance): MigrationStatus | undefined {
  if (status.current.length > 1) return undefined;
  const ends = to.kind === 'all' ? status.heads : [to.kind === 'revision' ? to.revision : status.pending[to.steps - 1]];
  const [end, ...others] = ends;
  if (end === undefined || others.length > 0) return undefined;
  const done = status.pending.slice(0, status.pending.indexOf(end) + 1);
  return { ...status, current: [end], applied: [...status.applied, ...done], pending: status.pending.slice(done.length) };
}

async function fromFiles({ status, source }: Upgrade, to: Distance): Promise<Scripts> {
  const { label } = tools[status.tool];
  const unknown = (why: string): Scripts => ({
    up: new Failure('REHEARSAL_NONE', `${label} has migrations that ${why}.`, 'Look at them before they are run.'),
    down: { untried: 'Its way back was not tried.' },
  });
  const wanted = pendingUpTo(status, to);
  if (to.kind === 'revision' && wanted.length === 0) {
    const missing = new Failure('REVISION_NOT_PENDING', `"${to.revision}" is none of the pending migrations.`, 'Write the revision as the history has it.');
    return { up: missing, down: { untried: 'Its way back was not tried.' } };
  }
  const texts: MigrationTexts[] = [];
  for (const id of wanted) {
    const file = status.revisions.find((revision) => revision.id === id)?.file ?? '';
    if (!file.endsWith('.sql')) return unknown(`are no SQL (${id})`);
    const text = await textOf(path.join(source.base, file));
    if (text === undefined) return unknown(`cannot be read (${file})`);
    const downText = file.endsWith('.up.sql') ? await textOf(path.join(source.base, file.replace(/\.up\.sql$/, '.down.sql'))) : undefined;
    texts.push({ text, ...(downText === undefined ? {} : { downText }) });
  }
  const scripts = scriptsOf(status.tool, texts);
  if (scripts === undefined) return unknown('are more than SQL, such as placeholders or commands of psql');
  if (scripts.down !== undefined) return { up: scripts.up, down: scripts.down };
  return { up: scripts.up, down: { untried: scripts.goesBack ? 'No way back is written.' : `${label} knows no way back.` } };
}

async function textOf(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}
