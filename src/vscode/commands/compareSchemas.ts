import { ThemeIcon, window, workspace } from 'vscode';
import type { SchemaPlace } from '../../migrations/schema/place';
import { Failure } from '../../protocol/failure';
import { formatCount } from '../../protocol/format';
import { pickOne } from '../picks';
import type { Subject } from '../present/subject';
import { translate as t } from '../translate';
import type { Command, CommandContext } from './command';
import { targetDatabase } from './targets';

/** Shows what the schemas of two databases or snapshots do not have in common, object by object. */
export const compareSchemas: Command = {
  id: 'containerDatabases.compareSchemas',
  enabled: (subject) => subject === undefined || subject.kind === 'database',
  async run(context, subject) {
    const pair = await twoPlaces(context, subject, t('Compare the schema of which database?'), (name) => t('Compare {0} with…', name));
    if (pair === undefined) return undefined;
    const { left, right } = pair;
    const { comparePlaces } = await import('../../migrations/schema/compare');
    const { comparedObjects } = await import('../../migrations/schema/documents');
    const { inventory } = await context.app();
    const compared = await context.operation(t('Comparing {0} with {1}', left.name, right.name), ({ signal }) => comparePlaces(inventory, left, right, signal));
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

async function openDraft(context: CommandContext, left: SchemaPlace, right: SchemaPlace): Promise<void> {
  const [{ comparePlaces }, { draftChanges }, { draftText }] = await Promise.all([
    import('../../migrations/schema/compare'),
    import('../../migrations/schema/draft'),
    import('../../migrations/schema/draftText'),
  ]);
  const { inventory } = await context.app();
  const compared = await context.operation(t('Comparing {0} with {1}', left.name, right.name), ({ signal }) => comparePlaces(inventory, left, right, signal));
  const content = draftText(draftChanges(compared.left, compared.right));
  await window.showTextDocument(await workspace.openTextDocument({ language: 'sql', content }), { preview: false });
}

async function twoPlaces(
  context: CommandContext,
  subject: Subject | undefined,
  title: string,
  next: (name: string) => string,
): Promise<{ readonly left: SchemaPlace; readonly right: SchemaPlace } | undefined> {
  const target = await targetDatabase(context, subject, title);
  if (target === undefined) return undefined;
  const { allSchemaPlaces, schemaPlaces } = await import('../../migrations/schema/place');
  const [left] = schemaPlaces(target);
  const others = allSchemaPlaces(await context.inventory()).filter(({ service, database }) => service.id !== left?.service.id || database !== left.database);
  if (left === undefined || others.length === 0) {
    throw new Failure('DATABASE_MISSING', t('There is no other database to compare with.'), t('Take a snapshot, or start the other project.'));
  }
  const right = await pickOne(
    others.map((value) => ({ label: value.name, iconPath: new ThemeIcon('database'), value })),
    next(left.name),
  );
  return right === undefined ? undefined : { left, right };
}
