import type { Node } from 'libpg-query';
import type { Effect } from '../model';
import { strings, tableOf } from './ast';

/** What statements do that change rows; a block of code may do anything. */
export function changedRows(node: Node, sql: string, offset: (bytes: number) => number): readonly Effect[] {
  if ('InsertStmt' in node) return [{ kind: 'insertRows', table: tableOf(node.InsertStmt.relation) }];
  if ('DoStmt' in node) return [{ kind: 'opaque', why: 'It is a block of code.' }];
  const [what, statement] =
    'UpdateStmt' in node ? (['update', node.UpdateStmt] as const) : 'DeleteStmt' in node ? (['delete', node.DeleteStmt] as const) : [undefined, undefined];
  if (what === undefined) return [];
  const joined = 'UpdateStmt' in node ? (node.UpdateStmt.fromClause ?? []).length > 0 : 'DeleteStmt' in node && (node.DeleteStmt.usingClause ?? []).length > 0;
  const condition = statement.whereClause === undefined || joined ? undefined : whereText(sql, offset(firstLocation(statement.whereClause)));
  const limited = /"limitCount"/.test(JSON.stringify(statement.whereClause ?? {})) || /"limitCount"/.test(JSON.stringify(statement.withClause ?? {}));
  return [{ kind: 'changeRows', what, table: tableOf(statement.relation), ...(condition === undefined ? {} : { where: condition }), limited }];
}

/** The leftmost place that a part of the condition stands at. */
function firstLocation(node: Node): number {
  const places = [...JSON.stringify(node).matchAll(/"location":(\d+)/g)].map(([, place]) => Number(place));
  return places.length === 0 ? 0 : Math.min(...places);
}

function whereText(sql: string, at: number): string | undefined {
  const before = /\bWHERE\b(?![\s\S]*\bWHERE\b)/i.exec(sql.slice(0, at));
  return before === null
    ? undefined
    : sql
        .slice(before.index + 'where'.length)
        .replace(/\bRETURNING\b[\s\S]*$/i, '')
        .trim();
}

/** A query changes nothing, but for the function that changes a setting. */
export function selectEffects({ targetList }: Extract<Node, { SelectStmt: unknown }>['SelectStmt']): readonly Effect[] {
  for (const target of targetList ?? []) {
    const value = 'ResTarget' in target ? target.ResTarget.val : undefined;
    if (value === undefined || !('FuncCall' in value) || strings(value.FuncCall.funcname).at(-1) !== 'set_config') continue;
    const [setting] = value.FuncCall.args ?? [];
    return [{ kind: 'setTimeout', setting: setting !== undefined && 'A_Const' in setting ? (setting.A_Const.sval?.sval ?? '') : '' }];
  }
  return [{ kind: 'other' }];
}
