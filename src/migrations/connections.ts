/** Where something written in a configuration leads; what is not said is undefined. */
export interface Connection {
  readonly host?: string;
  readonly port?: number;
  readonly database?: string;
}

const url = /\b(?:postgres(?:ql)?|psql|pgsql|ecto|jdbc:postgresql)(?:\+\w+)?:\/\/([^\s"'`<>]+)/gi;

/** The connections to Postgres that a text names: URLs, `Host=…;Database=…`, and single settings such as PGHOST or DB_NAME. */
export function connectionsIn(text: string): readonly Connection[] {
  const lines = text.replace(/^\s*(?:#|;|\/\/).*$/gm, '');
  const urls = [...lines.matchAll(url)].flatMap(([, rest = '']) => ofUrl(rest) ?? []);
  const settings = ofSettings(lines);
  return [...urls, ...(urls.length > 0 || settings === undefined ? [] : [settings])];
}

function ofUrl(rest: string): Connection | undefined {
  const [authority = '', path = ''] = rest.split(/\/(.*)/s);
  const place = authority.slice(authority.lastIndexOf('@') + 1);
  // What is filled in when the program runs says nothing.
  if (/[${}%]/.test(place)) return undefined;
  const [, host = '', port] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(place) ?? [];
  const database = path.split(/[?#\s]/)[0] ?? '';
  return {
    ...(host === '' ? {} : { host: host.replace(/^\[|\]$/g, '').toLowerCase() }),
    port: port === undefined ? 5432 : Number(port),
    ...(database === '' || /[${}]/.test(database) ? {} : { database: decoded(database) }),
  };
}

const value = String.raw`["']?\s*(?:=>|[:=])\s*["']?([\w.-]+)`;
const hostSetting = new RegExp(String.raw`(?:^|[\s;,{"'_])(?:pghost|(?:db|postgres|database)_?host(?:name)?|hostname|host|server)${value}`, 'im');
const portSetting = new RegExp(String.raw`(?:^|[\s;,{"'_])(?:pgport|(?:db|postgres|database)_?port|port)["']?\s*(?:=>|[:=])\s*["']?(\d+)`, 'im');
const nameSetting = new RegExp(String.raw`(?:^|[\s;,{"'_])(?:pgdatabase|postgres_db|(?:db|database)_?name|dbname|database|name)${value}`, 'im');

function ofSettings(text: string): Connection | undefined {
  const host = hostSetting.exec(text)?.[1]?.toLowerCase();
  const port = portSetting.exec(text)?.[1];
  const database = nameSetting.exec(text)?.[1];
  if (database === undefined || (host === undefined && port === undefined)) return undefined;
  return { ...(host === undefined ? {} : { host }), ...(port === undefined ? {} : { port: Number(port) }), database };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a per cent sign that stands for itself
  }
}
