import { hasColumns, numberedTool } from './byName';

export const supabase = numberedTool({
  id: 'supabase',
  label: 'Supabase',
  pattern: /^(\d+)_([^/]*)\.sql$/,
  isMigration: (file) => /(?:^|\/)supabase\/migrations\/\d+_[^/]*\.sql$/.test(file),
  root: (folder) => folder.replace(/(?:^|\/)supabase\/migrations$/, ''),
  isTable: (table) => table.name === 'schema_migrations' && (table.schema === 'supabase_migrations' || hasColumns(table, ['version', 'statements'])),
  column: 'version',
});
