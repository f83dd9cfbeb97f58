import path from 'node:path';
import { window, workspace } from 'vscode';
import { targetName } from '../../inventory/target';
import type { Revision } from '../../migrations/model';
import type { Source } from '../../migrations/survey';
import { failureOfRehearsal } from '../../migrations/update/rehearse';
import { rehearsalReport } from '../../migrations/update/reportText';
import { rehearsalView } from '../present/updateText';
import { copyReport } from '../report/copyReport';
import { translate as t } from '../translate';
import type { Command } from './command';
import { isAboutMigrations, targetMigrations } from './migrationTarget';

/** Runs what is pending on a copy that is made for it, up to a revision where one is named, and shows what it does. */
export const rehearse: Command = {
  id: 'containerDatabases.rehearse',
  enabled: isAboutMigrations,
  async run(context, subject) {
    if (subject?.kind === 'migration') await saveFile(subject.found.source, subject.revision);
    const chosen = await targetMigrations(context, subject, t('Rehearse the migrations of which database?'));
    if (chosen === undefined) return undefined;
    const { found, revision, database } = chosen;
    if (found.status.pending.length === 0) {
      void window.showInformationMessage(t('Every migration of "{0}" is applied.', database.name));
      return undefined;
    }
    const { rehearsals } = await context.app();
    const to = revision === undefined ? ({ kind: 'all' } as const) : ({ kind: 'revision', revision: revision.id } as const);
    const rehearsal = await context.operation(t('Rehearsing the migrations of "{0}" on a copy', database.name), (operation) =>
      rehearsals.run({ target: chosen, found, to }, operation),
    );
    const name = targetName(chosen);
    const copy = (): Promise<void> => copyReport(rehearsalReport(name, rehearsal));
    context.reports.show(`rehearsal ${name}`, { view: rehearsalView(t, name, rehearsal), act: copy });
    return failureOfRehearsal(rehearsal) === undefined ? 'runs through' : 'fails';
  },
};

/** The tool reads the file from the disk. */
async function saveFile(source: Source | undefined, { file }: Revision): Promise<void> {
  const open = workspace.textDocuments.find(({ uri }) => uri.scheme === 'file' && uri.fsPath === path.join(source?.base ?? '', file));
  if (open?.isDirty === true) await open.save();
}
