import { window, type Disposable, type Memento, type OutputChannel, type Uri } from 'vscode';
import type { App } from '../../app';
import { MigrationShelf } from '../migrationShelf';
import type { OutputLog } from '../outputLog';
import type { Severity } from '../../lint/severity';
import type { Subject } from '../present/subject';

type MigrationsSubject = Subject & { readonly kind: 'migrations' };

/** What the editor has for migrations: what is known of them, their histories, and the output of their tools. */
export class MigrationSurface implements Disposable {
  readonly shelf: MigrationShelf;
  private output: OutputChannel | undefined;
  private readonly panels = new Map<string, { reveal: () => void; dispose: () => void }>();

  constructor(
    app: () => Promise<App>,
    log: OutputLog,
    memory: Memento,
    private readonly extension: Uri,
    /** How bad is what the file of a revision is warned of, for its badge. */
    private readonly severitiesOf: (file: string) => Promise<readonly Severity[]>,
  ) {
    this.shelf = new MigrationShelf(app, log, memory);
  }

  /** Shows the history of migrations in an editor. */
  async show(subject: MigrationsSubject): Promise<void> {
    const { showMigrationHistory } = await import('./panel');
    showMigrationHistory(this.panels, this.extension, subject, this.shelf, this.severitiesOf);
  }

  /** Where the output of the tools is shown; made when first needed. */
  get channel(): OutputChannel {
    this.output ??= window.createOutputChannel('Container Databases: Migrations');
    return this.output;
  }

  dispose(): void {
    for (const panel of this.panels.values()) panel.dispose();
    this.output?.dispose();
    this.shelf.dispose();
  }
}
