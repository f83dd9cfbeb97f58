import { window } from 'vscode';
import type { SnapshotDatabase } from '../../inventory/model';
import type { DatabaseTarget, ServiceTarget } from '../../inventory/target';
import { Failure, messageOf } from '../../protocol/failure';
import { formatBytes } from '../../protocol/format';
import { checkLabel, newestFirst } from '../../snapshot/labels';
import { askFirst } from '../askFirst';
import { pickSnapshot } from '../picks';
import { deleteSnapshotQuestion, rollBackQuestion, takePrompt } from '../present/snapshotText';
import { presentService, type Subject } from '../present/subject';
import { snapshotsKept } from '../settings';
import { clock, translate as t } from '../translate';
import type { Command, CommandContext } from './command';
import { targetDatabase } from './targets';
import { undo } from './undoRestore';

export const takeSnapshot: Command = {
  id: 'containerDatabases.takeSnapshot',
  enabled: (subject) => subject === undefined || subject.kind === 'database' || subject.kind === 'snapshots',
  async run(context, subject) {
    const target = await targetDatabase(context, databaseOf(subject), t('Take a snapshot of which database?'));
    return target === undefined ? undefined : take(context, target);
  },
};

/** Asks what to call it, and takes a snapshot. */
async function take(context: CommandContext, target: DatabaseTarget): Promise<SnapshotDatabase | undefined> {
  const { name } = target.database;
  const { snapshots } = await context.app();
  const keep = snapshotsKept();
  const plan = await context.operation(t('Preparing a snapshot of "{0}"', name), ({ signal }) => snapshots.plan(target, { keep }, signal));
  const own = target.service.snapshots.filter(({ of }) => of === name);
  const label = await askName(t('Snapshot of "{0}"', name), plan.record.label, takePrompt(t, plan), own);
  if (label === undefined) return undefined;
  try {
    const { snapshot } = await context.operation(t('Taking a snapshot of "{0}"', name), async (operation) =>
      snapshots.take(await snapshots.plan(target, { keep, label }, operation.signal), target, operation),
    );
    tell(context, t('The snapshot "{0}" holds "{1}" ({2}).', snapshot.label, name, formatBytes(snapshot.sizeBytes)));
    return snapshot;
  } finally {
    await context.watch.refresh();
  }
}

export const rollBack: Command = {
  id: 'containerDatabases.rollBack',
  enabled: (subject) => subject === undefined || ownSnapshots(subject).length > 0,
  async run(context, subject) {
    const chosen = await targetSnapshot(context, subject, t('Go back to which snapshot?'));
    return chosen === undefined ? undefined : goBack(context, chosen);
  },
};

/** Asks, and goes back to a snapshot. */
async function goBack(context: CommandContext, { target, snapshot }: ChosenSnapshot): Promise<unknown> {
  const { snapshots } = await context.app();
  const { databaseName } = target;
  const plan = await context.operation(t('Preparing to roll "{0}" back', databaseName), ({ signal }) => snapshots.planRollBack(target, snapshot, signal));
  if (!(await askFirst(rollBackQuestion(t, plan, clock())))) return undefined;
  let result;
  try {
    result = await context.operation(t('Rolling "{0}" back', databaseName), (operation) => snapshots.rollBack(plan, target, operation));
  } finally {
    await context.watch.refresh();
  }
  const message = t('"{0}" is again as in the snapshot "{1}".', databaseName, snapshot.label);
  context.log.info(message);
  const undoIt = t('Undo');
  void window
    .showInformationMessage(message, ...(result.undo === undefined ? [] : [undoIt]))
    .then((pressed) => (pressed === undoIt ? undo(context, target) : undefined));
  return result;
}

export const renameSnapshot: Command = {
  id: 'containerDatabases.renameSnapshot',
  enabled: (subject) => subject === undefined || subject.kind === 'snapshot',
  async run(context, subject) {
    const chosen = await targetSnapshot(context, subject, t('Rename which snapshot?'));
    if (chosen === undefined) return undefined;
    const { target, snapshot } = chosen;
    const others = target.service.snapshots.filter(({ of, name }) => of === snapshot.of && name !== snapshot.name);
    const label = await askName(t('Rename the snapshot "{0}"', snapshot.label), snapshot.label, '', others);
    if (label === undefined) return undefined;
    const { snapshots } = await context.app();
    const renamed = await snapshots.rename(target, snapshot, label);
    await context.watch.refresh();
    return renamed;
  },
};

export const deleteSnapshot: Command = {
  id: 'containerDatabases.deleteSnapshot',
  enabled: (subject) => subject === undefined || subject.kind === 'snapshot',
  async run(context, subject) {
    const chosen = await targetSnapshot(context, subject, t('Delete which snapshot?'));
    if (chosen === undefined) return undefined;
    const { target, snapshot } = chosen;
    const others = target.service.snapshots.filter(({ of }) => of === snapshot.of).length - 1;
    if (!(await askFirst(deleteSnapshotQuestion(t, snapshot, others, clock())))) return undefined;
    const { snapshots } = await context.app();
    await context.wait(t('Deleting the snapshot "{0}"', snapshot.label), () => snapshots.delete(target, snapshot));
    context.log.info(`Deleted the snapshot ${snapshot.label} of ${snapshot.of} (${snapshot.name})`);
    await context.watch.refresh();
    return snapshot.name;
  },
};

interface ChosenSnapshot {
  readonly target: ServiceTarget;
  readonly snapshot: SnapshotDatabase;
}

/** The snapshot that a command is about: the row's, or the one that the user picks. Throws `SNAPSHOT_MISSING`. */
async function targetSnapshot(context: CommandContext, subject: Subject | undefined, title: string): Promise<ChosenSnapshot | undefined> {
  const inventory = await context.inventory();
  const places = inventory.projects.flatMap((project) => project.services.map((service) => ({ project, service })));
  const all = places.flatMap(({ project, service }) =>
    newestFirst(service.snapshots).map((snapshot) => ({ target: { project, service, databaseName: snapshot.of }, snapshot })),
  );
  const meant = subject === undefined || !('service' in subject) ? undefined : presentService(inventory, subject.service)?.service.id;
  const wanted = subject === undefined ? [] : ownSnapshots(subject).map(({ name }) => name);
  const own = subject === undefined ? all : all.filter(({ target, snapshot }) => target.service.id === meant && wanted.includes(snapshot.name));
  if (own.length === 0) throw new Failure('SNAPSHOT_MISSING', t('There is no snapshot.'), t('Take one with "Take snapshot…".'));
  return subject?.kind === 'snapshot' ? own[0] : pickSnapshot(own, title);
}

function ownSnapshots(subject: Subject): readonly SnapshotDatabase[] {
  switch (subject.kind) {
    case 'snapshot':
      return [subject.snapshot];
    case 'database':
      return subject.service.snapshots.filter(({ of }) => of === subject.database.name);
    case 'missing database':
    case 'snapshots':
      return subject.service.snapshots.filter(({ of }) => of === subject.databaseName);
    default:
      return [];
  }
}

/** The row of the database that a row of snapshots belongs to. */
function databaseOf(subject: Subject | undefined): Subject | undefined {
  if (subject?.kind !== 'snapshots') return subject;
  const { project, service, databaseName } = subject;
  const database = service.databases.find(({ name }) => name === databaseName);
  return database === undefined ? { ...subject, kind: 'missing database' } : { kind: 'database', project, service, database };
}

async function askName(title: string, value: string, prompt: string, others: readonly SnapshotDatabase[]): Promise<string | undefined> {
  const validateInput = (text: string): string | undefined => {
    try {
      checkLabel(text, others);
      return undefined;
    } catch (error) {
      return error instanceof Failure ? `${error.message} ${error.remedy}` : messageOf(error);
    }
  };
  const typed = await window.showInputBox({ title, value, prompt, validateInput });
  return typed === undefined ? undefined : checkLabel(typed, others);
}

function tell(context: CommandContext, message: string): void {
  context.log.info(message);
  void window.showInformationMessage(message);
}
