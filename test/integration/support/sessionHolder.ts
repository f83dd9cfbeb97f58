// A program of its own, to be killed: opens a session by our relay, says so, and holds it, in a query when told to.
import { Engine } from '../../../src/engine/engine';
import { Session } from '../../../src/postgres/session';

async function main([socket = '', container = '', user = '', query = '']: readonly string[]): Promise<void> {
  const engine = new Engine({ kind: 'unix', path: socket });
  const server = { engine, container, user, maintenanceDatabase: 'postgres', port: 5432, password: { kind: 'none' } } as const;
  const session = await Session.open(server, 'postgres', { applicationName: 'container-databases:held' });
  process.stdout.write('open\n');
  if (query !== '') await session.query(query);
  setInterval(() => undefined, 60_000); // until killed
}

void main(process.argv.slice(2));
