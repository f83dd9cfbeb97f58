import type { Rule } from '../rule';
import { backfillInMigration } from './backfillInMigration';
import { checkAdd } from './checkAdd';
import { columnAddNullable } from './columnAddNullable';
import { columnAddRequired } from './columnAddRequired';
import { columnAddRewrite } from './columnAddRewrite';
import { columnDrop } from './columnDrop';
import { columnDropNotNull } from './columnDropNotNull';
import { columnRename } from './columnRename';
import { columnSetNotNull } from './columnSetNotNull';
import { columnType } from './columnType';
import { concurrentlyInTransaction } from './concurrentlyInTransaction';
import { concurrentlyMissing } from './concurrentlyMissing';
import { dataStatementOpaque } from './dataStatementOpaque';
import { databaseDrop } from './databaseDrop';
import { dropCascade } from './dropCascade';
import { domainConstraint } from './domainConstraint';
import { downgradeMissing } from './downgradeMissing';
import { fileUnreadable } from './fileUnreadable';
import { fkAdd } from './fkAdd';
import { indexCreate } from './indexCreate';
import { indexDrop } from './indexDrop';
import { keyInt } from './keyInt';
import { multipleHeads } from './multipleHeads';
import { nameTooLong } from './nameTooLong';
import { noRecentBackup } from './noRecentBackup';
import { pkAdd } from './pkAdd';
import { statementNotRepeatable } from './statementNotRepeatable';
import { tableCreate } from './tableCreate';
import { tableDrop } from './tableDrop';
import { tableRename } from './tableRename';
import { tableTruncate } from './tableTruncate';
import { timeoutMissing } from './timeoutMissing';
import { transactionNesting } from './transactionNesting';
import { transactionOpen } from './transactionOpen';
import { triggerDisable } from './triggerDisable';
import { typeChar } from './typeChar';
import { typeSerial } from './typeSerial';
import { typeTimestamp } from './typeTimestamp';
import { typeVarchar } from './typeVarchar';
import { uniqueAdd } from './uniqueAdd';

/** Every rule, those that matter most to data first. */
export const allRules: readonly Rule[] = [
  tableCreate,
  columnAddNullable,
  columnAddRequired,
  columnAddRewrite,
  columnSetNotNull,
  columnType,
  columnRename,
  tableRename,
  columnDrop,
  tableDrop,
  fkAdd,
  checkAdd,
  uniqueAdd,
  pkAdd,
  indexCreate,
  indexDrop,
  concurrentlyInTransaction,
  concurrentlyMissing,
  timeoutMissing,
  backfillInMigration,
  downgradeMissing,
  multipleHeads,
  noRecentBackup,
  dataStatementOpaque,
  fileUnreadable,
  tableTruncate,
  databaseDrop,
  dropCascade,
  triggerDisable,
  columnDropNotNull,
  domainConstraint,
  transactionNesting,
  transactionOpen,
  statementNotRepeatable,
  nameTooLong,
  typeVarchar,
  typeChar,
  typeTimestamp,
  typeSerial,
  keyInt,
];

const byId = new Map(allRules.map((rule) => [rule.id, rule]));

/** The rule of an id; undefined for what is none. */
export function ruleOf(id: string): Rule | undefined {
  return byId.get(id);
}
