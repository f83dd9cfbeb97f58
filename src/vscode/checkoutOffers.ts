import { commands, RelativePattern, Uri, window, workspace, type Disposable, type FileSystemWatcher } from 'vscode';
import type { Inventory } from '../inventory/model';
import { databaseTargets, type DatabaseTarget } from '../inventory/target';
import { messageOf } from '../protocol/failure';
import { gitDirectory, readGitState, type GitState } from '../backup/git';
import { offerAfterCheckout, type CheckoutOffer } from '../snapshot/checkout';
import type { CommandId } from './contributions';
import type { InventoryWatch } from './inventoryWatch';
import type { OutputLog } from './outputLog';
import { offerText } from './present/snapshotText';
import type { Subject } from './present/subject';
import { checkoutOffersWanted, stopCheckoutOffers } from './settings';
import { translate as t } from './translate';

/** The most migrations that are read after a checkout. */
const mostMigrations = 3000;

/** Watches what is checked out in the projects of the workspace, and says when a database has migrations that the branch has not. */
export class CheckoutOffers implements Disposable {
  private readonly watchers = new Map<string, FileSystemWatcher>();
  private readonly states = new Map<string, GitState | undefined>();
  private readonly ended = new AbortController();

  constructor(
    private readonly watch: InventoryWatch,
    private readonly log: OutputLog,
  ) {}

  /** Watches the projects that there are now. */
  async follow({ projects }: Inventory): Promise<void> {
    for (const { folder, inWorkspace } of projects) {
      if (!inWorkspace || folder === undefined || this.watchers.has(folder)) continue;
      const directory = await gitDirectory(folder);
      if (directory === undefined || this.watchers.has(folder)) continue;
      const watcher = workspace.createFileSystemWatcher(new RelativePattern(Uri.file(directory), 'HEAD'));
      this.watchers.set(folder, watcher);
      const changed = (): void => void this.look(folder).catch((error: unknown) => this.log.warn(`The checkout was not looked at: ${messageOf(error)}`));
      watcher.onDidChange(changed); // git writes it anew, which is a change, or a creation
      watcher.onDidCreate(changed);
      this.states.set(folder, await readGitState(folder));
    }
  }

  dispose(): void {
    this.ended.abort();
    for (const watcher of this.watchers.values()) watcher.dispose();
    this.watchers.clear();
  }

  private async look(folder: string): Promise<void> {
    const before = this.states.get(folder);
    const after = await readGitState(folder);
    // While no branch is checked out, as in a rebase, the last one counts.
    if (after?.branch !== undefined) this.states.set(folder, after);
    if (after?.branch === undefined || after.branch === before?.branch || !checkoutOffersWanted()) return;
    const inventory = await this.watch.refresh();
    const targets = databaseTargets(inventory).filter(({ project }) => project.folder === folder);
    if (targets.length === 0) return;
    const migrations = await readMigrations(folder);
    const { snapshots } = await this.watch.app();
    for (const target of targets) {
      const own = target.service.snapshots.filter(({ of }) => of === target.database.name);
      const offer = offerAfterCheckout({ before, after, revision: await snapshots.revisionOf(target, this.ended.signal), migrations, snapshots: own });
      if (offer !== undefined) void this.offer(target, offer);
    }
  }

  private async offer(target: DatabaseTarget, offer: CheckoutOffer): Promise<void> {
    const [takeOne, back, never] = [t('Take snapshot…'), t('Roll back…'), t("Don't offer again")];
    const { snapshot } = offer;
    const buttons = [takeOne, ...(snapshot === undefined ? [] : [back]), never];
    const pressed = await window.showInformationMessage(offerText(t, target.database.name, offer), ...buttons);
    const run = async (id: CommandId, subject: Subject): Promise<void> => void (await commands.executeCommand(id, { subject }));
    if (pressed === takeOne) await run('containerDatabases.takeSnapshot', { kind: 'database', ...target });
    if (pressed === back && snapshot !== undefined) await run('containerDatabases.rollBack', { kind: 'snapshot', ...target, snapshot });
    if (pressed === never) await stopCheckoutOffers();
  }
}

async function readMigrations(folder: string): Promise<readonly string[]> {
  const files = await workspace.findFiles(new RelativePattern(Uri.file(folder), '**/versions/*.py'), undefined, mostMigrations);
  return Promise.all(files.map(async (file) => Buffer.from(await workspace.fs.readFile(file)).toString('utf8')));
}
