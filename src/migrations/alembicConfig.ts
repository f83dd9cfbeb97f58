import { joinPath } from './paths';

/** What a configuration of Alembic says of where its files are. */
export interface AlembicConfig {
  /** As written: a path, or `package:folder`. */
  readonly scriptLocation: string;
  readonly versionLocations: readonly string[];
  readonly recursive: boolean;
  readonly prependPath: readonly string[];
}

/** Reads `alembic.ini`; undefined when it has no `[alembic]` section that names its scripts. */
export function readAlembicIni(text: string): AlembicConfig | undefined {
  const values = sectionOf(text, 'alembic');
  const scriptLocation = values.get('script_location');
  if (scriptLocation === undefined || scriptLocation === '') return undefined;
  const separator = values.get('path_separator') ?? values.get('version_path_separator');
  return {
    scriptLocation,
    versionLocations: split(values.get('version_locations') ?? '', separator),
    recursive: values.get('recursive_version_locations') === 'true',
    prependPath: split(values.get('prepend_sys_path') ?? '', separator),
  };
}

/** Reads `[tool.alembic]` of `pyproject.toml`; undefined when it is not there. */
export function readAlembicToml(text: string): AlembicConfig | undefined {
  const [, table] = /^\[tool\.alembic\][^\n]*\n([\s\S]*?)(?=^\[(?!\s*["'])|(?![\s\S]))/m.exec(text) ?? [];
  if (table === undefined) return undefined;
  const value = (key: string): readonly string[] => {
    const [, raw = ''] = new RegExp(`^${key}\\s*=\\s*(\\[[\\s\\S]*?\\]|[^\\n]*)`, 'm').exec(table) ?? [];
    return [...raw.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'/g)].map(([, double, single]) => interpolated(double ?? single ?? ''));
  };
  const [scriptLocation] = value('script_location');
  if (scriptLocation === undefined) return undefined;
  const recursive = /^recursive_version_locations\s*=\s*true/m.test(table);
  return { scriptLocation, versionLocations: value('version_locations'), recursive, prependPath: value('prepend_sys_path') };
}

/** The folders that a location may mean, likeliest first: a path below the configuration, or a folder in a package. */
export function placesOf(location: string, root: string, prependPath: readonly string[]): readonly string[] {
  const parts = /^([A-Za-z_][\w.]*):(.*)$/.exec(location);
  if (parts === null) return [joinPath(root, location.replaceAll('\\', '/'))];
  const [, module = '', folder = ''] = parts;
  const inModule = joinPath(module.replaceAll('.', '/'), folder);
  return [...prependPath, '', 'src'].map((base) => joinPath(root, base, inModule));
}

/** Sections as Python's configparser reads them: `key = value` or `key: value`, indented lines go on. */
function sectionOf(text: string, wanted: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  let section = '';
  let key = '';
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*[#;]/.test(line) || line.trim() === '') continue;
    const header = /^\[([^\]]+)\]/.exec(line);
    const entry = /^([^\s=:][^=:]*?)\s*[=:]\s*(.*)$/.exec(line);
    if (header !== null) [section, key] = [header[1] ?? '', ''];
    else if (/^\s/.test(line) && key !== '') values.set(key, `${values.get(key) ?? ''}\n${line.trim()}`);
    else if (entry !== null && section === wanted) values.set((key = (entry[1] ?? '').toLowerCase()), (entry[2] ?? '').trim());
    else if (entry !== null) key = '';
  }
  return new Map([...values].map(([name, value]) => [name, interpolated(value)]));
}

/** `here` is the folder of the file, from which all paths start anyway. */
function interpolated(value: string): string {
  return value
    .replace(/%\(here\)s[\\/]?/g, './')
    .replaceAll('%%', '%')
    .trim();
}

const separators: Readonly<Record<string, RegExp>> = { space: /\s+/, newline: /\n+/, os: /[:;]/, ':': /:/, ';': /;/ };

function split(value: string, separator: string | undefined): readonly string[] {
  // A configuration made on Windows has semicolons, where a colon may belong to a drive.
  const by = separator === undefined ? /[\s,]+/ : separator === 'os' && value.includes(';') ? /;/ : (separators[separator] ?? /[\s,]+/);
  return value
    .split(by)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
