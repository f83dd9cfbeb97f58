/** Programs that run what follows them, with those of their options that take a value. */
const wrappers: Readonly<Record<string, RegExp>> = {
  tini: /^-[ep]$/,
  'tini-static': /^-[ep]$/,
  'dumb-init': /^(?:-r|--rewrite)$/,
  'docker-init': /^$/,
  env: /^-[uC]$/,
  exec: /^-a$/,
  nice: /^-n$/,
  ionice: /^-[cnp]$/,
  nohup: /^$/,
  setsid: /^$/,
  stdbuf: /^-[ioe]$/,
  chpst: /^-[uUbe/]$/,
  sudo: /^-[ugh]$/,
  runuser: /^-[ug]$/,
};
/** Wrappers whose first argument is a user or a time. */
const wrappersWithValue = new Set(['gosu', 'su-exec', 'setuidgid', 's6-setuidgid', 'timeout']);

const servers = new Set(['postgres', 'postmaster', 'edb-postgres', 'patroni', 'run-postgresql', 'stolon-keeper', 'pg_autoctl']);
const serverScripts = /\/bitnami\/scripts\/postgresql(?:-repmgr)?\/run\.sh$|\/crunchy\/bin\/.*postgres.*\.sh$/;

const shells = new Set(['sh', 'bash', 'ash', 'dash', 'zsh', 'ksh', 'su']);
const clients =
  /^(?:psql|pgbench|pgcli|(?:create|drop)(?:db|user)|(?:vacuum|reindex|cluster)db|initdb|pg_(?:dump|dumpall|restore|basebackup|isready|receivewal|recvlogical|rewind|verifybackup|amcheck|checksums|upgrade|config|waldump|controldata)|pgbackrest|wal-g|barman|pgbouncer|pgadmin\S*)$/;
const runtimes =
  /^(?:node|npm|npx|yarn|pnpm|bun|deno|python[\d.]*|pip|uvicorn|gunicorn|celery|alembic|flask|django-admin|ruby|rails|bundle|rake|java|php(?:-fpm)?|perl|go|dotnet|nginx|caddy|redis-server|supercronic|go-cron|crond?)$/;
const everyday =
  /^(?:sleep|tail|cat|echo|printf|true|false|:|test|\[|\[\[|date|wait|trap|set|export|unset|cd|source|\.|exit|return|done|fi|esac|for|case|mkdir|cp|mv|rm|ln|touch|chown|chmod|ls|find|grep|sed|awk|cut|tee|gzip|gunzip|zstd|xz|tar|curl|wget|nc|apk|apt|apt-get|pause|catatonit)$/;

/** The words after a wrapper and its options; undefined when `program` is no wrapper. */
export function afterWrapper(program: string, rest: readonly string[]): readonly string[] | undefined {
  if (wrappersWithValue.has(program)) return withoutOptions(rest, /^$/).slice(1);
  return Object.hasOwn(wrappers, program) ? withoutOptions(rest, wrappers[program] ?? /^$/) : undefined;
}

/** Whether a program, or a script of a well-known image, starts the server. */
export function startsServer(path: string, rest: readonly string[]): boolean {
  const program = baseName(path);
  if (program === 'pg_ctl' || program === 'pg_ctlcluster') return rest.some((word) => word === 'start' || word === 'restart');
  if (program === 'service') return /^postgres/.test(rest[0] ?? '') && rest.some((word) => word.endsWith('start'));
  return servers.has(program) || serverScripts.test(path);
}

/** Whether a program reads commands from a script or from its arguments. */
export function isShell(program: string): boolean {
  return shells.has(program);
}

/** Whether a program certainly is no server and starts none. */
export function isNoServer(program: string): boolean {
  return clients.test(program) || runtimes.test(program) || everyday.test(program) || /^(?:pg_ctl|pg_ctlcluster)$/.test(program);
}

/** The last part of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function withoutOptions(words: readonly string[], withValue: RegExp): readonly string[] {
  let at = 0;
  while (at < words.length) {
    const word = words[at] ?? '';
    if (word === '--') return words.slice(at + 1);
    if (!word.startsWith('-')) break;
    at += withValue.test(word) ? 2 : 1;
  }
  return words.slice(at);
}
