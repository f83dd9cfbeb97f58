import { ThemeIcon, window } from 'vscode';
import type { BackupWishes } from '../../backup/backups';
import { databaseTargets, type DatabaseTarget } from '../../inventory/target';
import { formatBytes } from '../../protocol/format';
import { Failure } from '../../protocol/failure';
import { pickOne } from '../picks';
import { encryptionOptions, formatOptions, scopeOptions, tableOptions, type EncryptionWish, type FormatWish, type ScopeWish } from '../present/backupOptions';
import type { Subject } from '../present/subject';
import { askStep, walk, type Step } from '../steps';
import { clock, translate as t } from '../translate';
import { makeBackups } from './backUp';
import type { Command, CommandContext } from './command';
import { targetDatabase } from './targets';

export const backUpWithOptions: Command = {
  id: 'containerDatabases.backUpWithOptions',
  enabled: (subject) => subject === undefined || subject.kind === 'database' || (subject.kind === 'service' && subject.service.databases.length > 0),
  async run(context, subject) {
    const targets = await targetDatabases(context, subject);
    const [first, ...others] = targets;
    if (first === undefined) return undefined;
    const wishes = await walk(stepsFor(context, targets), {});
    if (wishes?.scope === undefined) return undefined;
    const { encryption, recipients, scope, ...rest } = wishes;
    const key = await keyFor(context, first.project.name, encryption ?? 'none', recipients ?? []);
    const made = await makeBackups(context, targets, { reason: 'manual', ...rest, scope, key });
    return others.length === 0 ? made[0]?.backup : made.map(({ backup }) => backup);
  },
};

/** What has been chosen so far. */
interface Chosen extends Partial<FormatWish> {
  readonly scope?: ScopeWish;
  readonly tables?: readonly string[];
  readonly encryption?: EncryptionWish;
  readonly recipients?: readonly string[];
}

/** The database of the row; of a service with several, one or all of them. */
async function targetDatabases(context: CommandContext, subject: Subject | undefined): Promise<readonly DatabaseTarget[]> {
  if (subject?.kind === 'service') {
    const { project, service } = subject;
    const all = databaseTargets(await context.inventory()).filter((target) => target.project.id === project.id && target.service.name === service.name);
    if (all.length > 1) return (await pickAmong(all, service.name)) ?? [];
  }
  const target = await targetDatabase(context, subject, t('Back up which database?'));
  return target === undefined ? [] : [target];
}

async function pickAmong(all: readonly DatabaseTarget[], service: string): Promise<readonly DatabaseTarget[] | undefined> {
  const size = formatBytes(all.reduce((sum, { database }) => sum + database.sizeBytes, 0));
  const choices = [
    { label: t('All databases of {0}', service), description: `${all.length} · ${size}`, iconPath: new ThemeIcon('server'), value: all },
    ...all.map((target) => ({
      label: target.database.name,
      description: formatBytes(target.database.sizeBytes),
      iconPath: new ThemeIcon('database'),
      value: [target],
    })),
  ];
  return pickOne<readonly DatabaseTarget[]>(choices, t('Back up which database?'));
}

function stepsFor(context: CommandContext, targets: readonly DatabaseTarget[]): (chosen: Chosen) => readonly Step<Chosen>[] {
  const [first] = targets;
  if (first === undefined) return () => [];
  const title = targets.length === 1 ? t('Back up "{0}"', first.database.name) : t('Back up {0} databases', targets.length);
  const steps = [
    whatStep(title, targets.length > 1),
    tablesStep(title, context, first),
    formatStep(title),
    encryptionStep(title, context, first.project.name),
  ] as const;
  return ({ scope }) => steps.filter((step) => step !== steps[1] || scope === 'tables');
}

function whatStep(title: string, several: boolean): Step<Chosen> {
  return async (_, place) => {
    const answer = await askStep({ title, place, placeholder: t('Back up what?'), options: async () => scopeOptions(t, several) });
    const scope = answer === 'back' ? undefined : answer?.[0];
    return scope === undefined ? undefined : { scope };
  };
}

function tablesStep(title: string, context: CommandContext, target: DatabaseTarget): Step<Chosen> {
  return async (chosen, place) => {
    const options = async (signal: AbortSignal): Promise<ReturnType<typeof tableOptions>> => {
      const { backups } = await context.app();
      const tables = await backups.tables(target, signal);
      if (tables.length === 0) throw new Failure('TABLES_MISSING', t('"{0}" has no table.', target.database.name), t('Back up the whole database.'));
      return tableOptions(t, tables, clock().language);
    };
    const tables = await askStep({ title, place, placeholder: t('Which tables? Largest first'), options, several: t('Tick at least one table') });
    return tables === undefined || tables === 'back' ? tables : { ...chosen, tables };
  };
}

function formatStep(title: string): Step<Chosen> {
  return async (chosen, place) => {
    const options = async (): Promise<ReturnType<typeof formatOptions>> => formatOptions(t, chosen.scope ?? 'full');
    const answer = await askStep({ title, place, placeholder: t('In which format?'), options });
    return answer === undefined || answer === 'back' ? answer : { ...chosen, ...answer[0] };
  };
}

function encryptionStep(title: string, { encryption }: CommandContext, project: string): Step<Chosen> {
  return async (chosen, place) => {
    const options = async (): Promise<ReturnType<typeof encryptionOptions>> => encryptionOptions(t, project, encryption.mode, encryption.recipients.length);
    const answer = await askStep({ title, place, placeholder: t('Encrypt it?'), options });
    if (answer === undefined || answer === 'back') return answer;
    const [wish = 'none'] = answer;
    if (wish !== 'other recipients') return { ...chosen, encryption: wish };
    const recipients = await askRecipients(encryption, title);
    return recipients === undefined ? undefined : { ...chosen, encryption: wish, recipients };
  };
}

async function askRecipients(encryption: CommandContext['encryption'], title: string): Promise<readonly string[] | undefined> {
  const words = (text: string): readonly string[] => text.split(/[\s,;]+/).filter((word) => word !== '');
  const typed = await window.showInputBox({
    title,
    prompt: t('Public keys of age, with blanks between them'),
    placeHolder: 'age1…',
    ignoreFocusOut: true,
    validateInput: async (text) => problemOf(async () => encryption.forRecipients(words(text))),
  });
  return typed === undefined ? undefined : words(typed);
}

async function problemOf(work: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof Failure) return error.message;
    throw error;
  }
}

async function keyFor(
  { encryption }: CommandContext,
  project: string,
  wish: EncryptionWish,
  recipients: readonly string[],
): Promise<NonNullable<BackupWishes['key']>> {
  switch (wish) {
    case 'none':
      return 'none';
    case 'passphrase':
      return encryption.forPassphrase(project);
    case 'recipients':
      return encryption.forRecipients(encryption.recipients);
    case 'other recipients':
      return encryption.forRecipients(recipients);
  }
}
