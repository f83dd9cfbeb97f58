import { env, Uri } from 'vscode';
import type { Project } from '../../inventory/model';
import { Failure } from '../../protocol/failure';

import { databaseTools, type DatabaseTool } from '../present/databaseTools';
import { translate as t } from '../translate';
import type { Command, CommandContext } from './command';
import { targetService } from './targets';

export const openDatabaseTool: Command = {
  id: 'containerDatabases.openDatabaseTool',
  enabled: (subject) => subject === undefined || subject.kind === 'database' || subject.kind === 'service',
  async run(context, subject) {
    const place = await targetService(context, subject, ({ container }) => container !== undefined, t('Of which service?'));
    if (place === undefined) return undefined;
    const tool = await findDatabaseTool(context, place.project);
    if (tool === undefined) {
      const remedy = t('Add one of them to the Compose file with a published port, or open another database extension with "Copy connection string".');
      throw new Failure('TOOL_MISSING', t('Neither pgAdmin nor Adminer runs in {0}.', place.project.name), remedy);
    }
    await env.openExternal(Uri.parse(tool.url));
    return tool.url;
  },
};

/** A database tool with a page of its own that runs in a project. */
export async function findDatabaseTool(context: CommandContext, project: Project): Promise<DatabaseTool | undefined> {
  if (project.endpointId === undefined) return undefined;
  const { inventory } = await context.app();
  const containers = await inventory.engineOf(project.endpointId).containers();
  return databaseTools(containers, project.name)[0];
}
