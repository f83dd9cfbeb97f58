import { Disposable, EventEmitter, RelativePattern, Uri, workspace } from 'vscode';
import type { App } from '../app';
import type { Backup } from '../backup/catalogue';
import type { Inventory, Project } from '../inventory/model';
import { messageOf } from '../protocol/failure';
import type { OutputLog } from './outputLog';

/** Milliseconds to wait for more changes: a backup comes as three files. */
const settleTime = 150;

/** The backups of all projects, as they lie in their folders; renewed when the folders change. */
export class BackupShelf implements Disposable {
  private readonly changed = new EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  private readonly lists = new Map<string, readonly Backup[]>();
  private readonly folders = new Map<string, Disposable>();
  private projects: readonly Project[] = [];
  private settling: NodeJS.Timeout | undefined;

  constructor(
    private readonly app: () => Promise<App>,
    private readonly log: OutputLog,
  ) {}

  /** By the project's id. */
  get all(): ReadonlyMap<string, readonly Backup[]> {
    return this.lists;
  }

  of(project: Project): readonly Backup[] {
    return this.lists.get(project.id) ?? [];
  }

  /** Follows an inventory: reads the folders of projects that are new, forgets those that are gone. */
  async follow({ projects }: Inventory): Promise<void> {
    const known = new Set(this.projects.map(({ id }) => id));
    this.projects = projects;
    for (const id of known) if (!projects.some((project) => project.id === id)) this.lists.delete(id);
    await this.read(projects.filter(({ id }) => !known.has(id)));
  }

  /** Reads all folders anew. */
  async refresh(): Promise<void> {
    await this.read(this.projects);
  }

  dispose(): void {
    clearTimeout(this.settling);
    for (const watcher of this.folders.values()) watcher.dispose();
    this.changed.dispose();
  }

  private async read(projects: readonly Project[]): Promise<void> {
    const { backups } = await this.app();
    const read = projects.map(async (project) => {
      try {
        this.watch(backups.folderOf(project));
        this.lists.set(project.id, await backups.list(project));
      } catch (error) {
        this.log.warn(`The backups of ${project.name} cannot be listed: ${messageOf(error)}`);
      }
    });
    await Promise.all(read);
    if (projects.length > 0) this.changed.fire();
  }

  private watch(folder: string): void {
    if (this.folders.has(folder)) return;
    // The names that finished backups have; what is partial changes many times a second.
    const watcher = workspace.createFileSystemWatcher(new RelativePattern(Uri.file(folder), '*.{dump,sql,tar,backup,pgdump,gz,zst,xz,age,json}'));
    const settle = (): void => {
      clearTimeout(this.settling);
      this.settling = setTimeout(() => void this.refresh(), settleTime);
    };
    const listeners = [watcher.onDidCreate(settle), watcher.onDidChange(settle), watcher.onDidDelete(settle)];
    this.folders.set(folder, Disposable.from(watcher, ...listeners));
  }
}
