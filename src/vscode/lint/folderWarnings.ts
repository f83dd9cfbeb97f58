import { EventEmitter, workspace, type Disposable, type Uri } from 'vscode';
import { stat } from 'node:fs/promises';
import { LintCache } from '../../lint/cache';
import { isSameStamp, isSettled } from '../../lint/cacheFile';
import { candidateOf, mayBeMigration, type CandidateFile } from '../../lint/files';
import { judged } from '../../lint/judge';
import { Linter } from '../../lint/linter';
import { lintFiles, type FileResult } from '../../lint/run';
import type { Severity } from '../../lint/severity';
import { lintWishes } from '../settings';
import type { FileDatabase } from './database';

interface Kept {
  readonly candidate: CandidateFile;
  /** When it was looked at, in milliseconds since 1970. */
  readonly at: number;
  readonly result: FileResult | undefined;
}

/** What files that are not open would be warned of; each is looked at when the Explorer shows it, and again when it changed. */
export class FolderWarnings implements Disposable {
  private readonly changed = new EventEmitter<Uri[] | undefined>();
  readonly onDidChange = this.changed.event;
  private readonly kept = new Map<string, Kept>();
  private readonly linter = new Linter(false);

  constructor(private readonly databaseOf: (file: string) => Promise<FileDatabase | undefined>) {}

  /** The severities of what is found; nothing for what is applied already. */
  async of(uri: Uri): Promise<readonly Severity[]> {
    if (uri.scheme !== 'file' || !mayBeMigration(uri.fsPath) || /[\\/](\.|node_modules|site-packages)/.test(uri.fsPath)) return [];
    const result = await this.resultOf(uri.fsPath);
    if (result === undefined || (await this.isApplied(uri.fsPath))) return [];
    return result.findings.flatMap((finding) => {
      const severity = judged(finding, lintWishes());
      return severity === 'off' ? [] : [severity];
    });
  }

  /** Something that all depends on has changed: settings, or the database. */
  renew(): void {
    this.changed.fire(undefined);
  }

  fileChanged(uri: Uri): void {
    this.changed.fire([uri]);
  }

  dispose(): void {
    this.changed.dispose();
  }

  private async resultOf(file: string): Promise<FileResult | undefined> {
    const at = Date.now();
    const facts = await stat(file).catch(() => undefined);
    if (facts === undefined || !facts.isFile()) return undefined;
    const candidate = candidateOf(file, facts);
    const known = this.kept.get(file);
    if (known !== undefined && isSameStamp(known.candidate, candidate) && isSettled(known.candidate, known.at)) return known.result;
    const [result] = await lintFiles([candidate], async () => this.linter, LintCache.none(), new AbortController().signal);
    this.kept.set(file, { candidate, at, result });
    return result;
  }

  private async isApplied(file: string): Promise<boolean> {
    if (!workspace.isTrusted) return false;
    const database = await this.databaseOf(file).catch(() => undefined); // none can be asked
    return database?.state === 'applied';
  }
}
