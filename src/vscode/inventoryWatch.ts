import { EventEmitter, workspace, type Disposable } from 'vscode';
import type { App } from '../app';
import type { Inventory } from '../inventory/model';
import { messageOf } from '../protocol/failure';
import type { OutputLog } from './outputLog';

/** Who wants to be told of changes at the moment. */
type Watcher = 'view' | 'backups view' | 'status bar';

/**
 * The inventory as the surfaces see it. Engines are followed only while something shows what they do, and nothing at
 * all is asked in a workspace that is not trusted.
 */
export class InventoryWatch implements Disposable {
  private readonly changed = new EventEmitter<Inventory>();
  readonly onDidChange = this.changed.event;
  private readonly watchers = new Set<Watcher>();
  private following: AbortController | undefined;
  private first: Promise<Inventory> | undefined;
  private newest: Inventory | undefined;

  constructor(
    readonly app: () => Promise<App>,
    private readonly log: OutputLog,
  ) {}

  /** Undefined until the first reading. */
  get current(): Inventory | undefined {
    return this.newest;
  }

  /** What is known, read first if nothing was yet. */
  ready(): Promise<Inventory> {
    this.first ??= this.readFirst();
    return this.first;
  }

  /** Reads everything anew. */
  async refresh(): Promise<Inventory> {
    await this.ready();
    return (await this.app()).inventory.refresh();
  }

  /** Follows the engines for as long as anybody wants it. */
  want(watcher: Watcher, wanted: boolean): void {
    if (wanted) this.watchers.add(watcher);
    else this.watchers.delete(watcher);
    if (this.watchers.size > 0 && this.following === undefined && workspace.isTrusted) this.follow();
    if (this.watchers.size === 0) this.rest();
  }

  dispose(): void {
    this.rest();
    this.changed.dispose();
  }

  private async readFirst(): Promise<Inventory> {
    const { inventory } = await this.app();
    inventory.onChange((now) => this.show(now));
    this.show(await inventory.refresh());
    return inventory.current;
  }

  private show(inventory: Inventory): void {
    if (inventory === this.newest) return;
    this.newest = inventory;
    this.changed.fire(inventory);
  }

  private follow(): void {
    const stop = new AbortController();
    this.following = stop;
    void (async () => {
      try {
        await this.ready();
        if (!stop.signal.aborted) await (await this.app()).inventory.watch(stop.signal);
      } catch (error) {
        this.log.error(`Changes are no longer followed: ${messageOf(error)}`);
      }
    })();
  }

  private rest(): void {
    this.following?.abort();
    this.following = undefined;
  }
}
