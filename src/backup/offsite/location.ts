import path from 'node:path';
import { Failure } from '../../protocol/failure';

export interface FolderLocation {
  readonly kind: 'folder';
  /** An absolute path. */
  readonly folder: string;
}

export interface SftpLocation {
  readonly kind: 'sftp';
  /** A name, an address, or an alias of the user's ssh_config. */
  readonly host: string;
  readonly port?: number;
  readonly user?: string;
  /** An absolute path, or one from the folder that logging in leads to. */
  readonly folder: string;
}

export interface S3Location {
  readonly kind: 's3';
  readonly bucket: string;
  /** What all names begin with: empty, or ending in a slash. */
  readonly prefix: string;
  readonly endpoint?: string;
  readonly region?: string;
  /** A section of the profile file. */
  readonly profile?: string;
}

/** A place for copies of backups. Never holds a password or a secret key. */
export type OffsiteLocation = FolderLocation | SftpLocation | S3Location;

/** What ssh may take for a host or a user; nothing in it means anything to a shell, or begins like an option. */
const hostName = /^(?:[A-Za-z0-9][A-Za-z0-9._-]{0,254}|\[[0-9A-Fa-f:.]+\])$/;
const userName = /^[A-Za-z0-9_][A-Za-z0-9._@+-]{0,63}$/;
const bucketName = /^[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]$/;
const plainWord = /^[A-Za-z0-9][\w .+@=,-]{0,127}$/;

/**
 * Reads a place for copies as settings and command lines write it: an absolute path, `~/path`, `file:` URL,
 * `sftp://user@host:port/path` (`ssh://` is the same; `/~/path` begins where logging in leads to), or
 * `s3://bucket/prefix?endpoint=https://…&region=…&profile=…`. Throws `LOCATION_INVALID`, without repeating the text,
 * for there may be a password in it.
 */
export function parseLocation(text: string, home: string): OffsiteLocation {
  const wish = text.trim();
  if (/\p{Cc}/u.test(wish)) throw invalid('has control characters');
  if (path.isAbsolute(wish)) return { kind: 'folder', folder: path.resolve(wish) };
  if (wish === '~' || /^~[/\\]/.test(wish)) return { kind: 'folder', folder: path.join(home, wish.slice(1)) };
  if (!/^[a-z0-9]+:/i.test(wish) || !URL.canParse(wish)) throw invalid('is no absolute path and no URL');
  const url = new URL(wish);
  if (url.password !== '') throw invalid('holds a password');
  if (url.hash !== '') throw invalid('holds a "#", which has to be written as %23');
  switch (url.protocol) {
    case 'file:':
      return folderIn(url);
    case 'sftp:':
    case 'ssh:':
      return sftpIn(url);
    case 's3:':
      return s3In(url);
    default:
      throw invalid('is of no kind that is known');
  }
}

/** A location as settings write it; the same for all that mean the same place. */
export function displayLocation(location: OffsiteLocation): string {
  switch (location.kind) {
    case 'folder':
      return location.folder;
    case 'sftp': {
      const user = location.user === undefined ? '' : `${encodeURIComponent(location.user)}@`;
      const port = location.port === undefined ? '' : `:${location.port}`;
      return `sftp://${user}${location.host}${port}${location.folder.startsWith('/') ? '' : '/~/'}${encodePath(location.folder)}`;
    }
    case 's3': {
      const { endpoint, region, profile } = location;
      const query = Object.entries({ endpoint, region, profile }).flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${encodeQuery(value)}`]));
      const prefix = encodePath(location.prefix.replace(/\/$/, ''));
      return `s3://${location.bucket}${prefix === '' ? '' : `/${prefix}`}${query.length === 0 ? '' : `?${query.join('&')}`}`;
    }
  }
}

function folderIn(url: URL): FolderLocation {
  if (url.host !== '' && process.platform !== 'win32') throw invalid('names a host in a file: URL');
  if (url.search !== '') throw invalid('holds a "?", which has to be written as %3F');
  const folder = decoded(url.pathname);
  // file:///C:/backups has a slash before the drive.
  const own = process.platform === 'win32' ? `${url.host === '' ? '' : `//${url.host}`}${folder}`.replace(/^\/(?=[A-Za-z]:)/, '') : folder;
  return { kind: 'folder', folder: path.resolve(own) };
}

function sftpIn(url: URL): SftpLocation {
  const host = decoded(url.hostname);
  const user = decoded(url.username);
  if (!hostName.test(host)) throw invalid('names no host');
  if (user !== '' && !userName.test(user)) throw invalid('names no possible user');
  if (url.search !== '') throw invalid('holds a "?", which has to be written as %3F');
  const whole = decoded(url.pathname);
  const folder = whole.startsWith('/~/') || whole === '/~' ? withoutSlash(whole.slice(3)) || '.' : withoutSlash(whole) || '/';
  if (whole === '' || whole === '/') throw invalid('names no folder on the host');
  return { kind: 'sftp', host, folder, ...(user === '' ? {} : { user }), ...(url.port === '' ? {} : { port: Number(url.port) }) };
}

function s3In(url: URL): S3Location {
  const bucket = decoded(url.hostname);
  if (url.username !== '') throw invalid('holds a user or a key');
  if (!bucketName.test(bucket) || url.port !== '') throw invalid('names no possible bucket');
  const settings = new Map(url.searchParams);
  for (const key of settings.keys()) if (!['endpoint', 'region', 'profile'].includes(key)) throw invalid('sets something that there is not');
  const [endpoint, region, profile] = [settings.get('endpoint'), settings.get('region'), settings.get('profile')];
  for (const word of [region, profile]) if (word !== undefined && !plainWord.test(word)) throw invalid('has a region or a profile that cannot be');
  const prefix = withoutSlash(decoded(url.pathname).replace(/^\/+/, ''));
  return {
    kind: 's3',
    bucket,
    prefix: prefix === '' ? '' : `${prefix}/`,
    ...(endpoint === undefined ? {} : { endpoint: endpointIn(endpoint) }),
    ...(region === undefined ? {} : { region }),
    ...(profile === undefined ? {} : { profile }),
  };
}

function endpointIn(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw invalid('has an endpoint that is no https: or http: URL');
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') throw invalid('has an endpoint with more than an address');
  return withoutSlash(url.href);
}

function decoded(text: string): string {
  let plain: string;
  try {
    plain = decodeURIComponent(text);
  } catch (error) {
    throw invalid('is not encoded as a URL has to be', error);
  }
  if (/\p{Cc}/u.test(plain)) throw invalid('has control characters');
  return plain;
}

function encodePath(folder: string): string {
  return folder.split('/').map(encodeURIComponent).join('/');
}

function encodeQuery(value: string): string {
  return encodeURIComponent(value).replace(/%3A/g, ':').replace(/%2F/g, '/');
}

function withoutSlash(folder: string): string {
  return folder.replace(/\/+$/, '');
}

function invalid(what: string, cause?: unknown): Failure {
  return new Failure(
    'LOCATION_INVALID',
    `The place for copies ${what}.`,
    'Write an absolute path, sftp://user@host/path, or s3://bucket/prefix?endpoint=https://host&region=name. ' +
      'Passwords and keys do not belong there: sftp takes them from ssh, S3 from the environment or the profile file.',
    cause,
  );
}
