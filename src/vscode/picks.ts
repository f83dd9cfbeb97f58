import { QuickPickItemKind, ThemeIcon, Uri, window, type QuickPickItem } from 'vscode';
import path from 'node:path';
import type { Backup } from '../backup/catalogue';
import type { Inventory, Project, Service, SnapshotDatabase } from '../inventory/model';
import type { ServiceTarget } from '../inventory/target';
import { formatBytes } from '../protocol/format';
import { Failure } from '../protocol/failure';
import { databaseText } from './present/manifestText';
import { ageText } from './present/time';
import { conditionText, joinParts, tablesText, verificationWord } from './present/words';
import { clock, translate as t } from './translate';

interface Choice<T> extends QuickPickItem {
  readonly value?: T;
}

/** Lets the user choose; asks only when there is more than one. Undefined when the user chose none. */
export async function pickOne<T>(choices: readonly Choice<T>[], title: string): Promise<T | undefined> {
  const real = choices.filter(({ kind }) => kind !== QuickPickItemKind.Separator);
  if (real.length === 1) return real[0]?.value;
  const chosen = await window.showQuickPick(choices, { title, placeHolder: title, matchOnDescription: true, matchOnDetail: true });
  return chosen?.value;
}

export interface ServicePlace {
  readonly project: Project;
  readonly service: Service;
}

/** Asks for one of these databases. Throws `DATABASE_MISSING` when there is none. */
export async function pickTarget(targets: readonly ServiceTarget[], title: string): Promise<ServiceTarget | undefined> {
  if (targets.length === 0) throw noDatabase();
  return pickOne(
    grouped(targets, (target) => {
      const database = target.service.databases.find(({ name }) => name === target.databaseName);
      const tables = database?.tables === undefined ? undefined : tablesText(t, database.tables);
      const facts = database === undefined ? t('missing') : joinParts(formatBytes(database.sizeBytes), tables);
      return { label: target.databaseName, description: joinParts(target.service.name, facts), iconPath: new ThemeIcon('database') };
    }),
    title,
  );
}

/** Asks for one of these services. Throws `SERVICE_MISSING` when there is none. */
export async function pickService(inventory: Inventory, fits: (service: Service) => boolean, title: string): Promise<ServicePlace | undefined> {
  const places = inventory.projects.flatMap((project) => project.services.filter(fits).map((service) => ({ project, service })));
  if (places.length === 0) {
    throw new Failure(
      'SERVICE_MISSING',
      t('There is no service for which that makes sense now.'),
      t('The Databases view shows the services and their states.'),
    );
  }
  const choices = grouped(places, ({ service }) => ({
    label: service.name,
    description: joinParts(service.postgres.version, conditionText(t, service)),
    iconPath: new ThemeIcon('server'),
  }));
  return pickOne(choices, title);
}

/** Choices under the names of their projects, where there are several. */
function grouped<T extends { readonly project: Project }>(values: readonly T[], item: (value: T) => QuickPickItem): readonly Choice<T>[] {
  const projects = [...new Set(values.map(({ project }) => project))];
  return projects.flatMap((project) => [
    ...(projects.length > 1 ? [{ label: project.name, kind: QuickPickItemKind.Separator }] : []),
    ...values.filter((value) => value.project === project).map((value) => ({ ...item(value), value })),
  ]);
}

/** Asks for one of these snapshots. */
export async function pickSnapshot<T extends { readonly target: ServiceTarget; readonly snapshot: SnapshotDatabase }>(
  all: readonly T[],
  title: string,
): Promise<T | undefined> {
  const { now, language } = clock();
  const choices = all.map((value) => ({
    label: value.snapshot.label,
    description: joinParts(`${value.target.service.name}/${value.snapshot.of}`, ageText(t, new Date(value.snapshot.takenAt), { now, language })),
    detail: joinParts(formatBytes(value.snapshot.sizeBytes), value.snapshot.git?.branch, value.snapshot.migrationRevision),
    iconPath: new ThemeIcon('device-camera'),
    value,
  }));
  return pickOne(choices, title);
}

/** A backup of the catalogue as a choice. */
export function backupChoice(backup: Backup): Choice<Backup> {
  const { manifest } = backup;
  return {
    label: ageText(t, backup.finishedAt, clock()),
    description: joinParts(
      manifest && databaseText(t, manifest),
      formatBytes(backup.sizeBytes),
      manifest?.reason === 'safety' ? t('safety') : undefined,
      verificationWord(t, manifest?.verified),
    ),
    detail: path.basename(backup.file),
    iconPath: new ThemeIcon('archive'),
    value: backup,
  };
}

/** Asks for a backup, to restore unless other words say what for: one of the catalogue, those of the target first, any file, or a copy in another place. */
export async function pickBackup(
  target: ServiceTarget,
  backups: readonly Backup[],
  read: (file: string) => Promise<Backup>,
  elsewhere: () => Promise<Backup | undefined>,
  words = { title: t('Restore {0} from…', target.databaseName), open: t('Restore from this file') },
): Promise<Backup | undefined> {
  const own = backups.filter(({ manifest }) => manifest?.service === target.service.name && manifest.database === target.databaseName);
  const others = backups.filter((backup) => !own.includes(backup));
  const choices: readonly Choice<Backup | 'file' | 'elsewhere'>[] = [
    ...own.map(backupChoice),
    ...(others.length === 0 ? [] : [{ label: t('Other backups of {0}', target.project.name), kind: QuickPickItemKind.Separator }, ...others.map(backupChoice)]),
    { label: '', kind: QuickPickItemKind.Separator },
    { label: t('Choose a file…'), iconPath: new ThemeIcon('folder-opened'), value: 'file' },
    { label: t('Fetch a copy from another place…'), iconPath: new ThemeIcon('cloud-download'), value: 'elsewhere' },
  ];
  const { title } = words;
  const chosen = await window.showQuickPick(choices, { title, placeHolder: t('Choose a backup'), matchOnDescription: true, matchOnDetail: true });
  if (chosen?.value === 'elsewhere') return elsewhere();
  if (chosen?.value !== 'file') return chosen?.value;
  const folder = backups[0] === undefined ? target.project.folder : path.dirname(backups[0].file);
  const [file] =
    (await window.showOpenDialog({
      title,
      openLabel: words.open,
      filters: { [t('Postgres archives')]: ['dump', 'sql', 'gz', 'zst', 'xz', 'tar', 'backup', 'age'], [t('All files')]: ['*'] },
      ...(folder === undefined ? {} : { defaultUri: Uri.file(folder) }),
    })) ?? [];
  return file === undefined ? undefined : read(file.fsPath);
}

function noDatabase(): Failure {
  return new Failure('DATABASE_MISSING', t('No database is running.'), t('Start a service with Postgres, for instance from the Databases view.'));
}
