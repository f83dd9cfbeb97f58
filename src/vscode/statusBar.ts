import { MarkdownString, StatusBarAlignment, ThemeColor, window, type Disposable, type StatusBarItem } from 'vscode';
import type { BackupShelf } from './backupShelf';
import type { HealthWatch } from './healthWatch';
import type { InventoryWatch } from './inventoryWatch';
import { statusLinks, statusView, type Rank, type StatusView } from './present/status';
import type { ScheduleShelf } from './scheduleShelf';
import { statusBarWanted } from './settings';
import { clock, translate as t } from './translate';

/** Milliseconds for which a service that was well may look bad: in a restart it stops, refuses, and comes back. */
const patience = 2500;

/** The state of this workspace's databases at the foot of the window; not there when the workspace has none. */
export class StatusBar implements Disposable {
  private readonly item: StatusBarItem;
  private shown: StatusView | undefined;
  private waiting: NodeJS.Timeout | undefined;
  /** Whether there was ever something to show. */
  private hasShown = false;

  constructor(
    private readonly watch: InventoryWatch,
    private readonly shelf: BackupShelf,
    private readonly schedules: ScheduleShelf,
    private readonly health: HealthWatch,
  ) {
    this.item = window.createStatusBarItem('containerDatabases.health', StatusBarAlignment.Left, 10);
    this.item.name = t('Container databases');
    this.item.command = 'containerDatabases.showDatabases';
  }

  update(): void {
    const inventory = this.watch.current;
    const view =
      inventory === undefined || !statusBarWanted() ? undefined : statusView(t, inventory, this.shelf.all, clock(), this.schedules.all, this.health.all);
    this.hasShown ||= view !== undefined;
    // An engine that stops may take all that is known along; who looked away then would not see it come back.
    const isBlind = this.hasShown && statusBarWanted() && inventory?.endpoints.some(({ state }) => state === 'failed') === true;
    this.watch.want('status bar', view !== undefined || isBlind);
    this.health.want(view !== undefined);
    if (view !== undefined && isWell(this.shown) && !isWell(view)) {
      this.waiting ??= setTimeout(() => this.settle(), patience);
      return;
    }
    clearTimeout(this.waiting);
    this.waiting = undefined;
    this.show(view);
  }

  dispose(): void {
    clearTimeout(this.waiting);
    this.item.dispose();
  }

  /** The wait is over: what was expected to pass has not. */
  private settle(): void {
    this.waiting = undefined;
    this.shown = undefined;
    this.update();
  }

  private show(view: StatusView | undefined): void {
    this.shown = view;
    if (view === undefined) return this.item.hide();
    this.item.text = view.text;
    const tooltip = new MarkdownString(view.tooltip, true);
    tooltip.isTrusted = { enabledCommands: statusLinks };
    this.item.tooltip = tooltip;
    this.item.accessibilityInformation = { label: view.spoken, role: 'button' };
    this.item.backgroundColor = background(view.rank);
    this.item.show();
  }
}

function isWell(view: StatusView | undefined): boolean {
  return view?.rank === 'fine' || view?.rank === 'busy';
}

function background(rank: Rank): ThemeColor | undefined {
  if (rank === 'bad') return new ThemeColor('statusBarItem.errorBackground');
  return rank === 'warning' ? new ThemeColor('statusBarItem.warningBackground') : undefined;
}
