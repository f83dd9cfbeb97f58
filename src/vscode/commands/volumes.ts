import { Uri, window } from 'vscode';
import { formatCount } from '../../protocol/format';
import type { VolumeView } from '../../persistence/volumes/view';
import { askFirst } from '../askFirst';
import type { ServicePlace } from '../picks';
import { ownerQuestion, volumeDetails } from '../present/volumeText';
import type { Subject } from '../present/subject';
import { clock, translate as t } from '../translate';
import type { Command, CommandContext } from './command';
import { targetService } from './targets';

const ofVolume = (subject: Subject | undefined): boolean => subject === undefined || subject.kind === 'volume';

export const inspectVolume: Command = {
  id: 'containerDatabases.inspectVolume',
  enabled: ofVolume,
  async run(context, subject) {
    const chosen = await choose(context, subject, t('Look at the volume of which service?'));
    if (chosen === undefined) return undefined;
    const { view, place } = chosen;
    const { volumes, volumeRestores } = await context.app();
    const content = await context.operation(t('Measuring {0}', view.name), (operation) => volumes.content(view, {}, operation));
    const undos = await volumeRestores.undos(place);
    void window.showInformationMessage(view.name, { modal: true, detail: volumeDetails(t, view, content, undos, clock()) });
    return content;
  },
};

export const cloneVolume: Command = {
  id: 'containerDatabases.cloneVolume',
  enabled: ofVolume,
  async run(context, subject) {
    const chosen = await choose(context, subject, t('Clone the volume of which service?'));
    if (chosen === undefined) return undefined;
    const { view } = chosen;
    const name = await askName(t('Clone {0}', view.name), view.kind === 'named' ? `${view.name}_copy` : `${view.project ?? 'volume'}_copy`);
    if (name === undefined) return undefined;
    const { volumes } = await context.app();
    await context.operation(t('Cloning {0}', view.name), (operation) => volumes.clone(view, name, operation));
    void window.showInformationMessage(t('{0} is a copy of {1}.', name, view.name));
    return name;
  },
};

export const importVolume: Command = {
  id: 'containerDatabases.importVolume',
  enabled: ofVolume,
  async run(context, subject) {
    const chosen = await choose(context, subject, t('Import beside the volume of which service?'));
    if (chosen === undefined) return undefined;
    const { view, place } = chosen;
    const { backups, volumes } = await context.app();
    const title = t('Import a volume backup into a new volume');
    const defaultUri = Uri.file(backups.folderOf(place.project));
    const [file] = (await window.showOpenDialog({ title, openLabel: t('Import'), defaultUri, filters: { [t('Volume backups')]: ['zst', 'gz', 'age'] } })) ?? [];
    const name = file === undefined ? undefined : await askName(title, `${place.project.name}_imported`);
    if (file === undefined || name === undefined) return undefined;
    const backup = await backups.read(file.fsPath);
    const imported = await context.encryption.reading(backup, place.project.name, (key) => {
      const wishes = { name, endpointId: view.endpointId, ...(key === undefined ? {} : { key }) };
      return context.operation(t('Importing into {0}', name), (operation) => volumes.import(backup, wishes, operation));
    });
    void window.showInformationMessage(t('{0} holds {1}: {2} rows, booted and counted.', name, imported.databases.join(', '), formatCount(imported.rows)));
    return name;
  },
};

export const fixVolumeOwner: Command = {
  id: 'containerDatabases.fixVolumeOwner',
  enabled: ofVolume,
  async run(context, subject) {
    const chosen = await choose(context, subject, t('Fix the ownership of which volume?'));
    if (chosen === undefined) return undefined;
    const { view } = chosen;
    const { volumes } = await context.app();
    const fix = async (dryRun: boolean) =>
      context.operation(t('Looking at the owners in {0}', view.name), (operation) => volumes.fixOwner(view, { dryRun }, operation));
    const found = await fix(true);
    if (found.strangers === 0 && found.mode === undefined) {
      void window.showInformationMessage(t('All files of {0} belong to the server already.', view.name));
      return found;
    }
    if (!(await askFirst(ownerQuestion(t, view, found)))) return undefined;
    const fixed = await fix(false);
    void window.showInformationMessage(t('The files of {0} belong to the server now.', view.name));
    return fixed;
  },
};

async function choose(
  context: CommandContext,
  subject: Subject | undefined,
  title: string,
): Promise<{ readonly view: VolumeView; readonly place: ServicePlace } | undefined> {
  const place = await targetService(context, subject, ({ volume, container }) => volume !== undefined && container !== undefined, title);
  if (place === undefined) return undefined;
  const { volumes } = await context.app();
  return { place, view: await volumes.ofService(place.service) };
}

/** Names as the engines take them. */
async function askName(title: string, value: string): Promise<string | undefined> {
  const isName = (text: string): boolean => /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(text);
  const wrong = t('A volume’s name has letters, digits, and _ . - between them.');
  return window.showInputBox({ title, prompt: t('Name of the new volume'), value, validateInput: (text) => (isName(text) ? undefined : wrong) });
}
