import { env, window } from 'vscode';
import type { DatabaseTarget } from '../../inventory/target';
import { connectionUrl, reachableHost } from '../present/connectionUrl';
import { translate as t } from '../translate';
import type { Command, CommandContext } from './command';
import { engineFor } from './containers';
import { targetDatabase } from './targets';

export const copyConnectionString: Command = {
  id: 'containerDatabases.copyConnectionString',
  enabled: (subject) => subject === undefined || subject.kind === 'database' || (subject.kind === 'service' && subject.service.databases.length > 0),
  async run(context, subject) {
    const target = await targetDatabase(context, subject, t('Copy the connection string of which database?'));
    if (target === undefined) return undefined;
    const address = await addressOf(context, target);
    if (address === undefined) return undefined;
    const parts = { user: target.service.postgres.user, database: target.database.name, ...address };
    const password = await choosePassword(context, target, connectionUrl(parts));
    if (password === undefined) return undefined;
    await env.clipboard.writeText(connectionUrl({ ...parts, password }));
    void window.showInformationMessage(
      password === '' ? t('Connection string copied, without a password.') : t('Connection string copied, with the password.'),
    );
    return connectionUrl(parts);
  },
};

interface Address {
  readonly host: string;
  readonly port: number;
}

/** The published port, else the container's own address, which works on Linux and among containers. */
async function addressOf(context: CommandContext, { service }: DatabaseTarget): Promise<Address | undefined> {
  if (service.published !== undefined) return { host: reachableHost(service.published.address), port: service.published.port };
  const { engine, container } = await engineFor(context, service);
  const { inventory } = await context.app();
  const [host] = (await engine.inspect(container.id)).addresses;
  if (host === undefined) {
    void window.showWarningMessage(t('{0} publishes no port, and its container has no address. Add a port under "ports" in the Compose file.', service.name));
    return undefined;
  }
  const use = t('Use the container’s address');
  const message = t('{0} publishes no port. Its container is reached at {1} from this host on Linux, and from other containers.', service.name, host);
  return (await window.showWarningMessage(message, use)) === use ? { host, port: inventory.serverOf(service).port } : undefined;
}

/** The password if the user wants it in there; empty if not; undefined if the user wants nothing. */
async function choosePassword(context: CommandContext, { service }: DatabaseTarget, bare: string): Promise<string | undefined> {
  const { inventory } = await context.app();
  const server = inventory.serverOf(service);
  if (server.password.kind === 'none') return '';
  const without = { label: t('Without the password'), description: bare };
  const including = { label: t('With the password'), description: t('anybody who reads the clipboard can connect') };
  const chosen = await window.showQuickPick([without, including], { title: t('Copy connection string'), placeHolder: t('Include the password?') });
  if (chosen !== including) return chosen === undefined ? undefined : '';
  const { readPassword } = await import('../../postgres/session');
  return readPassword(server);
}
