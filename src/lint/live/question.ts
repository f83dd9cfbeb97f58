import type { TableName } from '../model';

/** What a rule would like to know of the database that the migration is meant for. */
export type Question =
  | { readonly kind: 'tableExists'; readonly table: TableName }
  | { readonly kind: 'rows'; readonly table: TableName; /** Rows make it fail. */ readonly fatal?: true }
  | { readonly kind: 'size'; readonly table: TableName }
  | { readonly kind: 'locks'; readonly table: TableName }
  | { readonly kind: 'nulls'; readonly table: TableName; readonly column: string }
  | { readonly kind: 'proof'; readonly table: TableName; readonly column: string }
  | { readonly kind: 'values'; readonly table: TableName; readonly column: string }
  | { readonly kind: 'type'; readonly table: TableName; readonly column: string; readonly type?: string }
  | { readonly kind: 'dependents'; readonly table: TableName; readonly column?: string }
  | { readonly kind: 'inbound'; readonly table: TableName }
  | {
      readonly kind: 'orphans';
      readonly table: TableName;
      readonly columns: readonly string[];
      readonly target: TableName;
      readonly targetColumns: readonly string[];
    }
  | { readonly kind: 'violations'; readonly table: TableName; readonly expression: string }
  | { readonly kind: 'duplicates'; readonly table: TableName; readonly columns: readonly string[]; readonly nullsCount?: true }
  | { readonly kind: 'index'; readonly name: string; readonly schema?: string }
  | { readonly kind: 'volatility'; readonly functions: readonly string[] }
  | { readonly kind: 'schema'; readonly name: string }
  | { readonly kind: 'lockTimeout' }
  | { readonly kind: 'touched'; readonly table: TableName; readonly where?: string }
  | { readonly kind: 'versions' }
  | { readonly kind: 'lastBackup' };
