import { homedir } from 'node:os';
import path from 'node:path';
import { ThemeIcon, window } from 'vscode';
import type { Backup } from '../../backup/catalogue';
import type { Project } from '../../inventory/model';
import { formatBytes } from '../../protocol/format';
import { pickOne } from '../picks';
import type { Subject } from '../present/subject';
import { ageText } from '../present/time';
import { joinParts, verificationWord } from '../present/words';
import { offsiteLocation } from '../settings';
import { clock, translate as t } from '../translate';
import type { Command, CommandContext } from './command';
import { reveal } from './revealBackup';

export const downloadBackup: Command = {
  id: 'containerDatabases.downloadBackup',
  enabled: (subject) => subject === undefined || subject.kind === 'backups',
  async run(context, subject) {
    const project = await projectOf(context, subject);
    const fetched = project === undefined ? undefined : await fetchCopy(context, project);
    if (fetched === undefined) return undefined;
    const done = t('{0} is here, and is what was written.', path.basename(fetched.file));
    context.log.info(`${done} ${fetched.file}`);
    void window.showInformationMessage(done, t('Reveal')).then((pressed) => (pressed === undefined ? undefined : reveal(context, fetched.file)));
    return fetched;
  },
};

/** Lets the user choose a copy in another place, and fetches it into the backups of a project. Undefined when the user chose none. */
export async function fetchCopy(context: CommandContext, project: Project): Promise<Backup | undefined> {
  const location = await askLocation();
  if (location === undefined) return undefined;
  const { parseLocation, openStore, listOffsite, fetchBackup } = await loadOffsite();
  const store = await openStore(parseLocation(location, homedir()));
  const copies = await context.operation(t('Listing the copies in {0}', store.describe()), ({ signal }) => listOffsite(store, signal));
  const chosen = await pickCopy(copies, store.describe());
  if (chosen === undefined) return undefined;
  const { backups } = await context.app();
  const name = path.basename(chosen.file);
  const fetched = await context.operation(t('Downloading {0}', name), (operation) => fetchBackup(store, chosen.file, backups.folderOf(project), operation));
  await context.shelf.refresh();
  return fetched;
}

async function loadOffsite() {
  const [location, store, list, fetch] = await Promise.all([
    import('../../backup/offsite/location'),
    import('../../backup/offsite/store'),
    import('../../backup/offsite/listOffsite'),
    import('../../backup/offsite/fetchBackup'),
  ]);
  return { ...location, ...store, ...list, ...fetch };
}

async function projectOf(context: CommandContext, subject: Subject | undefined): Promise<Project | undefined> {
  if (subject !== undefined && 'project' in subject) return subject.project;
  const { projects } = await context.inventory();
  return pickOne(
    projects.map((project) => ({ label: project.name, iconPath: new ThemeIcon('archive'), value: project })),
    t('Download into the backups of which project?'),
  );
}

/** The place that the settings name, else the one that the user types. */
async function askLocation(): Promise<string | undefined> {
  const known = offsiteLocation();
  if (known !== '') return known;
  const typed = await window.showInputBox({
    title: t('Where do the copies lie?'),
    prompt: t('A folder, sftp://user@host/path, or s3://bucket/prefix?endpoint=https://host'),
    ignoreFocusOut: true,
  });
  return typed === undefined || typed.trim() === '' ? undefined : typed.trim();
}

async function pickCopy(copies: readonly Backup[], place: string): Promise<Backup | undefined> {
  if (copies.length === 0) {
    void window.showInformationMessage(t('There are no copies in {0}.', place));
    return undefined;
  }
  const choices = copies.map((backup) => ({
    label: path.basename(backup.file),
    description: joinParts(ageText(t, backup.finishedAt, clock()), formatBytes(backup.sizeBytes), verificationWord(t, backup.manifest?.verified)),
    iconPath: new ThemeIcon('cloud-download'),
    value: backup,
  }));
  return (await window.showQuickPick(choices, { title: t('Copies in {0}', place), matchOnDescription: true }))?.value;
}
