import { commands, window, workspace, type Disposable, type Memento, type TreeView } from 'vscode';
import type { BackupShelf } from '../backupShelf';
import { backupsContextKey, backupsView, filteredContextKey } from '../contributions';
import type { InventoryWatch } from '../inventoryWatch';
import { isFiltered, type BackupArrangement } from '../present/backupArrangement';
import type { TreeNode } from '../present/treeNode';
import { BackupsTree } from './backupsTree';

/** The view of all backups: its rows, the line above them, and what its buttons and welcome texts depend on. */
export class BackupsView implements Disposable {
  readonly tree: BackupsTree;
  readonly view: TreeView<TreeNode>;

  constructor(watch: InventoryWatch, shelf: BackupShelf, memory: Memento) {
    this.tree = new BackupsTree(watch, shelf, memory);
    this.view = window.createTreeView(backupsView, { treeDataProvider: this.tree, showCollapseAll: true });
  }

  get arrangement(): BackupArrangement {
    return this.tree.arrangement;
  }

  async arrange(changes: Partial<BackupArrangement>): Promise<void> {
    await this.tree.arrange(changes);
    this.update();
  }

  /** Looks again at what there is to show. */
  update(): void {
    this.tree.update();
    const { message, state } = this.tree.shown;
    if (this.view.message !== (message ?? '')) this.view.message = message ?? '';
    void commands.executeCommand('setContext', backupsContextKey, workspace.isTrusted ? state : 'untrusted');
    void commands.executeCommand('setContext', filteredContextKey, isFiltered(this.arrangement));
  }

  dispose(): void {
    this.view.dispose();
    this.tree.dispose();
  }
}
