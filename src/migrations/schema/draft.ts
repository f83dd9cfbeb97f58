import { changeOf, isRetyped, type Change } from './alter';
import { keyOf, objectKinds, type Schema, type SchemaObject } from './model';
import { createStatements, dropStatement, privilegeStatements, type Statement } from './statements';

/** A difference that the draft leaves as it is. */
export interface OpenDifference {
  readonly name: string;
  readonly why: string;
}

/** What would make one schema like another, as far as that is certain. For people to read; nobody runs it by itself. */
export interface Draft {
  /** What must be done before, outside of a transaction. */
  readonly before: readonly Statement[];
  readonly statements: readonly Statement[];
  readonly open: readonly OpenDifference[];
}

type Keys = ReadonlySet<string>;

/** What is to happen to the objects, all by key. */
interface Decision {
  readonly dropped: Keys;
  readonly created: Keys;
  readonly changed: ReadonlyMap<string, Change & { readonly kind: 'in place' }>;
  readonly retyped: Keys;
  readonly open: readonly OpenDifference[];
}

/** What turns `from` into `to`. */
export function draftChanges(from: Schema, to: Schema): Draft {
  const decision = decide(from, to);
  const columns = columnsByTable(to);
  const isWithTable = (object: SchemaObject, keys: Keys): boolean => object.table !== undefined && keys.has(`table ${object.table}`);
  const create = (key: string): readonly Statement[] => {
    const object = to.objects.get(key);
    if (object === undefined || (object.kind === 'column' && isWithTable(object, decision.created))) return [];
    return createStatements(object, columns.get(object.name) ?? []);
  };
  return {
    before: [...decision.changed.values()].flatMap(({ before = [] }) => before),
    statements: [
      ...dropsFirst(from, decision, isWithTable),
      ...inOrder(to, [...decision.created, ...decision.changed.keys()], decision.created).flatMap(
        (key) => decision.changed.get(key)?.statements ?? create(key),
      ),
      ...dropsLast(from, decision),
      ...ownedSequences(from, to, decision),
      ...attachments(from, to, decision),
    ],
    open: decision.open,
  };
}

/** The kinds that others stand on; they go once nothing stands on them any more. */
const foundations: readonly SchemaObject['kind'][] = ['schema', 'extension', 'enum', 'domain', 'composite type', 'range type'];

/** What is put on objects after all else. */
const attached: readonly SchemaObject['kind'][] = ['privileges', 'comment'];

function decide(from: Schema, to: Schema): Decision {
  const dropped = new Set<string>();
  const created = new Set<string>();
  const retyped = new Set<string>();
  const changed = new Map<string, Change & { kind: 'in place' }>();
  const open: OpenDifference[] = [];
  const replace = (key: string): void => {
    dropped.add(key);
    created.add(key);
    changed.delete(key);
  };
  for (const [key, left] of from.objects) {
    if (attached.includes(left.kind)) continue;
    const right = to.objects.get(key);
    if (right === undefined) dropped.add(key);
    else if (left.sql !== right.sql || JSON.stringify(left.facts) !== JSON.stringify(right.facts)) {
      const change = changeOf(left, right);
      if (change.kind === 'open') open.push({ name: key, why: change.why });
      else if (change.kind === 'replace') replace(key);
      else changed.set(key, change);
      if (change.kind === 'in place' && isRetyped(left, right)) retyped.add(key);
    }
  }
  for (const [key, { kind }] of to.objects) if (!from.objects.has(key) && !attached.includes(kind)) created.add(key);
  const dependents = reversed(from.needs);
  const reach = [...dropped, ...retyped];
  for (let root = reach.pop(); root !== undefined; root = reach.pop()) {
    for (const dependent of dependents.get(root) ?? []) {
      const object = from.objects.get(dependent);
      if (object === undefined || dropped.has(dependent) || attached.includes(object.kind)) continue;
      if (retyped.has(root) && !dropped.has(root) && survivesRetyping.includes(object.kind)) continue;
      if (holdsData.includes(object.kind)) {
        // It is changed before what it stood on goes, or cannot be helped here.
        if (to.needs.get(dependent)?.has(root) === true || (object.kind === 'column' && object.facts['generated'] !== undefined))
          open.push({ name: root, why: `${dependent} depends on it` });
        continue;
      }
      replace(dependent);
      reach.push(dependent);
    }
  }
  return { dropped, created, changed, retyped, open };
}

/** The server sees to these itself when a column gets another type. */
const survivesRetyping: readonly SchemaObject['kind'][] = ['constraint', 'index', 'statistics', 'sequence'];

const holdsData: readonly SchemaObject['kind'][] = ['table', 'column', 'sequence', ...foundations];

function dropsFirst(
  from: Schema,
  { dropped, created, changed, retyped }: Decision,
  isWithTable: (object: SchemaObject, keys: Keys) => boolean,
): readonly Statement[] {
  const isDefaultInTheWay = (key: string): boolean => retyped.has(key) || [...(from.needs.get(key) ?? [])].some((need) => dropped.has(need));
  const defaults = [...changed.keys()].filter(
    (key) => from.objects.get(key)?.kind === 'column' && from.objects.get(key)?.facts['default'] !== undefined && isDefaultInTheWay(key),
  );
  return inOrder(from, [...dropped, ...defaults], new Set())
    .toReversed()
    .flatMap((key): readonly Statement[] => {
      const object = from.objects.get(key);
      if (object === undefined) return [];
      if (!dropped.has(key)) return [{ sql: `ALTER TABLE ${object.table ?? ''} ALTER COLUMN ${object.facts['column'] ?? ''} DROP DEFAULT` }];
      if (foundations.includes(object.kind) && !created.has(key)) return [];
      if (isWithTable(object, dropped) && !(object.kind === 'constraint' && object.facts['type'] === 'f')) return [];
      if (object.kind === 'sequence' && goesWithItsOwner(object, dropped)) return [];
      return [dropStatement(object)];
    });
}

function dropsLast(from: Schema, { dropped, created }: Decision): readonly Statement[] {
  const last = [...dropped].filter((key) => !created.has(key) && foundations.includes(from.objects.get(key)?.kind ?? 'table'));
  return inOrder(from, last, new Set())
    .toReversed()
    .flatMap((key) => {
      const object = from.objects.get(key);
      return object === undefined ? [] : [dropStatement(object)];
    });
}

function goesWithItsOwner({ facts }: SchemaObject, dropped: Keys): boolean {
  const owner = facts['owned by'];
  if (owner === undefined) return false;
  return dropped.has(`column ${owner}`);
}

function ownedSequences(from: Schema, to: Schema, { created, changed }: Decision): readonly Statement[] {
  return [...created, ...changed.keys()].flatMap((key): readonly Statement[] => {
    const object = to.objects.get(key);
    const owner = object?.facts['owned by'];
    const before = created.has(key) ? undefined : from.objects.get(key)?.facts['owned by'];
    return object?.kind !== 'sequence' || owner === before ? [] : [{ sql: `ALTER SEQUENCE ${object.name} OWNED BY ${owner ?? 'NONE'}` }];
  });
}

/** Privileges and comments: those that differ, and those of what has been made anew. */
function attachments(from: Schema, to: Schema, { dropped, created }: Decision): readonly Statement[] {
  const keys = new Set([...from.objects.keys(), ...to.objects.keys()]);
  return [...keys].flatMap((key): readonly Statement[] => {
    const [left, right] = [from.objects.get(key), to.objects.get(key)];
    const object = right ?? left;
    if (object === undefined || !attached.includes(object.kind)) return [];
    const { of = '' } = object;
    if (dropped.has(of) && !created.has(of)) return [];
    const before = created.has(of) ? undefined : left;
    if (before?.sql === right?.sql) return [];
    if (object.kind === 'privileges') return privilegeStatements(object.name, before?.facts, right?.facts);
    return right === undefined ? (before === undefined ? [] : [dropStatement(object)]) : [{ sql: right.sql }];
  });
}

function columnsByTable({ objects }: Schema): ReadonlyMap<string, readonly SchemaObject[]> {
  const byTable = new Map<string, SchemaObject[]>();
  for (const object of objects.values()) {
    if (object.kind !== 'column' || object.table === undefined) continue;
    byTable.set(object.table, [...(byTable.get(object.table) ?? []), object]);
  }
  return byTable;
}

function reversed(needs: Schema['needs']): ReadonlyMap<string, readonly string[]> {
  const dependents = new Map<string, string[]>();
  for (const [key, needed] of needs) for (const need of needed) dependents.set(need, [...(dependents.get(need) ?? []), key]);
  return dependents;
}

/** The keys so that each comes after what it needs; a table of `whole` stands for its columns. Circles end where they began. */
function inOrder({ objects, needs }: Schema, keys: readonly string[], whole: Keys): readonly string[] {
  const wanted = new Set(keys);
  const done = new Set<string>();
  const ordered: string[] = [];
  const standsFor = (key: string): string => {
    const { kind, table } = objects.get(key) ?? {};
    return kind === 'column' && whole.has(`table ${table ?? ''}`) ? `table ${table ?? ''}` : key;
  };
  const columns = columnsByTable({ objects, needs });
  const visit = (asked: string): void => {
    const key = standsFor(asked);
    if (done.has(key)) return;
    done.add(key);
    const object = objects.get(key);
    const own = object?.kind === 'table' && whole.has(key) ? (columns.get(object.name) ?? []).map(keyOf) : [];
    const table = object?.table === undefined ? [] : [`table ${object.table}`];
    const all = [key, ...own].flatMap((each) => [...(needs.get(each) ?? [])]);
    for (const need of [...table, ...all].filter((each) => objects.has(each)).toSorted(byRank(objects))) visit(need);
    if (wanted.has(key)) ordered.push(key);
  };
  for (const key of [...wanted].toSorted(byRank(objects))) visit(key);
  return ordered;
}

function byRank(objects: Schema['objects']): (a: string, b: string) => number {
  const rank = (key: string): number => objectKinds.indexOf(objects.get(key)?.kind ?? 'comment');
  return (a, b) => rank(a) - rank(b) || (a < b ? -1 : 1);
}
