import { Disposable, EventEmitter, languages, tasks, Uri, window, workspace, type TextDocument } from 'vscode';
import { messageOf } from '../../protocol/failure';
import { isAmongMigrations, mayBeMigration } from '../../lint/files';
import type { Severity } from '../../lint/severity';
import { rulePageScheme, taskType } from '../contributions';
import type { InventoryWatch } from '../inventoryWatch';
import type { MigrationShelf } from '../migrationShelf';
import type { OutputLog } from '../outputLog';
import { lintWanted } from '../settings';
import { badgeProvider } from './badges';
import { lintTasks } from './task';
import type { FolderWarnings } from './folderWarnings';
import type { Warnings } from './warnings';

/** Documents that may be migrations, and that others than us may have opened too. */
const selector = ['python', 'sql', 'javascript', 'typescript'].map((language) => ({ language, scheme: 'file' }));

/** Warnings in migrations, also in those that are not open. */
interface Lint extends Disposable {
  /** How bad is what a file is warned of; nothing where it is applied already. */
  readonly severitiesOf: (file: string) => Promise<readonly Severity[]>;
}

interface Loaded {
  readonly warnings: Warnings;
  readonly folder: FolderWarnings;
}

/**
 * Warns in migrations. What parses them is loaded when the first one is opened or shown, and no engine is asked for it where
 * the workspace is not trusted.
 */
export function registerLint(watch: InventoryWatch, migrations: MigrationShelf, log: OutputLog, commandLine: string): Lint {
  const inner: Disposable[] = [];
  let loading: Promise<Loaded> | undefined;
  const badges = new EventEmitter<Uri[] | undefined>();
  const load = (): Promise<Loaded> => (loading ??= begin(watch, migrations, log, badges, inner));
  // Other files may be migrations as well: they are looked at once the parsers are there anyway.
  const folderFor = (file: string): Promise<FolderWarnings> | undefined =>
    loading === undefined && !isAmongMigrations(file) ? undefined : load().then(({ folder }) => folder);
  const look = (document: TextDocument): void => {
    if (document.uri.scheme !== 'file' || !lintWanted() || !mayBeMigration(document.uri.fsPath)) return;
    void load()
      .then(({ warnings }) => warnings.update(document))
      .catch((error: unknown) => log.error(`${document.uri.fsPath} cannot be looked at: ${messageOf(error)}`));
  };
  const withWarnings = (work: (warnings: Warnings) => void): void => void loading?.then(({ warnings }) => work(warnings));
  const outer = [
    workspace.onDidOpenTextDocument(look),
    workspace.onDidChangeTextDocument(({ document, contentChanges }) => contentChanges.length > 0 && look(document)),
    workspace.onDidCloseTextDocument((document) => withWarnings((warnings) => warnings.forget(document))),
    workspace.onDidSaveTextDocument(() => withWarnings((warnings) => warnings.renew())),
    workspace.onDidChangeConfiguration((change) => {
      if (!change.affectsConfiguration('containerDatabases.lint')) return;
      withWarnings((warnings) => warnings.showAnew());
      badges.fire(undefined);
      for (const document of workspace.textDocuments) look(document);
    }),
    watch.onDidChange(() => withWarnings((warnings) => warnings.renew())),
    workspace.registerTextDocumentContentProvider(rulePageScheme, { provideTextDocumentContent: async ({ path }) => pageAt(path) }),
    tasks.registerTaskProvider(taskType, lintTasks(commandLine)),
    badges,
    window.registerFileDecorationProvider(badgeProvider(badges.event, folderFor)),
  ];
  for (const document of workspace.textDocuments) look(document);
  return {
    severitiesOf: async (file) => (lintWanted() ? (await load()).folder.of(Uri.file(file)) : []),
    dispose: () => Disposable.from(...outer, ...inner).dispose(),
  };
}

async function begin(
  watch: InventoryWatch,
  migrations: MigrationShelf,
  log: OutputLog,
  badges: EventEmitter<Uri[] | undefined>,
  inner: Disposable[],
): Promise<Loaded> {
  const [{ Warnings }, { fixProvider, hoverProvider, lensProvider }, { registerDuplicates }, { FolderWarnings }] = await Promise.all([
    import('./warnings'),
    import('./providers'),
    import('./duplicates'),
    import('./folderWarnings'),
  ]);
  const warnings = new Warnings(watch, migrations, log);
  const folder = new FolderWarnings((file) => warnings.databaseOf(file));
  inner.push(
    warnings,
    folder,
    languages.registerHoverProvider(selector, hoverProvider(warnings)),
    languages.registerCodeActionsProvider(selector, fixProvider(warnings)),
    languages.registerCodeLensProvider(selector, lensProvider(warnings)),
    folder.onDidChange((uris) => badges.fire(uris)),
    workspace.onDidSaveTextDocument(({ uri }) => folder.fileChanged(uri)),
    migrations.onDidChange(() => {
      warnings.renew();
      folder.renew();
    }),
    watch.onDidChange(() => folder.renew()),
    registerDuplicates(),
  );
  return { warnings, folder };
}

async function pageAt(path: string): Promise<string> {
  const [{ rulePage }, { ruleOf }] = await Promise.all([import('../../lint/page'), import('../../lint/rules/all')]);
  const rule = ruleOf(path.replace(/^\/|\.md$/g, ''));
  return rule === undefined ? '' : rulePage(rule);
}
