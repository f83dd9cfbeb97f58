/** What must be known of a service to tell who depends on whom. */
export interface ServiceLinks {
  readonly name: string;
  readonly dependsOn: readonly string[];
  readonly environment?: Readonly<Record<string, string | null>>;
}

interface Dependent {
  readonly service: string;
  /** `environment`: it names the database's host. `transitive`: it depends on another dependent only. */
  readonly because: 'depends_on' | 'environment' | 'transitive';
}

export interface Dependents {
  readonly startOrder: readonly Dependent[];
  readonly stopOrder: readonly Dependent[];
}

/**
 * The services that need `service`, directly or through others, those first that others wait for. `hostNames` are the
 * names under which the service is reached. Cycles end where they close.
 */
export function dependentsOf(service: string, services: readonly ServiceLinks[], hostNames: readonly string[] = [service]): Dependents {
  const others = services.filter(({ name }) => name !== service);
  const found = new Map<string, Dependent>();
  for (const { name, dependsOn, environment = {} } of others) {
    if (dependsOn.includes(service)) found.set(name, { service: name, because: 'depends_on' });
    else if (mentionsHost(environment, hostNames)) found.set(name, { service: name, because: 'environment' });
  }
  for (let before = -1; before < found.size;) {
    before = found.size;
    for (const { name, dependsOn } of others) {
      if (!found.has(name) && dependsOn.some((other) => found.has(other))) found.set(name, { service: name, because: 'transitive' });
    }
  }
  const startOrder = inStartOrder(others).flatMap((name) => found.get(name) ?? []);
  return { startOrder, stopOrder: startOrder.toReversed() };
}

/** Every service after those that it depends on, otherwise in the given order. */
function inStartOrder(services: readonly ServiceLinks[]): readonly string[] {
  const byName = new Map(services.map((service) => [service.name, service]));
  const order = new Set<string>();
  const begun = new Set<string>();
  const visit = (name: string): void => {
    if (begun.has(name)) return;
    begun.add(name);
    for (const other of byName.get(name)?.dependsOn ?? []) visit(other);
    order.add(name);
  };
  for (const { name } of services) visit(name);
  return [...order].filter((name) => byName.has(name));
}

const hostKey = /(?:hosts?|hostname|hostaddr|server|servername|addr|address|endpoint)$/i;
const otherSchemes = /^(?:https?|wss?|ftp|rediss?|amqps?|mongodb(?:\+srv)?|mysql2?|mariadb|kafka|nats|smtps?|ldaps?|memcached|elasticsearch)$/i;
const url = /([a-z][a-z0-9+.-]*):\/\/([^/?#\s"'<>]*)/gi;

/**
 * Whether an environment leads to a host under one of these names: by URL (`postgres://u:p@db:5432/x`), as `host=db` or
 * `Server=db;`, as `db:5432`, or alone in a variable that holds a host (`PGHOST`, `DB_HOST`). A URL of a scheme that is
 * not a database's (`http`, `redis`) does not count.
 */
export function mentionsHost(environment: Readonly<Record<string, string | null>>, hostNames: readonly string[]): boolean {
  const wanted = new Set(hostNames.map((name) => name.toLowerCase()).filter((name) => name !== ''));
  return Object.entries(environment).some(([key, value]) => value !== null && hostsIn(key, value).some((host) => wanted.has(host.toLowerCase())));
}

function hostsIn(key: string, value: string): readonly string[] {
  const urls = [...value.matchAll(url)];
  if (urls.length > 0) return urls.flatMap(([, scheme = '', authority = '']) => (otherSchemes.test(scheme) ? [] : hostsOfAuthority(value, authority)));
  const parameters = [...value.matchAll(/(?:^|[\s;])(?:host|hostaddr|server|data source|addr)\s*=\s*'?([^\s;']+)/gi)];
  if (parameters.length > 0) return parameters.flatMap(([, hosts = '']) => hosts.split(',').map(withoutPort));
  const members = value.trim().split(/[\s,;]+/);
  return members.filter((member) => hostKey.test(key) || /^[^:]+:\d+$/.test(member)).map(withoutPort);
}

/** Passwords are not always escaped: whatever stands between the last `@` and the next delimiter is a host too. */
function hostsOfAuthority(value: string, authority: string): readonly string[] {
  const afterUser = authority.slice(authority.lastIndexOf('@') + 1);
  const afterAnyAt = [...value.matchAll(/@([^@/?#\s"']+)/g)].map(([, rest = '']) => rest);
  const inQuery = [...value.matchAll(/[?&]host=([^&#\s]+)/gi)].map(([, host = '']) => host);
  return [afterUser, ...afterAnyAt, ...inQuery].flatMap((hosts) => hosts.split(',').map(withoutPort));
}

function withoutPort(host: string): string {
  return host.trim().replace(/:\d*$/, '');
}
