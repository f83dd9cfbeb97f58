import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { messageOf } from '../protocol/failure';
import type { Logger } from '../protocol/logger';
import { isSettled } from './cacheFile';
import type { CandidateFile } from './files';
import { keepFile } from './keepFile';

/** What was printed about files. */
export interface PrintedReport {
  readonly text: string;
  readonly incomplete: boolean;
}

/** Where the last report about something lies, and what it must be of. */
export interface ReportPlace {
  readonly file: string;
  readonly key: string;
}

/**
 * Names a report by all that decides what is in it: the program (`build`), what was asked of it (`request`), and every file as
 * it is now. There is one for each `subject`, the last.
 */
export function reportPlace(folder: string, subject: string, build: string, request: string, files: readonly CandidateFile[]): ReportPlace {
  let text = JSON.stringify([build, request]);
  for (const { file, sizeBytes, modified, changed, inode } of files) text += `\n${sizeBytes} ${modified} ${changed} ${inode} ${JSON.stringify(file)}`;
  return { file: path.join(folder, 'lint', `${sha256(subject).slice(0, 32)}.report`), key: sha256(text) };
}

/** The report about the very same; undefined where there is none. */
export function lastReport({ file, key }: ReportPlace, log: Logger): PrintedReport | undefined {
  try {
    const written = readFileSync(file, 'utf8');
    const start = written.indexOf('\n') + 1;
    const [of, word] = written.slice(0, start - 1).split(' ');
    return of === key ? { text: written.slice(start), incomplete: word === 'incomplete' } : undefined;
  } catch (error) {
    log.debug(`No earlier report is used: ${messageOf(error)}`);
    return undefined;
  }
}

/**
 * Keeps a report of a run that began at `startedAt`, unless a file may have changed since in a way that does not show. One that
 * cannot be written is done without.
 */
export async function keepReport(
  { file, key }: ReportPlace,
  { text, incomplete }: PrintedReport,
  files: readonly CandidateFile[],
  startedAt: Date,
  log: Logger,
): Promise<void> {
  if (!files.every((each) => isSettled(each, startedAt.getTime()))) return;
  try {
    await keepFile(file, `${key} ${incomplete ? 'incomplete' : 'complete'}\n${text}`);
  } catch (error) {
    log.debug(`The report is not kept: ${messageOf(error)}`);
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
