import { isDeepStrictEqual } from 'node:util';
import { EventEmitter, workspace, type Disposable, type Memento } from 'vscode';
import type { App } from '../app';
import type { Inventory } from '../inventory/model';
import { databaseTargets, targetName } from '../inventory/target';
import { messageOf } from '../protocol/failure';
import type { OutputLog } from './outputLog';
import type { MigrationFacts } from './present/migrationNodes';

const ownersKey = 'migrations.owners';
/** Where migration files lie, so that a change of one is seen. */
const files = '**/{migrations,migrate,versions,alembic,drizzle,sql,Migrations}/**/*.{py,sql,js,cjs,mjs,ts,rb,exs,cs,go,json}';
/** Milliseconds to wait for more changes: a checkout changes many files at once. */
const settleTime = 400;

/** The migrations of all databases as they were last read. Reads anew when databases or files change; runs nothing. */
export class MigrationShelf implements Disposable {
  private readonly changed = new EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  private facts: MigrationFacts | undefined;
  private shape = '';
  private reading: Promise<void> | undefined;
  private again = false;
  private settling: NodeJS.Timeout | undefined;
  private readonly watcher = workspace.createFileSystemWatcher(files);
  private isDisposed = false;

  constructor(
    private readonly app: () => Promise<App>,
    private readonly log: OutputLog,
    private readonly memory: Memento,
  ) {
    const onFile = (): void => {
      if (this.facts === undefined) return;
      clearTimeout(this.settling);
      this.settling = setTimeout(() => void this.refresh(), settleTime);
    };
    this.watcher.onDidCreate(onFile);
    this.watcher.onDidChange(onFile);
    this.watcher.onDidDelete(onFile);
  }

  /** Undefined until they have been read. */
  get current(): MigrationFacts | undefined {
    return this.facts;
  }

  /** Looks again when other databases are there than the last time. */
  async follow(inventory: Inventory): Promise<void> {
    const shape = JSON.stringify(databaseTargets(inventory).map((target) => [targetName(target), target.service.state, target.database.tables]));
    if (shape === this.shape) return;
    this.shape = shape;
    await this.refresh();
  }

  /** Reads files and version tables anew. Calls during a reading lead to one more. */
  async refresh(): Promise<void> {
    if (this.reading !== undefined) {
      this.again = true;
      return this.reading;
    }
    this.reading = this.read().finally(() => (this.reading = undefined));
    await this.reading;
    if (!this.again) return;
    this.again = false;
    await this.refresh();
  }

  /** Remembers for which databases the migrations in a folder are. */
  async assign(location: string, names: readonly string[]): Promise<void> {
    await this.memory.update(ownersKey, { ...this.owners(), [location]: names });
    await this.refresh();
  }

  dispose(): void {
    this.isDisposed = true;
    clearTimeout(this.settling);
    this.watcher.dispose();
    this.changed.dispose();
  }

  /** The databases that the user named for the migrations in a folder. */
  readonly remembered = (location: string): readonly string[] => this.owners()[location] ?? [];

  private owners(): Readonly<Record<string, readonly string[]>> {
    return this.memory.get<Readonly<Record<string, readonly string[]>>>(ownersKey, {});
  }

  private replace(facts: MigrationFacts): void {
    if (this.isDisposed || isDeepStrictEqual(facts, this.facts)) return;
    this.facts = facts;
    this.changed.fire();
  }

  private async read(): Promise<void> {
    if (!workspace.isTrusted) return;
    try {
      const folders = (workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file').map(({ uri }) => uri.fsPath);
      const { inventory, migrations } = await this.app();
      const targets = databaseTargets(inventory.current).filter(({ service }) => service.state === 'running');
      const own = targets.filter(({ project }) => project.inWorkspace);
      // Others may be slow to answer; those that the user works on do not wait for them.
      if (this.facts === undefined && own.length < targets.length)
        this.replace(await migrations.survey({ targets: own, folders, remembered: this.remembered }));
      this.replace(await migrations.survey({ targets, folders, remembered: this.remembered }));
    } catch (error) {
      this.log.warn(`The migrations could not be read: ${messageOf(error)}`);
    }
  }
}
