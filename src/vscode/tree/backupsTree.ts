import { EventEmitter, workspace, type Disposable, type Memento, type TreeDataProvider, type TreeItem } from 'vscode';
import type { BackupShelf } from '../backupShelf';
import type { InventoryWatch } from '../inventoryWatch';
import { readArrangement, type BackupArrangement } from '../present/backupArrangement';
import { backupList, type BackupList } from '../present/backupList';
import { sameNodes } from '../present/tree';
import type { TreeNode } from '../present/treeNode';
import { clock, translate } from '../translate';
import { flat, treeItem } from './treeItem';

const arrangementKey = 'backups.arrangement';
const nothing: BackupList = { nodes: [], message: undefined, state: 'loading' };

/** Shows the backups of all projects by database. How they are arranged is kept for the workspace. */
export class BackupsTree implements TreeDataProvider<TreeNode>, Disposable {
  private readonly changed = new EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;
  private list = nothing;
  private readonly parents = new Map<string, TreeNode>();

  constructor(
    private readonly watch: InventoryWatch,
    private readonly shelf: BackupShelf,
    private readonly memory: Memento,
  ) {}

  get arrangement(): BackupArrangement {
    return readArrangement(this.memory.get(arrangementKey));
  }

  /** What it shows at the moment. */
  get shown(): BackupList {
    return this.list;
  }

  /** Arranges the rows anew, and keeps that. */
  async arrange(changes: Partial<BackupArrangement>): Promise<void> {
    await this.memory.update(arrangementKey, { ...this.arrangement, ...changes });
  }

  /** Looks again at what there is to show; also because time has passed, since rows say how old things are. */
  update(): void {
    const before = this.list.nodes;
    this.build();
    if (!sameNodes(before, this.list.nodes)) this.changed.fire();
  }

  async getChildren(node?: TreeNode): Promise<TreeNode[]> {
    if (node !== undefined) return [...node.children];
    if (!workspace.isTrusted) return [];
    await this.watch.ready();
    this.build();
    return [...this.list.nodes];
  }

  getParent(node: TreeNode): TreeNode | undefined {
    return this.parents.get(node.id);
  }

  getTreeItem(node: TreeNode): TreeItem {
    return treeItem(node);
  }

  dispose(): void {
    this.changed.dispose();
  }

  private build(): void {
    const projects = this.watch.current?.projects;
    this.list = projects === undefined ? nothing : backupList(translate, { projects, backups: this.shelf.all }, this.arrangement, clock());
    this.parents.clear();
    for (const parent of flat(this.list.nodes)) for (const child of parent.children) this.parents.set(child.id, parent);
  }
}
