import { Failure } from '../../protocol/failure';
import type { MergeConflict } from '../facts';
import type { MergeTable } from '../part/mergeSql';
import type { ForeignKey, OwnedSequence, TableColumns } from '../part/readTables';
import { orderTables } from './order';
import type { KeyColumn, UniqueKey } from './readUniqueKeys';

/** How a row gets a key that nobody has. */
export type Numbering =
  | { readonly kind: 'uuid'; readonly column: string }
  /** Counted on from the largest, and from where the sequence stands. */
  | { readonly kind: 'number'; readonly column: string; readonly sequence?: Pick<OwnedSequence, 'sequence' | 'increment'> };

export interface MergingTable extends MergeTable {
  /** Absent where a key is made of references or texts, so that there is no other for the same row. */
  readonly numbering?: Numbering;
  /** Columns that the other side has not, quoted; rows that are there keep what they have in them. */
  readonly kept: readonly string[];
  /** What keeps its rows apart, as far as it can be told from the columns that both sides have. */
  readonly uniqueKeys: readonly UniqueKey[];
}

/** A foreign key between columns that both sides have. The positions are those of the tables of the merge. */
export interface FollowedKey extends ForeignKey {
  readonly childAt: number;
  /** Absent where the table that is referred to is not merged. */
  readonly parentAt?: number;
}

/** How rows of one database join those of another. */
export interface MergePlan {
  /** In the order of their foreign keys. */
  readonly tables: readonly MergingTable[];
  readonly onConflict: MergeConflict;
  readonly followed: readonly FollowedKey[];
  /** All foreign keys of and to the tables: what is checked before the end. */
  readonly foreignKeys: readonly ForeignKey[];
  readonly sequences: readonly OwnedSequence[];
  /** Tables that refer to one another; their references are checked at the end only. */
  readonly circles: readonly (readonly string[])[];
}

export interface MergeFacts {
  readonly tables: readonly MergeTable[];
  readonly foreignKeys: readonly ForeignKey[];
  readonly sequences: readonly OwnedSequence[];
  readonly uniqueKeys: readonly UniqueKey[];
  readonly keyColumns: readonly KeyColumn[];
  /** All columns of the live tables. */
  readonly ours: ReadonlyMap<string, Pick<TableColumns, 'columns'>>;
}

/** Decides in which order tables are merged, and which keys can be made anew. Throws `TABLE_CIRCLE`. */
export function planMerge(facts: MergeFacts, onConflict: MergeConflict): MergePlan {
  const { foreignKeys, sequences } = facts;
  const named = new Map(facts.tables.map((table) => [table.table, table]));
  const order = orderTables([...named.keys()], foreignKeys);
  const [circle] = order.circles;
  if (onConflict === 'renumber' && circle !== undefined) {
    throw new Failure(
      'TABLE_CIRCLE',
      `${circle.join(' and ')} refer to one another, so their rows cannot get new keys one table after the other. Nothing was changed.`,
      'Leave one of them out, or have rows whose key is taken skipped or updated.',
    );
  }
  const tables = order.tables.flatMap((name) => {
    const table = named.get(name);
    return table === undefined ? [] : [mergingTable(table, facts)];
  });
  return { tables, onConflict, followed: followedKeys(tables, foreignKeys), foreignKeys, sequences, circles: order.circles };
}

function mergingTable(table: MergeTable, facts: MergeFacts): MergingTable {
  const numbering = numberingOf(table, facts);
  const uniqueKeys = facts.uniqueKeys.filter((key) => key.table === table.table && key.uses.every((column) => table.columns.includes(column)));
  const kept = (facts.ours.get(table.table)?.columns ?? []).filter((column) => !table.columns.includes(column));
  return { ...table, ...(numbering === undefined ? {} : { numbering }), kept, uniqueKeys };
}

/** The column of the key that is the table's own: no part of a reference; where there are several, the one with a sequence. */
function numberingOf({ table, key }: MergeTable, { foreignKeys, sequences, keyColumns }: MergeFacts): Numbering | undefined {
  const own = keyColumns.filter(
    (each) =>
      each.table === table &&
      key.includes(each.column) &&
      !foreignKeys.some(({ child, childColumns }) => child === table && childColumns.includes(each.column)),
  );
  const numbers = own.filter(({ kind }) => kind === 'number');
  const sequenceOf = (column: string): OwnedSequence | undefined =>
    sequences.find((each) => each.table === table && each.column === column && each.increment > 0);
  const number = numbers.find(({ column }) => sequenceOf(column) !== undefined) ?? numbers.at(-1);
  if (number !== undefined) {
    const sequence = sequenceOf(number.column);
    return { kind: 'number', column: number.column, ...(sequence === undefined ? {} : { sequence }) };
  }
  const uuid = own.find(({ kind }) => kind === 'uuid');
  return uuid === undefined ? undefined : { kind: 'uuid', column: uuid.column };
}

function followedKeys(tables: readonly MergingTable[], foreignKeys: readonly ForeignKey[]): readonly FollowedKey[] {
  return foreignKeys.flatMap((foreignKey) => {
    const at = (name: string, columns: readonly string[]): number =>
      tables.findIndex(({ table, columns: has }) => table === name && columns.every((column) => has.includes(column)));
    const childAt = at(foreignKey.child, foreignKey.childColumns);
    const parentAt = at(foreignKey.parent, foreignKey.parentColumns);
    return childAt === -1 ? [] : [{ ...foreignKey, childAt, ...(parentAt === -1 ? {} : { parentAt }) }];
  });
}
