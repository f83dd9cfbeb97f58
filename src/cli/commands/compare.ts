import { stat } from 'node:fs/promises';
import path from 'node:path';
import { comparePlaces, type SchemaSide } from '../../migrations/schema/compare';
import type { Difference } from '../../migrations/schema/compareSchemas';
import { draftChanges } from '../../migrations/schema/draft';
import { draftText } from '../../migrations/schema/draftText';
import { findSchemaPlace, serviceOfPlace } from '../../migrations/schema/place';
import { Failure } from '../../protocol/failure';
import { formatCount } from '../../protocol/format';
import { textOption, type CliCommand, type CommandContext } from '../command';
import { decryptionKeyOf, decryptionOptions } from '../encryptionKeys';
import { columns } from '../terminal';

/** What two databases do not have in common, but their rows. */
export const compareCommand: CliCommand = {
  name: 'compare',
  summary: 'compare the schemas of two databases, snapshots, backups or SQL files: tables, columns, constraints, indexes, functions, privileges, …',
  argument: ['<left>', 'project/service/database or any shorter form, a snapshot of it behind an @; or a file: any dump, or SQL that makes a schema'],
  secondArgument: ['<right>', 'what it is compared with, in the same form; a file is loaded into a scratch database of the other side'],
  options: [
    ['--sql', 'print a draft of what would make the left one like the right one; nothing is run'],
    ['--exit-code', 'end with 1 where they differ'],
    ['--database <name>', 'of a file that holds several databases, the one that is meant'],
    ['--no-owner', 'leave privileges out, for a file that names roles which the server lacks'],
    ...decryptionOptions,
  ],
  run: async (context) => {
    const { app, options, signal, terminal } = context;
    const [left, right] = await bothSides(context);
    const tools = { keeper: app.inventory, restores: app.restores };
    const { differences, ...schemas } = await comparePlaces(tools, left, right, terminal.operation(signal));
    const draft = options['sql'] === true ? draftChanges(schemas.left, schemas.right) : undefined;
    return {
      value: {
        left: left.name,
        right: right.name,
        equal: differences.length === 0,
        differences: differences.map(plain),
        ...(draft === undefined ? {} : { draft }),
      },
      lines: draft === undefined ? differenceLines(differences, left.name, right.name) : draftText(draft).trimEnd().split('\n'),
      incomplete: options['exitCode'] === true && differences.length > 0,
    };
  },
};

/** A name is that of a database first; where there is none, it may be that of a file, which goes to the server of the other side. */
async function bothSides(context: CommandContext): Promise<readonly [SchemaSide, SchemaSide]> {
  const { app, arguments: [first = '', second = ''] = [] } = context;
  const find = async (text: string): Promise<ReturnType<typeof findSchemaPlace> | string> => {
    try {
      return findSchemaPlace(app.inventory.current, text);
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'TARGET_NOT_FOUND') throw error;
      const kind = await kindOfFile(text);
      if (kind === 'file') return path.resolve(text);
      const what =
        kind === undefined ? `There is no database and no file "${text}".` : `There is no database "${text}", and ${kind} of that name cannot be compared.`;
      throw new Failure('TARGET_NOT_FOUND', what, error.remedy);
    }
  };
  const [left, right] = [await find(first), await find(second)];
  if (typeof left !== 'string') return [left, typeof right === 'string' ? await fileSide(context, right, left) : right];
  if (typeof right !== 'string') return [await fileSide(context, left, right), right];
  throw new Failure('USAGE', 'Both sides are files, and no server was named to load them.', 'Name a database as one of them.');
}

async function fileSide({ app, options }: CommandContext, file: string, other: ReturnType<typeof findSchemaPlace>): Promise<SchemaSide> {
  const key = await decryptionKeyOf(options);
  const fromName = textOption(options, 'database');
  return {
    name: path.basename(file),
    backup: await app.backups.read(file),
    ...serviceOfPlace(app.inventory.current, other),
    withoutOwners: options['owner'] === false,
    ...(key === undefined ? {} : { key }),
    ...(fromName === undefined ? {} : { fromName }),
  };
}

async function kindOfFile(text: string): Promise<'file' | 'the folder' | 'what' | undefined> {
  return stat(path.resolve(text)).then(
    (found) => (found.isFile() ? 'file' : found.isDirectory() ? 'the folder' : 'what'),
    () => undefined,
  );
}

/** A difference as JSON: the statements instead of our own model. */
function plain({ left, right, ...difference }: Difference): object {
  return { ...difference, ...(left === undefined ? {} : { left: left.sql }), ...(right === undefined ? {} : { right: right.sql }) };
}

function differenceLines(differences: readonly Difference[], left: string, right: string): readonly string[] {
  if (differences.length === 0) return [`${left} and ${right} have the same schema.`];
  const signs = { 'only left': '-', 'only right': '+', different: '~' } as const;
  const rows = differences.map(({ state, kind, name, facts }) => [
    signs[state],
    kind,
    name,
    facts.map(({ fact, left: one = 'none', right: other = 'none' }) => `${fact}: ${shortened(one)} → ${shortened(other)}`).join('; '),
  ]);
  return [
    `- only in ${left}, + only in ${right}, ~ different`,
    '',
    ...columns(rows),
    '',
    `${formatCount(differences.length)} difference${differences.length === 1 ? '' : 's'}`,
  ];
}

function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
