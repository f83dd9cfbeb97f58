import { ThemeIcon, window } from 'vscode';
import { Failure } from '../../protocol/failure';
import { askFirst } from '../askFirst';
import { pickOne } from '../picks';
import { translate as t } from '../translate';
import type { Command } from './command';

export const forgetPassphrase: Command = {
  id: 'containerDatabases.forgetPassphrase',
  enabled: (subject) => subject === undefined || 'project' in subject,
  async run(context, subject) {
    const { projects } = await context.inventory();
    const names = [...new Set(projects.map(({ name }) => name))];
    const kept = (await Promise.all(names.map(async (name) => ((await context.encryption.isKept(name)) ? name : undefined)))).flatMap((name) => name ?? []);
    if (kept.length === 0) throw new Failure('PASSPHRASE_MISSING', t('No passphrase is kept.'), t('There is nothing to forget.'));
    const own = subject !== undefined && 'project' in subject ? kept.find((name) => name === subject.project.name) : undefined;
    const choices = kept.map((name) => ({ label: name, iconPath: new ThemeIcon('key'), value: name }));
    const project = own ?? (await pickOne(choices, t('Forget the passphrase for the backups of which project?')));
    if (project === undefined) return undefined;
    const detail = t('Without it, the backups that were made with it can never be read again. You are asked for it when one is read.');
    if (!(await askFirst({ message: t('Forget the passphrase for the backups of {0}?', project), detail, button: t('Forget passphrase') }))) return undefined;
    await context.encryption.forget(project);
    void window.showInformationMessage(t('The passphrase for the backups of {0} is no longer kept here.', project));
    return project;
  },
};
