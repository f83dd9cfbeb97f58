/** Families of Postgres images; they differ in where data lies and in the variables that they read. */
export type PostgresFlavour = 'official' | 'bitnami' | 'supabase' | 'timescale' | 'postgis' | 'pgvector' | 'spilo' | 'crunchy' | 'edb' | 'redhat' | 'custom';

export interface ImageName {
  /** Without registry, tag and digest: `bitnami/postgresql`. */
  readonly repository: string;
  readonly tag?: string;
}

/** Reads an image reference. https://github.com/distribution/reference */
export function readImageName(reference: string): ImageName {
  const [name = ''] = reference.trim().toLowerCase().split('@');
  const [, path = name, tag] = /^(.*?)(?::([^/:]+))?$/.exec(name) ?? [];
  const parts = path.split('/');
  const first = parts[0] ?? '';
  const hasRegistry = parts.length > 1 && (first.includes('.') || first.includes(':') || first === 'localhost');
  const repository = parts.slice(hasRegistry ? 1 : 0).join('/');
  return { repository, ...(tag === undefined ? {} : { tag }) };
}

// Whole last parts of names only: a project may well be called "backup", and its image "backup-postgres".
const tools = [
  /^(?:pgadmin\d?|phppgadmin|adminer|pgweb|pghero|pgwatch\d?(?:-\w+)?|pganalyze-collector|schemaspy|cloudbeaver|postgres-(?:gui|ui|mcp))$/,
  /^(?:pgbouncer(?:-\w+)?|pgpool(?:-\w+)?|odyssey|pgcat|pgagroal|postgrest|postgres-(?:meta|operator|proxy|ws))$/,
  /^(?:postgres(?:ql)?[-_](?:\w+[-_])?exporter|pgbouncer[-_]exporter|pgmetrics|pgbadger)$/,
  /^(?:postgres(?:ql)?[-_](?:backup|restore|client|s3)(?:[-_]\w+)*|pg[-_]?(?:back|dump|backup)(?:[-_]\w+)*|docker-pg-backup|pgbackrest|pgbackweb|barman|wal-g|databasus|postgresus|pgloader|pgsync)$/,
  /^(?:podman-)?pause$/,
];

/** Well-known servers by repository; the first that matches counts. */
const servers: readonly (readonly [RegExp, PostgresFlavour])[] = [
  [/^(?:docker\/)?(?:library\/)?postgres$/, 'official'],
  [/^(?:bitnami\w*|rapidfort)\/postgresql(?:-repmgr)?$/, 'bitnami'],
  [/^supabase\/postgres$/, 'supabase'],
  [/(?:^|\/)timescaledb(?:-ha|-postgis|-docker-ha)?$/, 'timescale'],
  [/(?:^|\/)postgis$/, 'postgis'],
  [/^immich-app\/postgres$|(?:^|\/)(?:pgvector|pgvecto-rs|vchord-postgres|vchord-suite)$/, 'pgvector'],
  [/(?:^|\/)spilo(?:-[\w.]+)*$/, 'spilo'],
  [/(?:^|\/)crunchy-(?:postgres|postgis)(?:-\w+)*$/, 'crunchy'],
  [/^(?:enterprisedb|edb)\/(?:postgresql|edb-postgres-\w+|edb-as-lite)$/, 'edb'],
  [/^(?:rhel\d+|sclorg|fedora|centos\d*)\/postgresql-\d+(?:-\w+)?$/, 'redhat'],
  [
    /^(?:cloudnative-pg\/postgresql|citusdata\/citus|paradedb\/paradedb|pgautoupgrade\/pgautoupgrade|apache\/age|chainguard\/postgres|debezium\/postgres)$/,
    'custom',
  ],
];

const suggestive = /postgres|pgsql|postgis|pgvector|timescale|spilo|patroni|citus|(?:^|[/\-_])pg\d*(?:$|[-_])/;

/** Whether an image of this name is a well-known tool for Postgres, not a server. */
export function isOtherTool(image: string): boolean {
  const name = readImageName(image).repository.split('/').at(-1) ?? '';
  return tools.some((pattern) => pattern.test(name));
}

/** The flavour of a well-known server image; undefined for all others. */
export function flavourOfImage(image: string): PostgresFlavour | undefined {
  const { repository } = readImageName(image);
  return servers.find(([pattern]) => pattern.test(repository))?.[1];
}

/** Whether the name sounds of Postgres: reason to look closer, no more. */
export function suggestsPostgres(image: string): boolean {
  return suggestive.test(readImageName(image).repository);
}
