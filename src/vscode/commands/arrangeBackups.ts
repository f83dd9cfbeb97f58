import { window, type QuickPickItem } from 'vscode';
import { backupSorts, type BackupArrangement, type BackupSort } from '../present/backupArrangement';
import { translate as t } from '../translate';
import type { Command } from './command';

export const sortBackups: Command = {
  id: 'containerDatabases.sortBackups',
  enabled: () => true,
  async run({ backupsView }) {
    const { sort: present } = backupsView.arrangement;
    const labels: Readonly<Record<BackupSort, string>> = { newest: t('Newest first'), largest: t('Largest first'), name: t('By name') };
    const items = backupSorts.map((sort) => ({ label: labels[sort], ...(sort === present ? { description: t('as now') } : {}), sort }));
    const chosen = await window.showQuickPick(items, { title: t('Sort backups'), placeHolder: t('Databases, and the backups of each') });
    if (chosen !== undefined) await backupsView.arrange({ sort: chosen.sort });
    return chosen?.sort;
  },
};

export const filterBackups: Command = {
  id: 'containerDatabases.filterBackups',
  enabled: () => true,
  async run({ backupsView }) {
    const filter = await askFilter(backupsView.arrangement);
    if (filter !== undefined) await backupsView.arrange(filter);
    return filter;
  },
};

export const clearBackupFilter: Command = {
  id: 'containerDatabases.clearBackupFilter',
  enabled: () => true,
  async run({ backupsView }) {
    await backupsView.arrange({ text: '', onlyUnproven: false, hideSafety: false });
    return true;
  },
};

type Filter = Pick<BackupArrangement, 'text' | 'onlyUnproven' | 'hideSafety'>;

/** One box for all of it: the words are typed, the rest is ticked. */
async function askFilter({ text, onlyUnproven, hideSafety }: Filter): Promise<Filter | undefined> {
  const unproven: QuickPickItem = { label: t('Only unproven'), description: t('those that were neither read whole nor restored'), alwaysShow: true };
  const safety: QuickPickItem = { label: t('Hide safety backups'), description: t('those that were made before a restore'), alwaysShow: true };
  const picker = window.createQuickPick();
  try {
    picker.title = t('Filter backups');
    picker.placeholder = t('Words of database, service, project or file');
    picker.canSelectMany = true;
    picker.items = [unproven, safety];
    picker.selectedItems = [...(onlyUnproven ? [unproven] : []), ...(hideSafety ? [safety] : [])];
    picker.value = text;
    return await new Promise<Filter | undefined>((resolve) => {
      picker.onDidHide(() => resolve(undefined));
      picker.onDidAccept(() => {
        const { value, selectedItems } = picker;
        resolve({ text: value, onlyUnproven: selectedItems.includes(unproven), hideSafety: selectedItems.includes(safety) });
      });
      picker.show();
    });
  } finally {
    picker.dispose();
  }
}
