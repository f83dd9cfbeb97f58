import { window } from 'vscode';
import type { Project } from '../../inventory/model';
import type { GuardPlan } from '../../persistence/volumes/guardPlan';
import type { GuardResult, GuardTarget } from '../../persistence/volumes/guards';
import { askFirst } from '../askFirst';
import { pickOne } from '../picks';
import { guardQuestion, typedPrompt } from '../present/guardText';
import type { Subject } from '../present/subject';
import { clock, translate as t } from '../translate';
import { Failure } from '../../protocol/failure';
import type { Command, CommandContext } from './command';
import { restore } from './restore';
import { targetDatabase, targetService } from './targets';

export const removeVolume: Command = {
  id: 'containerDatabases.removeVolume',
  enabled: (subject) => subject === undefined || subject.kind === 'volume',
  async run(context, subject) {
    const place = await targetService(
      context,
      subject,
      ({ volume, container }) => volume !== undefined && container !== undefined,
      t('Remove the volume of which service?'),
    );
    return place === undefined ? undefined : guard(context, { action: 'remove volume', ...place });
  },
};

export const dropDatabase: Command = {
  id: 'containerDatabases.dropDatabase',
  enabled: (subject) => subject === undefined || subject.kind === 'database',
  async run(context, subject) {
    const target = await targetDatabase(context, subject, t('Drop which database?'));
    if (target === undefined) return undefined;
    const { project, service, database } = target;
    return guard(context, { action: 'drop database', project, service, database: database.name });
  },
};

export const down = projectCommand('containerDatabases.down', 'down', () => t('Take which project down?'));
export const downWithVolumes = projectCommand('containerDatabases.downWithVolumes', 'down with volumes', () => t('Take which project down?'));
export const resetToFresh = projectCommand('containerDatabases.resetToFresh', 'reset', () => t('Reset which project?'));

function projectCommand(id: Command['id'], action: 'down' | 'down with volumes' | 'reset', title: () => string): Command {
  return {
    id,
    enabled: (subject) => subject === undefined || subject.kind === 'project',
    async run(context, subject) {
      const project = await targetProject(context, subject, title());
      return project === undefined ? undefined : guard(context, { action, project });
    },
  };
}

/** The project that a command is about, as far as something of it was created. */
async function targetProject(context: CommandContext, subject: Subject | undefined, title: string): Promise<Project | undefined> {
  const projects = (await context.inventory()).projects.filter(({ endpointId }) => endpointId !== undefined);
  const own = subject?.kind === 'project' ? projects.filter(({ id }) => id === subject.project.id) : projects;
  if (own.length === 0) throw new Failure('PROJECT_MISSING', t('There is no project that could be taken down.'), t('Nothing of it was created.'));
  return pickOne(
    own.map((project) => ({ label: project.name, value: project })),
    title,
  );
}

/** Says what is lost, asks, backs up, and only then does it. */
async function guard(context: CommandContext, target: GuardTarget): Promise<GuardResult | undefined> {
  const { volumes } = await context.app();
  const plan = await context.wait(t('Looking at what would be lost'), () => volumes.guards.plan(target));
  if (!(await askFirst(guardQuestion(t, plan, clock())))) return undefined;
  const typed = plan.typed === undefined ? undefined : await askTyped(plan);
  if (plan.typed !== undefined && typed === undefined) return undefined;
  let result: GuardResult;
  try {
    result = await context.operation(doingText(plan), (operation) => volumes.guards.run(plan, target, typed === undefined ? {} : { typed }, operation));
  } finally {
    await Promise.all([context.watch.refresh(), context.shelf.refresh()]);
  }
  void tell(context, plan, target, result);
  return result;
}

async function askTyped(plan: GuardPlan): Promise<string | undefined> {
  const prompt = typedPrompt(t, plan);
  const isRight = (text: string): boolean => text === plan.typed;
  return window.showInputBox({ title: t('Confirm by name'), prompt, ignoreFocusOut: true, validateInput: (text) => (isRight(text) ? undefined : prompt) });
}

async function tell(context: CommandContext, plan: GuardPlan, { project }: GuardTarget, { backups }: GuardResult): Promise<void> {
  const message = doneText(plan);
  context.log.info(`${message} ${backups.join(', ')}`);
  const restoreIt = t('Restore');
  const pressed = await window.showInformationMessage(message, ...(backups.length === 1 ? [restoreIt] : []));
  const [file] = backups;
  if (pressed !== restoreIt || file === undefined) return;
  const { backups: shelf } = await context.app();
  await restore.run(context, { kind: 'backup', project, backup: await shelf.read(file) });
}

function doingText({ action, project, database, losses }: GuardPlan): string {
  switch (action) {
    case 'drop database':
      return t('Dropping "{0}"', database ?? '');
    case 'remove volume':
      return t('Removing the data of {0}', losses[0]?.service ?? '');
    case 'reset':
      return t('Resetting {0}', project);
    default:
      return t('Taking {0} down', project);
  }
}

function doneText({ action, project, database, losses }: GuardPlan): string {
  switch (action) {
    case 'drop database':
      return t('Dropped "{0}". Its backup was verified before.', database ?? '');
    case 'remove volume':
      return t('Removed the data of {0}. Their backup was booted and counted before.', losses[0]?.service ?? '');
    case 'reset':
      return t('{0} is fresh again. What it held was backed up before.', project);
    default:
      return t('{0} is down. Its data were backed up before.', project);
  }
}
