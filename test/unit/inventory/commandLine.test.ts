import assert from 'node:assert/strict';
import { readCommand, type CommandKind } from '../../../src/inventory/commandLine';

const cases: Readonly<Record<CommandKind, readonly (readonly string[])[]>> = {
  server: [
    ['docker-entrypoint.sh', 'postgres'],
    ['/usr/local/bin/docker-entrypoint.sh', 'postgres', '-c', 'config_file=/etc/postgresql/postgresql.conf'],
    ['postgres'],
    ['/usr/lib/postgresql/15/bin/postgres', '-D', '/data'],
    ['postmaster'],
    ['/opt/bitnami/scripts/postgresql/entrypoint.sh', '/opt/bitnami/scripts/postgresql/run.sh'],
    ['/opt/bitnami/scripts/postgresql-repmgr/entrypoint.sh', '/opt/bitnami/scripts/postgresql-repmgr/run.sh'],
    ['container-entrypoint', 'run-postgresql'],
    ['immich-docker-entrypoint.sh', 'postgres', '-c', 'config_file=/etc/postgresql/postgresql.conf'],
    ['tini', '--', 'docker-entrypoint.sh', 'postgres'],
    ['/sbin/tini', '-s', '-e', '143', '--', 'postgres'],
    ['dumb-init', '-r', '15:2', 'docker-entrypoint.sh', 'postgres'],
    ['gosu', 'postgres', 'postgres', '-D', '/data'],
    ['su-exec', 'postgres', 'postgres'],
    ['env', 'PGPORT=5433', 'docker-entrypoint.sh', 'postgres'],
    ['/bin/sh', '-c', 'exec docker-entrypoint.sh postgres -c port=5433'],
    ['bash', '-c', 'cp /tmp/server.key /var/lib/ && chown postgres /var/lib/server.key && exec /usr/local/bin/docker-entrypoint.sh postgres'],
    ['docker-entrypoint.sh', 'bash', '-c', 'docker-entrypoint.sh postgres & wait'],
    ['sh', '-ec', 'if true; then\n  docker-entrypoint.sh postgres\nfi'],
    ['su', '-', 'postgres', '-c', '/usr/lib/postgresql/15/bin/postgres -D /data'],
    ['su', 'postgres', '-c', 'pg_ctl -D /data start'],
    ['pg_ctlcluster', '15', 'main', 'start', '--foreground'],
    ['service', 'postgresql', 'start'],
    ['patroni', '/etc/patroni.yml'],
    ['sh', 'docker-entrypoint.sh', 'postgres'],
    ['/opt/crunchy/bin/uid_postgres.sh', '/opt/crunchy/bin/postgres/start.sh'],
  ],
  serverOptions: [
    ['docker-entrypoint.sh', '-c', 'max_connections=50'],
    ['-c', 'max_connections=50'],
    ['docker-entrypoint.sh', '--config-file=/x'],
  ],
  none: [
    [],
    [''],
    ['/docker-entrypoint.sh'],
    ['/usr/local/bin/entrypoint.sh'],
    ['/entrypoint'],
    ['tini', '--', '/entrypoint.sh'],
    ['sh', '-c', '/scripts/docker-entrypoint.sh'],
  ],
  unclear: [
    ['/usr/bin/supervisord', '-n'],
    ['/init'],
    ['/start.sh'],
    ['/bin/sh', '/launch.sh', 'init'],
    ['bash', '/usr/local/bin/start-postgres.sh'],
    ['bash', 'start.sh'],
    ['docker-entrypoint.sh', 'mongod'],
    ['/usr/local/bin/mydb'],
  ],
  other: [
    ['docker-entrypoint.sh', 'bash', '/scripts/worker.sh'],
    ['/bin/bash', '/props/session.sh'],
    ['/bin/bash', '/db-init/init.sh'],
    ['bash', '/props/bootstrap.sh'],
    ['/bin/bash', '-c', "trap 'exit 0' TERM INT; sleep infinity & wait"],
    ['docker-entrypoint.sh', 'psql', '-h', 'db', '-c', 'select 1'],
    ['docker-entrypoint.sh', 'pg_dump', '-Fc'],
    ['sh', '-c', 'while true; do pg_dump "$URL" | gzip > /b/$(date +%F).gz; sleep 86400; done'],
    ['sh', '-c', 'until pg_isready -h db; do sleep 1; done; psql -f /seed.sql'],
    ['docker-entrypoint.sh', 'sleep', 'infinity'],
    ['tail', '-f', '/dev/null'],
    ['bash'],
    ['/bin/sh'],
    ['su', '-', 'postgres'],
    ['cron', '-f'],
    ['node', 'server.js', 'postgres'],
    ['python3', '-m', 'postgres'],
    ['nginx', '-g', 'daemon off;'],
    ['pg_ctl', 'status'],
    ['initdb', '-D', '/data'],
    ['/backup.sh'],
    ['bash', '/scripts/backup-postgres.sh'],
    ['bash', '-c', 'echo postgres'],
    ['sh', '-c', '# nothing'],
    ['/catatonit', '-P'],
    ['timeout', '60', 'psql'],
    ['nice', '-n', '10', 'pg_dump'],
    ['gosu', 'postgres', 'psql'],
  ],
};

describe('readCommand', () => {
  for (const [kind, commands] of Object.entries(cases)) {
    for (const argv of commands) it(`${kind}: ${JSON.stringify(argv)}`, () => assert.equal(readCommand(argv).kind, kind));
  }

  it('gives the arguments of the server', () => {
    assert.deepEqual(readCommand(['tini', '--', 'docker-entrypoint.sh', 'postgres', '-p', '5433']).serverArguments, ['-p', '5433']);
    assert.deepEqual(readCommand(['sh', '-c', "echo x; exec postgres -c 'port = 5433'"]).serverArguments, ['-c', 'port = 5433']);
    assert.deepEqual(readCommand(['docker-entrypoint.sh', '-c', 'port=5433']).serverArguments, ['-c', 'port=5433']);
    assert.deepEqual(readCommand(['psql', '-p', '5433']).serverArguments, []);
  });

  it('names the program without its arguments', () => {
    assert.equal(readCommand(['docker-entrypoint.sh', 'psql', 'postgres://u:secret@db/x']).program, 'psql');
    assert.equal(readCommand(['sh', '-c', 'PGPASSWORD=secret psql -h db']).program, 'psql');
    assert.equal(readCommand(['bash', '/scripts/worker.sh', '--password=secret']).program, 'worker.sh');
  });

  it('ends on wrappers within wrappers', () => {
    assert.equal(readCommand([...Array.from({ length: 1000 }, () => 'env'), 'postgres']).kind, 'unclear');
  });
});
