import { joinPath } from '../paths';
import { hasColumns, numberedTool } from './byName';

export const rails = numberedTool({
  id: 'rails',
  label: 'Rails',
  pattern: /^(\d+)_(\w+)\.rb$/,
  isMigration: (file) => /(?:^|\/)db\/(?:\w+_)?migrate\/\d+_\w+\.rb$/.test(file),
  root: (folder) => folder.replace(/(?:^|\/)db\/\w+$/, ''),
  config: (root, { files }) => [joinPath(root, 'config/database.yml')].filter((file) => files.includes(file)),
  isTable: (table) => table.name === 'schema_migrations' && table.columns.length === 1 && hasColumns(table, ['version']),
  column: 'version',
});
