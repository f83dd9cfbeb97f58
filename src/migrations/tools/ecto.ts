import { hasColumns, numberedTool } from './byName';
import { joinPath } from '../paths';

export const ecto = numberedTool({
  id: 'ecto',
  label: 'Ecto',
  pattern: /^(\d+)_(\w+)\.exs$/,
  isMigration: (file) => /(?:^|\/)priv\/\w+\/migrations\/(?:.*\/)?\d+_\w+\.exs$/.test(file),
  root: (folder) => folder.replace(/(?:^|\/)priv\/.*$/, ''),
  config: (root, { files }) => ['config/config.exs', 'config/dev.exs'].map((name) => joinPath(root, name)).filter((file) => files.includes(file)),
  isTable: (table) => table.name === 'schema_migrations' && hasColumns(table, ['version', 'inserted_at']),
  column: 'version',
});
