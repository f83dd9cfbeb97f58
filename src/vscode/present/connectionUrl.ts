/** A connection string as every client takes it, whatever the names contain. */
export function connectionUrl(parts: {
  readonly user: string;
  readonly password?: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
}): string {
  const { user, password, host, port, database } = parts;
  const secret = password === undefined || password === '' ? '' : `:${encode(password)}`;
  return `postgresql://${encode(user)}${secret}@${host.includes(':') ? `[${host}]` : host}:${port}/${encode(database)}`;
}

/** An address that a port is bound to, as one to connect to. */
export function reachableHost(address: string): string {
  return address === '' || address === '0.0.0.0' || address === '::' ? 'localhost' : address;
}

// What encodeURIComponent leaves alone may still end a URL where it stands in text.
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}
