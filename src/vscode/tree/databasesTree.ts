import { EventEmitter, workspace, type Disposable, type TreeDataProvider, type TreeItem } from 'vscode';
import type { BackupShelf } from '../backupShelf';
import type { DoctorShelf } from '../doctorShelf';
import type { InventoryWatch } from '../inventoryWatch';
import type { MigrationShelf } from '../migrationShelf';
import { withMigrations } from '../present/migrationNodes';
import { tableNodes, tablesProblemNode } from '../present/tableNodes';
import { sameNodes, treeNodes } from '../present/tree';
import type { TreeNode } from '../present/treeNode';
import type { DatabaseTarget } from '../../inventory/target';
import { messageOf } from '../../protocol/failure';
import type { TableFigures } from '../../protocol/statistics';
import type { ScheduleShelf } from '../scheduleShelf';
import type { SmokeShelf } from '../smokeShelf';
import { clock, translate } from '../translate';
import { flat, treeItem } from './treeItem';

/** What is known besides the inventory. */
interface Shelves {
  readonly shelf: BackupShelf;
  readonly schedules: ScheduleShelf;
  readonly smokeResults: SmokeShelf;
  readonly doctor: DoctorShelf;
  readonly migrations: MigrationShelf;
}

/** Shows the inventory and the backups as rows. Tells the view only of what looks different. */
export class DatabasesTree implements TreeDataProvider<TreeNode>, Disposable {
  private readonly changed = new EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;
  private shown: readonly TreeNode[] = [];
  private readonly parents = new Map<string, TreeNode>();

  constructor(
    private readonly watch: InventoryWatch,
    private readonly shelves: Shelves,
    private readonly tables: (target: DatabaseTarget) => Promise<readonly TableFigures[]>,
  ) {}

  /** Looks again at what there is to show; also because time has passed, since rows say how old things are. */
  update(): void {
    const before = this.shown;
    this.build();
    if (!sameNodes(before, this.shown)) this.changed.fire();
  }

  /** Asks for the rows again, for when not what they show but whether they may be shown has changed. */
  reset(): void {
    this.changed.fire();
  }

  async getChildren(node?: TreeNode): Promise<TreeNode[]> {
    if (node?.subject.kind === 'tables' && node.lazy === true) return [...(await this.tablesOf(node, node.subject))];
    if (node !== undefined) return [...node.children];
    if (!workspace.isTrusted) return [];
    await this.watch.ready();
    this.build();
    return [...this.shown];
  }

  getParent(node: TreeNode): TreeNode | undefined {
    return this.parents.get(node.id);
  }

  getTreeItem(node: TreeNode): TreeItem {
    return treeItem(node);
  }

  /** The first row that fits, wherever in the tree. */
  find(fits: (node: TreeNode) => boolean): TreeNode | undefined {
    return flat(this.shown).find(fits);
  }

  dispose(): void {
    this.changed.dispose();
  }

  private async tablesOf(node: TreeNode, target: DatabaseTarget): Promise<readonly TreeNode[]> {
    const read = await this.tables(target).then(
      (tables) => tableNodes(translate, node, tables, clock().language),
      (error: unknown) => [tablesProblemNode(translate, node, messageOf(error))],
    );
    for (const child of read) this.parents.set(child.id, node);
    return read;
  }

  private build(): void {
    const inventory = this.watch.current;
    const { shelf, schedules, smokeResults, doctor, migrations } = this.shelves;
    const facts = { backups: shelf.all, schedules: schedules.all, tested: smokeResults.all, diagnosed: doctor.all };
    const nodes = inventory === undefined ? [] : treeNodes(translate, { inventory, ...facts }, clock());
    this.shown = withMigrations(translate, nodes, migrations.current);
    this.parents.clear();
    for (const parent of flat(this.shown)) for (const child of parent.children) this.parents.set(child.id, parent);
  }
}
