import { commands, QuickPickItemKind, ThemeIcon, window, type QuickPickItem } from 'vscode';
import path from 'node:path';
import type { Backup } from '../../backup/catalogue';
import { countFailed, pruneResult, type PruneResult } from '../../backup/prune';
import { isEmptyPolicy, type RetentionDecision } from '../../backup/retention';
import type { Project } from '../../inventory/model';
import { formatBytes } from '../../protocol/format';
import { askFirst } from '../askFirst';
import { pickOne } from '../picks';
import { pruneQuestion, removedText, whyText } from '../present/retentionText';
import type { Subject } from '../present/subject';
import { ageText } from '../present/time';
import { joinParts } from '../present/words';
import { clock, translate as t } from '../translate';
import type { Command, CommandContext } from './command';

export const pruneBackups: Command = {
  id: 'containerDatabases.pruneBackups',
  enabled: (subject) => subject === undefined || subject.kind === 'project' || subject.kind === 'backups',
  async run(context, subject) {
    const project = await projectOf(context, subject);
    if (project === undefined) return undefined;
    const { backups } = await context.app();
    const policy = backups.retentionPolicy();
    if (isEmptyPolicy(policy)) return offerSettings();
    const decisions = await backups.planPrune({ project }, policy);
    const chosen = await preview(project, decisions);
    if (chosen === undefined) return undefined;
    if (chosen !== 'remove') return context.showBackup({ kind: 'backup', project, backup: chosen });
    if (!(await askFirst(pruneQuestion(t, project.name, decisions, clock())))) return undefined;
    const shown = new Set(pruneResult(decisions).removed.map(({ backup }) => backup.file));
    try {
      const title = t('Removing backups of {0}', project.name);
      const result = await context.operation(title, (operation) => backups.prune({ project }, policy, operation, shown));
      tell(result);
      return result;
    } finally {
      await context.shelf.refresh();
    }
  },
};

async function projectOf(context: CommandContext, subject: Subject | undefined): Promise<Project | undefined> {
  if (subject !== undefined && 'project' in subject) return subject.project;
  const { projects } = await context.inventory();
  return pickOne(
    projects.map((project) => ({ label: project.name, iconPath: new ThemeIcon('archive'), value: project })),
    t('Prune the backups of which project?'),
  );
}

async function offerSettings(): Promise<undefined> {
  const open = t('Open settings');
  const pressed = await window.showInformationMessage(t('No rule for old backups is set, so all of them stay.'), open);
  if (pressed === open) await commands.executeCommand('workbench.action.openSettings', 'containerDatabases.retention');
  return undefined;
}

type Row = QuickPickItem & { readonly value?: Backup | 'remove' };

/** Shows what goes and what stays, and why. Gives what the user chose: a backup to look at, or to go on. */
async function preview(project: Project, decisions: readonly RetentionDecision[]): Promise<Backup | 'remove' | undefined> {
  const { kept, removed, freedBytes } = pruneResult(decisions);
  const count = removed.length === 1 ? t('Remove 1 backup…') : t('Remove {0} backups…', removed.length);
  const action: Row = { label: count, description: formatBytes(freedBytes), iconPath: new ThemeIcon('trash'), value: 'remove' };
  const rows: readonly Row[] = [
    ...(removed.length === 0 ? [] : [action, { label: t('Goes'), kind: QuickPickItemKind.Separator }, ...removed.map(row)]),
    ...(kept.length === 0 ? [] : [{ label: t('Stays'), kind: QuickPickItemKind.Separator }, ...kept.map(row)]),
  ];
  const placeHolder = removed.length === 0 ? t('No backup goes by the rules that are set') : t('Nothing is removed before you have agreed');
  const title = t('Backups of {0}', project.name);
  return (await window.showQuickPick(rows, { title, placeHolder, matchOnDescription: true, matchOnDetail: true }))?.value;
}

function row(decision: RetentionDecision): Row {
  const { backup, keep } = decision;
  return {
    label: path.basename(backup.file),
    description: joinParts(backup.manifest?.database, ageText(t, backup.finishedAt, clock()), formatBytes(backup.sizeBytes)),
    detail: keep ? t('stays: {0}', whyText(t, decision, clock())) : t('goes: {0}', whyText(t, decision, clock())),
    iconPath: new ThemeIcon(keep ? 'check' : 'trash'),
    value: backup,
  };
}

function tell(result: PruneResult): void {
  const failed = countFailed(result);
  const done = removedText(t, result) ?? t('No backup was removed.');
  if (failed === 0) void window.showInformationMessage(done);
  else void window.showWarningMessage(t('{0} Could not be removed: {1}; the log says why.', done, failed));
}
