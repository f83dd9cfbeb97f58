import { EventEmitter, languages, workspace, type Disposable, type TextDocument, type Uri } from 'vscode';
import type { App } from '../../app';
import { lastVerifiedBackup } from '../../backup/lastVerified';
import { LastGood } from '../../lint/lastGood';
import { Linter, type Linted } from '../../lint/linter';
import { FactKeeper } from '../../lint/live/keeper';
import type { KnownFacts } from '../../lint/live/told';
import type { RevisionState } from '../../migrations/revisionState';
import { cancelledCode, Failure, messageOf } from '../../protocol/failure';
import type { InventoryWatch } from '../inventoryWatch';
import type { MigrationShelf } from '../migrationShelf';
import type { OutputLog } from '../outputLog';
import { lintWishes } from '../settings';
import { databaseOfFile, type FileDatabase } from './database';
import { shownFindings, type ShownFinding } from './document';

/** Milliseconds without a keystroke after which the database is asked. */
const restTime = 400;

/** What is known of an open migration. */
export interface OpenMigration {
  readonly document: TextDocument;
  readonly version: number;
  readonly linted: Linted;
  readonly shown: readonly ShownFinding[];
  readonly facts?: KnownFacts;
  readonly database?: FileDatabase;
  readonly state: RevisionState;
}

interface Work {
  readonly stop: AbortController;
  readonly timer: NodeJS.Timeout;
}

/** Warns in open migrations: at once by what they say, and shortly after with what the database says to it. */
export class Warnings implements Disposable {
  private readonly diagnostics = languages.createDiagnosticCollection('containerDatabases.lint');
  private readonly changed = new EventEmitter<Uri>();
  readonly onDidChange = this.changed.event;
  private readonly open = new Map<string, OpenMigration>();
  private readonly work = new Map<string, Work>();
  private readonly linter = new Linter(true);
  private readonly lastGood = new LastGood();
  private readonly keeper = new FactKeeper();

  constructor(
    private readonly watch: InventoryWatch,
    private readonly migrations: MigrationShelf,
    private readonly log: OutputLog,
  ) {}

  /** The database that a file is for, and whether it has it. Undefined where none can be told. */
  async databaseOf(file: string): Promise<FileDatabase | undefined> {
    const inventory = await this.watch.ready();
    if (this.migrations.current === undefined) await this.migrations.refresh();
    return databaseOfFile(await this.watch.app(), this.watch.current ?? inventory, this.migrations.current, file);
  }

  of(document: TextDocument): OpenMigration | undefined {
    return this.open.get(document.uri.toString());
  }

  /** Looks at a document as it is now. */
  async update(document: TextDocument): Promise<void> {
    const key = document.uri.toString();
    const { version } = document;
    this.stop(key);
    const linted = await this.linter.lint(document.uri.fsPath, document.getText());
    if (document.isClosed || document.version !== version) return;
    if (linted === undefined) return this.forget(document);
    const { linted: best, isEarlier } = this.lastGood.show(key, linted);
    if (isEarlier) return; // the editor moves what is shown along with the text
    const before = this.open.get(key);
    this.show({ document, version, linted: best, state: before?.state ?? 'unknown', ...kept(before) });
    this.askLater(document);
  }

  /** Asks the databases of all open migrations anew. */
  renew(): void {
    this.keeper.forget();
    for (const { document } of this.open.values()) this.askLater(document);
  }

  /** Shows all by the settings as they are now. */
  showAnew(): void {
    for (const migration of this.open.values()) this.show(migration);
  }

  forget(document: TextDocument): void {
    const key = document.uri.toString();
    this.stop(key);
    this.open.delete(key);
    this.diagnostics.delete(document.uri);
    this.linter.forget(document.uri.fsPath);
    this.lastGood.forget(key);
    this.changed.fire(document.uri);
  }

  dispose(): void {
    for (const key of this.work.keys()) this.stop(key);
    this.diagnostics.dispose();
    this.changed.dispose();
  }

  private show(migration: Omit<OpenMigration, 'shown'>): void {
    const { document, linted, facts, state } = migration;
    // What has been applied cannot be changed any more: there is nothing to warn of.
    const shown = state === 'applied' ? [] : shownFindings(document, linted.findings, facts, lintWishes());
    this.open.set(document.uri.toString(), { ...migration, shown });
    this.diagnostics.set(
      document.uri,
      shown.map(({ diagnostic }) => diagnostic),
    );
    this.changed.fire(document.uri);
  }

  private askLater(document: TextDocument): void {
    const key = document.uri.toString();
    this.stop(key);
    if (!workspace.isTrusted) return;
    const stop = new AbortController();
    const timer = setTimeout(() => void this.ask(document, stop.signal), restTime);
    this.work.set(key, { stop, timer });
  }

  private async ask(document: TextDocument, signal: AbortSignal): Promise<void> {
    const key = document.uri.toString();
    try {
      const database = await this.databaseOf(document.uri.fsPath);
      const migration = this.open.get(key);
      if (migration === undefined || signal.aborted) return;
      if (database === undefined) return this.show(withoutDatabase(migration));
      const app = await this.watch.app();
      const facts = await this.factsOf(app, migration, database, signal);
      if (signal.aborted) return;
      this.show({ ...migration, database, facts, state: database.state });
    } catch (error) {
      if (signal.aborted || (error instanceof Failure && error.code === cancelledCode)) return;
      this.log.debug(`${document.uri.fsPath} is warned of without facts: ${messageOf(error)}`);
    }
  }

  private async factsOf(app: App, { linted }: OpenMigration, { asked, target }: FileDatabase, signal: AbortSignal): Promise<KnownFacts> {
    const questions = linted.findings.flatMap(({ questions = [] }) => questions);
    const lastBackup = await lastVerifiedBackup(app.backups, target);
    return { database: target.database.name, ...(await this.keeper.ask(asked, questions, { lastBackup, now: new Date() }, signal)) };
  }

  private stop(key: string): void {
    const work = this.work.get(key);
    clearTimeout(work?.timer);
    work?.stop.abort();
    this.work.delete(key);
  }
}

/** What stays true of the database while the text changes. */
function kept(before: OpenMigration | undefined): Pick<OpenMigration, 'facts' | 'database'> {
  return { ...(before?.facts === undefined ? {} : { facts: before.facts }), ...(before?.database === undefined ? {} : { database: before.database }) };
}

function withoutDatabase({ document, version, linted }: OpenMigration): Omit<OpenMigration, 'shown'> {
  return { document, version, linted, state: 'unknown' };
}
