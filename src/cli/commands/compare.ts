import { comparePlaces } from '../../migrations/schema/compare';
import type { Difference } from '../../migrations/schema/compareSchemas';
import { draftChanges } from '../../migrations/schema/draft';
import { draftText } from '../../migrations/schema/draftText';
import { findSchemaPlace } from '../../migrations/schema/place';
import { formatCount } from '../../protocol/format';
import type { CliCommand } from '../command';
import { columns } from '../terminal';

/** What two databases do not have in common, but their rows. */
export const compareCommand: CliCommand = {
  name: 'compare',
  summary: 'compare the schemas of two databases or snapshots: tables, columns, constraints, indexes, functions, privileges, …',
  argument: ['<left>', 'project/service/database or any shorter form; a snapshot of it behind an @'],
  secondArgument: ['<right>', 'what it is compared with, in the same form'],
  options: [
    ['--sql', 'print a draft of what would make the left one like the right one; nothing is run'],
    ['--exit-code', 'end with 1 where they differ'],
  ],
  run: async ({ app, options, signal, arguments: [first = '', second = ''] = [] }) => {
    const [left, right] = [findSchemaPlace(app.inventory.current, first), findSchemaPlace(app.inventory.current, second)];
    const { differences, ...schemas } = await comparePlaces(app.inventory, left, right, signal);
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
