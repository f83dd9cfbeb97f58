import { window } from 'vscode';
import type { ServiceTarget } from '../../inventory/target';
import { askFirst } from '../askFirst';
import { pickTarget } from '../picks';
import { undoQuestion } from '../present/restoreText';
import { presentService, type Subject } from '../present/subject';
import { clock, translate as t } from '../translate';
import { Failure } from '../../protocol/failure';
import type { Command, CommandContext } from './command';

export const undoRestore: Command = {
  id: 'containerDatabases.undoRestore',
  enabled: (subject) => subject === undefined || subject.kind === 'undo' || undosOf(subject).length > 0,
  async run(context, subject) {
    const target = await targetUndo(context, subject);
    if (target === undefined) return undefined;
    const [newest] = target.service.undos.filter(({ of }) => of === target.databaseName).toSorted((a, b) => b.replacedAt.localeCompare(a.replacedAt));
    if (newest === undefined || !(await askFirst(undoQuestion(t, newest, target.service.dependents, clock())))) return undefined;
    return undo(context, target);
  },
};

/** The names of databases that a row's restores can be undone of. */
function undosOf(subject: Subject): readonly string[] {
  if (subject.kind !== 'database' && subject.kind !== 'missing database') return [];
  const name = subject.kind === 'database' ? subject.database.name : subject.databaseName;
  return subject.service.undos.filter(({ of }) => of === name).map(({ of }) => of);
}

async function targetUndo(context: CommandContext, subject: Subject | undefined): Promise<ServiceTarget | undefined> {
  const inventory = await context.inventory();
  const all = inventory.projects.flatMap((project) =>
    project.services.flatMap((service) => [...new Set(service.undos.map(({ of }) => of))].map((databaseName) => ({ project, service, databaseName }))),
  );
  if (all.length === 0)
    throw new Failure('UNDO_MISSING', t('There is nothing to undo.'), t('A restore can be undone for a day. Older states are among the backups.'));
  const own = subject === undefined ? all : all.filter((target) => fits(target, subject, inventory));
  return pickTarget(own.length === 0 ? all : own, t('Undo the restore of which database?'));
}

function fits({ service, databaseName }: ServiceTarget, subject: Subject, inventory: Awaited<ReturnType<CommandContext['inventory']>>): boolean {
  if (!('service' in subject) || presentService(inventory, subject.service)?.service.id !== service.id) return false;
  return subject.kind === 'undo' ? subject.undo.of === databaseName : undosOf(subject).includes(databaseName);
}

/** Undoes without asking: it can be undone itself. */
export async function undo(context: CommandContext, target: ServiceTarget): Promise<unknown> {
  const { restores } = await context.app();
  const present = presentService(await context.watch.refresh(), target.service);
  const now = present === undefined ? target : { ...present, databaseName: target.databaseName };
  let result: unknown;
  try {
    result = await context.operation(t('Undoing the restore of "{0}"', target.databaseName), (operation) => restores.undo(now, operation));
  } finally {
    await context.watch.refresh();
  }
  const message = t('"{0}" is again what it was before the restore.', target.databaseName);
  context.log.info(message);
  void window.showInformationMessage(message);
  return result;
}
