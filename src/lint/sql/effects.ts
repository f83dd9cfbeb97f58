import type { AlterTableCmd, AlterTableStmt, Constraint, Node } from 'libpg-query';
import type { Effect, Span, TableName } from '../model';
import { columnOf, nameParts, strings, tableFromParts, tableOf, typeText } from './ast';
import { changedRows, selectEffects } from './rows';
import { commandSpans, type Token } from './tokens';
import { utf16Offsets } from './utf8';

/** What a statement does, and what of it matters. Positions count within the statement. */
export interface SqlEffect {
  readonly effect: Effect;
  readonly focus?: Span;
}

type Offsets = (bytes: number) => number;

/** What the tree of one statement does to the database. */
export function effectsOf(node: Node, sql: string, tokens: readonly Token[]): readonly SqlEffect[] {
  const offset = utf16Offsets(sql);
  if ('AlterTableStmt' in node) return alterTable(node.AlterTableStmt, sql, tokens, offset);
  const effects = plainEffects(node, sql, offset);
  return effects.map((effect) => ({ effect }));
}

function plainEffects(node: Node, sql: string, offset: Offsets): readonly Effect[] {
  if ('CreateStmt' in node) {
    const columns = (node.CreateStmt.tableElts ?? []).flatMap((element) => {
      if (!('ColumnDef' in element)) return [];
      const from = offset(element.ColumnDef.location ?? 0);
      return [columnOf(element.ColumnDef, sql, { from, to: from + (element.ColumnDef.colname ?? '').length })];
    });
    return [{ kind: 'createTable', table: tableOf(node.CreateStmt.relation), columns, ifNotExists: node.CreateStmt.if_not_exists === true }];
  }
  if ('CreateTableAsStmt' in node && node.CreateTableAsStmt.objtype === 'OBJECT_TABLE') {
    return [{ kind: 'createTable', table: tableOf(node.CreateTableAsStmt.into?.rel), columns: [], ifNotExists: node.CreateTableAsStmt.if_not_exists === true }];
  }
  if ('DropStmt' in node) return dropped(node.DropStmt);
  if ('DropOwnedStmt' in node) return [{ kind: 'dropCascade', what: 'owned', names: (node.DropOwnedStmt.roles ?? []).flatMap(roleName) }];
  if ('RenameStmt' in node) return renamed(node.RenameStmt);
  if ('IndexStmt' in node) return [createdIndex(node.IndexStmt)];
  if ('UpdateStmt' in node || 'DeleteStmt' in node || 'InsertStmt' in node || 'DoStmt' in node) return changedRows(node, sql, offset);
  if ('SelectStmt' in node) return selectEffects(node.SelectStmt);
  if ('TruncateStmt' in node) {
    const tables = (node.TruncateStmt.relations ?? []).flatMap((each) => ('RangeVar' in each ? (tableOf(each.RangeVar) ?? []) : []));
    return [{ kind: 'truncate', tables, cascade: node.TruncateStmt.behavior === 'DROP_CASCADE' }];
  }
  if ('DropdbStmt' in node) return [{ kind: 'dropDatabase', name: node.DropdbStmt.dbname ?? '' }];
  if ('VariableSetStmt' in node) return [{ kind: 'setTimeout', setting: node.VariableSetStmt.name ?? '' }];
  if ('TransactionStmt' in node) return transaction(node.TransactionStmt.kind);
  if ('ReindexStmt' in node) {
    const concurrently = (node.ReindexStmt.params ?? []).some((each) => 'DefElem' in each && each.DefElem.defname === 'concurrently');
    return [{ kind: 'concurrent', what: 'reindex', table: tableOf(node.ReindexStmt.relation), concurrently }];
  }
  if ('RefreshMatViewStmt' in node) {
    const { relation, concurrent } = node.RefreshMatViewStmt;
    return [{ kind: 'concurrent', what: 'refresh', table: tableOf(relation), concurrently: concurrent === true }];
  }
  if ('CreateDomainStmt' in node) {
    const constrained = (node.CreateDomainStmt.constraints ?? []).some((each) => 'Constraint' in each && each.Constraint.contype !== 'CONSTR_DEFAULT');
    return constrained ? [{ kind: 'constrainDomain', name: strings(node.CreateDomainStmt.domainname).at(-1) ?? '' }] : [];
  }
  if ('AlterDomainStmt' in node && node.AlterDomainStmt.subtype === 'C') {
    return [{ kind: 'constrainDomain', name: strings(node.AlterDomainStmt.typeName).at(-1) ?? '' }];
  }
  return [{ kind: 'other' }];
}

function transaction(kind: string | undefined): readonly Effect[] {
  if (kind === 'TRANS_STMT_BEGIN' || kind === 'TRANS_STMT_START') return [{ kind: 'transaction', action: 'begin' }];
  if (kind === 'TRANS_STMT_COMMIT') return [{ kind: 'transaction', action: 'commit' }];
  return kind === 'TRANS_STMT_ROLLBACK' ? [{ kind: 'transaction', action: 'rollback' }] : [];
}

function dropped({ objects, removeType, behavior, concurrent, missing_ok }: Extract<Node, { DropStmt: unknown }>['DropStmt']): readonly Effect[] {
  if (removeType !== 'OBJECT_TABLE' && removeType !== 'OBJECT_INDEX' && behavior === 'DROP_CASCADE') {
    const what = (removeType ?? 'OBJECT').replace('OBJECT_', '').replace('MATVIEW', 'MATERIALIZED VIEW').toLowerCase();
    return [{ kind: 'dropCascade', what, names: (objects ?? []).map((object) => nameParts(object).join('.')) }];
  }
  return (objects ?? []).flatMap((object): readonly Effect[] => {
    const target = tableFromParts(nameParts(object));
    if (removeType === 'OBJECT_TABLE') return [{ kind: 'dropTable', table: target, cascade: behavior === 'DROP_CASCADE' }];
    if (removeType !== 'OBJECT_INDEX') return [{ kind: 'other' }];
    const place = { ...(target === undefined ? {} : { name: target.name }), ...(target?.schema === undefined ? {} : { schema: target.schema }) };
    return [{ kind: 'dropIndex', table: undefined, ...place, concurrently: concurrent === true, ifExists: missing_ok === true }];
  });
}

function roleName(role: Node): readonly string[] {
  return 'RoleSpec' in role ? [role.RoleSpec.rolename ?? 'the current role'] : [];
}

function renamed({ renameType, relation, subname, newname }: Extract<Node, { RenameStmt: unknown }>['RenameStmt']): readonly Effect[] {
  const table = tableOf(relation);
  if (renameType === 'OBJECT_COLUMN') return [{ kind: 'renameColumn', table, column: subname, to: newname }];
  return renameType === 'OBJECT_TABLE' ? [{ kind: 'renameTable', table, to: newname }] : [{ kind: 'other' }];
}

function createdIndex(index: Extract<Node, { IndexStmt: unknown }>['IndexStmt']): Effect {
  const columns = (index.indexParams ?? []).map((each) => ('IndexElem' in each ? each.IndexElem.name : undefined));
  return {
    kind: 'createIndex',
    table: tableOf(index.relation),
    columns: columns.every((column) => column !== undefined) ? columns : [],
    ...(index.idxname === undefined ? {} : { name: index.idxname }),
    unique: index.unique === true,
    partial: index.whereClause !== undefined,
    concurrently: index.concurrent === true,
    ifNotExists: index.if_not_exists === true,
  };
}

function alterTable({ relation, cmds, objtype }: AlterTableStmt, sql: string, tokens: readonly Token[], offset: Offsets): readonly SqlEffect[] {
  const table = tableOf(relation);
  if (objtype !== 'OBJECT_TABLE') return [{ effect: { kind: 'other' } }];
  const spans = commandSpans(sql, tokens, offset(relation?.location ?? 0));
  return (cmds ?? []).flatMap((node, index) => {
    const focus = spans[index] ?? { from: 0, to: sql.length };
    return 'AlterTableCmd' in node ? commandEffects(node.AlterTableCmd, table, sql, focus).map((effect) => ({ effect, focus })) : [];
  });
}

function commandEffects(command: AlterTableCmd, table: TableName | undefined, sql: string, span: Span): readonly Effect[] {
  const { subtype, def, name } = command;
  const column = name;
  switch (subtype) {
    case 'AT_AddColumn': {
      if (def === undefined || !('ColumnDef' in def)) return [];
      const added = columnOf(def.ColumnDef, sql, span);
      const constraints = (def.ColumnDef.constraints ?? []).flatMap((each) => ('Constraint' in each ? [each.Constraint] : []));
      return [{ kind: 'addColumn', table, column: added }, ...constraints.flatMap((each) => constraintEffects(each, table, [added.name], sql, span))];
    }
    case 'AT_DropColumn':
      return [{ kind: 'dropColumn', table, column }];
    case 'AT_SetNotNull':
      return [{ kind: 'setNotNull', table, column }];
    case 'AT_DropNotNull':
      return [{ kind: 'dropNotNull', table, column }];
    case 'AT_AlterColumnType': {
      const definition = def !== undefined && 'ColumnDef' in def ? def.ColumnDef : undefined;
      const using = /\bUSING\s+([\s\S]+)$/i.exec(sql.slice(span.from, span.to))?.[1];
      return [{ kind: 'setType', table, column, type: typeText(definition?.typeName), existingType: undefined, ...(using === undefined ? {} : { using }) }];
    }
    case 'AT_AddConstraint':
      return def !== undefined && 'Constraint' in def ? constraintEffects(def.Constraint, table, undefined, sql, span) : [];
    case 'AT_ValidateConstraint':
      return [{ kind: 'validateConstraint', table, ...(name === undefined ? {} : { name }) }];
    case 'AT_DropConstraint':
      return [{ kind: 'dropConstraint', table, ...(name === undefined ? {} : { name }) }];
    case 'AT_DisableTrigAll':
    case 'AT_DisableTrigUser':
    case 'AT_DisableTrig':
      return [{ kind: 'disableTriggers', table, checksToo: subtype === 'AT_DisableTrigAll' }];
    case 'AT_DetachPartition':
      return [{ kind: 'concurrent', what: 'detach', table, concurrently: def !== undefined && 'PartitionCmd' in def && def.PartitionCmd.concurrent === true }];
    default:
      return [{ kind: 'other', ...(table === undefined ? {} : { locks: table }) }];
  }
}

/** A constraint that is added: of a column in its definition, or of the table. */
function constraintEffects(
  constraint: Constraint,
  table: TableName | undefined,
  own: readonly string[] | undefined,
  sql: string,
  span: Span,
): readonly Effect[] {
  const named = constraint.conname === undefined ? {} : { name: constraint.conname };
  const usingIndex = constraint.indexname !== undefined;
  const notValid = constraint.skip_validation === true;
  switch (constraint.contype) {
    case 'CONSTR_FOREIGN': {
      const target = tableOf(constraint.pktable);
      const columns = own ?? strings(constraint.fk_attrs);
      return [{ kind: 'addForeignKey', table, ...named, columns, target, targetColumns: strings(constraint.pk_attrs), notValid }];
    }
    case 'CONSTR_CHECK': {
      const expression = /\bCHECK\s*\(([\s\S]*)\)(?:\s+NOT\s+VALID)?\s*$/i.exec(sql.slice(span.from, span.to))?.[1];
      return [{ kind: 'addCheck', table, ...named, ...(expression === undefined ? {} : { expression }), notValid }];
    }
    case 'CONSTR_UNIQUE':
      return [{ kind: 'addUnique', table, ...named, columns: own ?? strings(constraint.keys), usingIndex }];
    case 'CONSTR_PRIMARY':
      return [{ kind: 'addPrimaryKey', table, ...named, columns: own ?? strings(constraint.keys), usingIndex }];
    default:
      return [];
  }
}
