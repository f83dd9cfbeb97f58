import path from 'node:path';
import { ThemeIcon, window, workspace } from 'vscode';
import type { Backup } from '../../backup/catalogue';
import type { DatabaseTarget } from '../../inventory/target';
import type { Comparison, SchemaSide } from '../../migrations/schema/compare';
import type { SchemaPlace } from '../../migrations/schema/place';
import { Failure } from '../../protocol/failure';
import { formatCount } from '../../protocol/format';
import { askFirst } from '../askFirst';
import { pickBackup, pickOne } from '../picks';
import type { Subject } from '../present/subject';
import { translate as t } from '../translate';
import type { Command, CommandContext } from './command';
import { fetchCopy } from './downloadBackup';
import { targetDatabase } from './targets';

/** Shows what the schemas of two databases or snapshots do not have in common, object by object. */
export const compareSchemas: Command = {
  id: 'containerDatabases.compareSchemas',
  enabled: (subject) => subject === undefined || subject.kind === 'database',
  async run(context, subject) {
    const pair = await twoPlaces(context, subject, t('Compare the schema of which database?'), (name) => t('Compare {0} with…', name));
    if (pair === undefined) return undefined;
    const { left, right } = pair;
    const { comparedObjects } = await import('../../migrations/schema/documents');
    const compared = await comparison(context, left, right);
    if (compared === undefined) return undefined;
    const { differences } = compared;
    if (differences.length === 0) {
      void window.showInformationMessage(t('{0} and {1} have the same schema.', left.name, right.name));
      return 0;
    }
    await context.schemas.show([left.name, right.name], comparedObjects(compared.left, compared.right, differences));
    const count = differences.length === 1 ? t('One difference.') : t('{0} differences.', formatCount(differences.length));
    const draft = t('Draft SQL');
    void window.showInformationMessage(count, draft).then((chosen) => (chosen === draft ? openDraft(context, left, right) : undefined));
    return differences.length;
  },
};

/** Writes down what would make one schema like another, for the user to read. */
export const draftSchemaChanges: Command = {
  id: 'containerDatabases.draftChanges',
  enabled: (subject) => subject === undefined || subject.kind === 'database',
  async run(context, subject) {
    const pair = await twoPlaces(context, subject, t('Change the schema of which database?'), (name) => t('Make {0} like…', name));
    if (pair === undefined) return undefined;
    await openDraft(context, pair.left, pair.right);
    return pair.left.name;
  },
};

async function openDraft(context: CommandContext, left: SchemaPlace, right: SchemaSide): Promise<void> {
  const [{ draftChanges }, { draftText }] = await Promise.all([import('../../migrations/schema/draft'), import('../../migrations/schema/draftText')]);
  const compared = await comparison(context, left, right);
  if (compared === undefined) return;
  const content = draftText(draftChanges(compared.left, compared.right));
  await window.showTextDocument(await workspace.openTextDocument({ language: 'sql', content }), { preview: false });
}

/** Compares, with the key of a backup that is encrypted, and without roles that the server lacks where the user wants that. */
async function comparison(context: CommandContext, left: SchemaPlace, right: SchemaSide): Promise<Comparison | undefined> {
  const { comparePlaces } = await import('../../migrations/schema/compare');
  const { inventory: keeper, restores } = await context.app();
  const compare = (side: SchemaSide): Promise<Comparison> =>
    context.operation(t('Comparing {0} with {1}', left.name, right.name), (operation) => comparePlaces({ keeper, restores }, left, side, operation));
  if (!('backup' in right)) return compare(right);
  const planned = (withoutOwners: boolean): Promise<Comparison> =>
    context.encryption.reading(right.backup, right.project.name, (key) => compare({ ...right, withoutOwners, ...(key === undefined ? {} : { key }) }));
  try {
    return await planned(false);
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'ROLE_MISSING') throw error;
    const detail = t('Create the roles first; or leave privileges out of the comparison.');
    return (await askFirst({ message: error.message, detail, button: t('Go on without owners') })) ? planned(true) : undefined;
  }
}

async function pickFile(context: CommandContext, { project, service, database }: DatabaseTarget): Promise<SchemaSide | undefined> {
  const { backups } = await context.app();
  const target = { project, service, databaseName: database.name };
  const read = (file: string): Promise<Backup> => backups.read(file);
  const words = { title: t('Compare {0} with…', database.name), open: t('Compare with this file') };
  const backup = await pickBackup(target, await backups.list(project), read, () => fetchCopy(context, project), words);
  return backup === undefined ? undefined : { name: path.basename(backup.file), backup, project, service };
}

async function twoPlaces(
  context: CommandContext,
  subject: Subject | undefined,
  title: string,
  next: (name: string) => string,
): Promise<{ readonly left: SchemaPlace; readonly right: SchemaSide } | undefined> {
  const target = await targetDatabase(context, subject, title);
  if (target === undefined) return undefined;
  const { allSchemaPlaces, schemaPlaces } = await import('../../migrations/schema/place');
  const [left] = schemaPlaces(target);
  const others = allSchemaPlaces(await context.inventory()).filter(({ service, database }) => service.id !== left?.service.id || database !== left.database);
  if (left === undefined) throw new Failure('DATABASE_MISSING', t('The database is no longer there.'), t('Refresh the view.'));
  const right = await pickOne<SchemaPlace | 'file'>(
    [
      { label: t('A backup or an SQL file…'), iconPath: new ThemeIcon('archive'), value: 'file' as const },
      ...others.map((value) => ({ label: value.name, iconPath: new ThemeIcon('database'), value })),
    ],
    next(left.name),
  );
  const side = right === 'file' ? await pickFile(context, target) : right;
  return side === undefined ? undefined : { left, right: side };
}
