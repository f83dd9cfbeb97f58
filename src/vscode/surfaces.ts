import { commands, Disposable, window, workspace, type ExtensionContext, type TreeView } from 'vscode';
import type { App } from '../app';
import type { BackupSettings } from '../backup/backups';
import type { DatabaseTarget } from '../inventory/target';
import { messageOf } from '../protocol/failure';
import type { TableFigures } from '../protocol/statistics';
import type { BackupPanels } from './backupDetails/panel';
import { BackupEncryption } from './backupEncryption';
import { BackupKeys } from './backupKeys';
import { BackupShelf } from './backupShelf';
import { registerCommands, runOperation, waitUnderNotification } from './commandRunner';
import { allCommands } from './commands/all';
import { CheckoutOffers } from './checkoutOffers';
import type { CommandContext } from './commands/command';
import { registerComparisons } from './comparisonDocuments';
import { registerComposeDiagnostics } from './composeDiagnostics';
import { registerComposeFixes } from './composeFixes';
import { databasesView, stateContextKey } from './contributions';
import { DoctorShelf } from './doctorShelf';
import { HealthNotices } from './healthNotices';
import { HealthWatch } from './healthWatch';
import { registerLint } from './lint/register';
import { DatabasePanels } from './databasePanels';
import { InventoryWatch } from './inventoryWatch';
import { MigrationSurface } from './migrationHistory/surface';
import { LogChannels } from './logChannels';
import { OutputLog } from './outputLog';
import type { TreeNode } from './present/treeNode';
import { viewState } from './present/viewState';
import { ReportPanels } from './report/panels';
import { ScheduleShelf } from './scheduleShelf';
import { encryptionSettings } from './settings';
import { SchemaDocuments } from './schemaDocuments';
import { SmokeShelf } from './smokeShelf';
import { SqlResultDocuments } from './sqlResultDocuments';
import { StatusBar } from './statusBar';
import { translate } from './translate';
import { BackupsView } from './tree/backupsView';
import { DatabasesTree } from './tree/databasesTree';

/** Milliseconds after which rows that say how old things are become untrue. */
const ageing = 60_000;

/** What the tests in the extension host look at. */
export interface Surfaces {
  readonly watch: InventoryWatch;
  readonly shelf: BackupShelf;
  readonly schedules: ScheduleShelf;
  readonly health: HealthWatch;
  readonly tree: DatabasesTree;
  readonly backups: BackupsView;
}

/** Registers everything that the user sees. Asks no engine yet. */
export function registerSurfaces(context: ExtensionContext, load: (log: OutputLog, encryption: BackupSettings['encryption']) => Promise<App>): Surfaces {
  const log = new OutputLog();
  const encryption = new BackupEncryption(new BackupKeys(context.secrets, translate, window), encryptionSettings, translate, window);
  let loading: Promise<App> | undefined;
  const app = (): Promise<App> => (loading ??= load(log, (project, reason) => encryption.forNew(project, reason)));
  const watch = new InventoryWatch(app, log);
  const shelf = new BackupShelf(app, log);
  const schedules = new ScheduleShelf(app, log);
  const migrations = new MigrationSurface(app, log, context.workspaceState, context.extensionUri, (file) => lint.severitiesOf(file));
  const lint = registerLint(watch, migrations.shelf, log, context.asAbsolutePath('dist/cli.js'));
  const health = new HealthWatch(app, log);
  const notices = new HealthNotices();
  const smokeResults = new SmokeShelf(app, log);
  const doctor = new DoctorShelf(app, log);
  const shelves = { shelf, schedules, smokeResults, doctor, migrations: migrations.shelf };
  const tree = new DatabasesTree(watch, shelves, (target) => readTablesOf(app, target));
  const view = window.createTreeView(databasesView, { treeDataProvider: tree, showCollapseAll: true });
  const backups = new BackupsView(watch, shelf, context.workspaceState);
  const statusBar = new StatusBar(watch, shelf, schedules, health);
  const checkouts = new CheckoutOffers(watch, log);
  const update = (): void => {
    void commands.executeCommand('setContext', stateContextKey, viewState(watch.current, workspace.isTrusted));
    tree.update();
    backups.update();
    statusBar.update();
  };
  context.subscriptions.push(
    log,
    watch,
    shelf,
    schedules,
    migrations,
    health,
    smokeResults,
    doctor,
    tree,
    view,
    backups,
    statusBar,
    checkouts,
    registerComparisons(app),
    registerCommands(
      allCommands,
      commandContext(context, { app, log, watch, shelf, schedules, migrations, health, smokeResults, tree, backups, encryption, view }),
    ),
    lint,
    registerComposeDiagnostics(log),
    registerComposeFixes(),
  );
  context.subscriptions.push(
    watch.onDidChange((inventory) => {
      update();
      void shelf.follow(inventory);
      void smokeResults.follow(inventory);
      if (view.visible) void doctor.follow(inventory);
      void migrations.shelf.follow(inventory);
      health.follow(inventory);
      void checkouts.follow(inventory);
    }),
    shelf.onDidChange(() => {
      update();
      health.refresh();
    }),
    schedules.onDidChange(update),
    smokeResults.onDidChange(update),
    doctor.onDidChange(update),
    migrations.shelf.onDidChange(update),
    health.onDidChange(() => {
      update();
      notices.tell(watch.current, health.all);
    }),
    ...ticking(view, update),
    ...ticking(backups.view, update),
    view.onDidChangeVisibility(({ visible }) => {
      watch.want('view', visible);
      if (visible && watch.current !== undefined) void doctor.follow(watch.current);
    }),
    backups.view.onDidChangeVisibility(({ visible }) => watch.want('backups view', visible)),
    ...surroundings({ log, watch, shelf, schedules, health, tree, backups, update }),
  );
  update();
  watch.want('view', view.visible);
  watch.want('backups view', backups.view.visible);
  if (workspace.isTrusted) void begin(watch, schedules, log);
  return { watch, shelf, schedules, health, tree, backups };
}

/** Reads for the first time, and sees to what an earlier crash has left. */
async function begin(watch: InventoryWatch, schedules: ScheduleShelf, log: OutputLog): Promise<void> {
  try {
    await watch.ready();
    const { restores } = await watch.app();
    for (const sentence of await restores.recover()) {
      log.info(sentence);
      void window.showInformationMessage(sentence);
    }
  } catch (error) {
    log.error(`The start did not succeed: ${messageOf(error)}`);
  }
  await schedules.begin().catch((error: unknown) => log.error(`Nothing is backed up on a schedule: ${messageOf(error)}`));
}

type Parts = Surfaces & { readonly log: OutputLog; readonly update: () => void };

/** Reacts to settings, folders and trust. */
function surroundings({ log, watch, shelf, schedules, tree, update }: Parts): readonly Disposable[] {
  const readAnew = (): void => {
    if (workspace.isTrusted) void watch.refresh();
  };
  return [
    workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('containerDatabases.endpoint')) readAnew();
      if (change.affectsConfiguration('containerDatabases.backupFolder')) void shelf.refresh();
      if (change.affectsConfiguration('containerDatabases.statusBar')) update();
    }),
    workspace.onDidChangeWorkspaceFolders(readAnew),
    workspace.onDidGrantWorkspaceTrust(() => {
      tree.reset();
      update();
      void begin(watch, schedules, log);
    }),
  ];
}

/** Keeps ages true while the view can be seen. */
function ticking(view: TreeView<TreeNode>, update: () => void): readonly Disposable[] {
  let timer: NodeJS.Timeout | undefined;
  const tick = (visible: boolean): void => {
    clearInterval(timer);
    timer = visible ? setInterval(update, ageing) : undefined;
    if (visible) update();
  };
  tick(view.visible);
  return [view.onDidChangeVisibility(({ visible }) => tick(visible)), new Disposable(() => clearInterval(timer))];
}

/** The tables of a database, for the tree. */
async function readTablesOf(app: () => Promise<App>, { service, database }: DatabaseTarget): Promise<readonly TableFigures[]> {
  const { inventory } = await app();
  const [{ look }, { readTables }] = await Promise.all([import('../health/look'), import('../health/statistics')]);
  return look(inventory.serverOf(service), database.name, readTables);
}

interface Everything extends Surfaces {
  readonly app: () => Promise<App>;
  readonly log: OutputLog;
  readonly migrations: MigrationSurface;
  readonly encryption: BackupEncryption;
  readonly view: TreeView<TreeNode>;
  readonly smokeResults: SmokeShelf;
}

function commandContext(extension: ExtensionContext, everything: Everything): CommandContext {
  const { app, log, watch, shelf, schedules, migrations, health, smokeResults, tree, backups, encryption, view } = everything;
  const reveal: CommandContext['reveal'] = async (fits) => {
    await commands.executeCommand(`${databasesView}.focus`);
    const node = tree.find(fits);
    if (node !== undefined) await view.reveal(node, { select: true, focus: true, expand: true });
  };
  const panels: BackupPanels = new Map();
  const sqlResults = new SqlResultDocuments();
  const schemas = new SchemaDocuments();
  const logs = new LogChannels();
  extension.subscriptions.push(sqlResults, schemas, logs);
  return {
    app,
    inventory: () => watch.ready().then((first) => watch.current ?? first),
    watch,
    shelf,
    schedules,
    migrations,
    health,
    encryption,
    backupsView: backups,
    log,
    operation: (title, work) => runOperation(log, title, work),
    wait: waitUnderNotification,
    reveal,
    showBackup: async (subject) => {
      const { showBackupDetails } = await import('./backupDetails/panel');
      showBackupDetails(panels, extension.extensionUri, subject, shelf);
    },
    panels: new DatabasePanels(extension.extensionUri),
    reports: new ReportPanels(extension.extensionUri),
    smokeResults,
    sqlResults,
    schemas,
    logs,
  };
}
