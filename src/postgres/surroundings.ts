import { identifier, literal } from './quote';
import type { Session } from './session';

/** What is said of a database from outside, which neither a dump of it nor a copy by template holds. */
export interface Surroundings {
  readonly connectionLimit: number;
  /** Null where no privilege was ever granted or taken: then everybody has the defaults. */
  readonly grants: readonly Grant[] | null;
  readonly settings: readonly Setting[];
}

export interface Grant {
  readonly grantor: string;
  /** Null for everybody. */
  readonly grantee: string | null;
  readonly privilege: string;
  readonly grantable: boolean;
}

export interface Setting {
  /** The role for which it holds; null for all. */
  readonly role: string | null;
  /** `name=value`, as the catalogue has it. */
  readonly setting: string;
}

/** Throws nothing of its own; a database that is not there has nothing said of it. */
export async function readSurroundings(session: Session, database: string): Promise<Surroundings> {
  const settings = await session.query<Setting>(
    `SELECT r.rolname AS role, unnest(s.setconfig) AS setting
     FROM pg_catalog.pg_db_role_setting AS s JOIN pg_catalog.pg_database AS d ON d.oid = s.setdatabase LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = s.setrole
     WHERE d.datname = $1`,
    [database],
  );
  const [row] = await session.query<{ connections: number; granted: boolean }>(
    'SELECT datconnlimit AS connections, datacl IS NOT NULL AS granted FROM pg_catalog.pg_database WHERE datname = $1',
    [database],
  );
  // What the owner granted comes first, since others grant what they got.
  const grants = await session.query<Grant>(
    `SELECT pg_catalog.pg_get_userbyid(a.grantor) AS grantor, a.privilege_type AS privilege, a.is_grantable AS grantable,
            CASE WHEN a.grantee = 0 THEN NULL ELSE pg_catalog.pg_get_userbyid(a.grantee) END AS grantee
     FROM pg_catalog.pg_database AS d, pg_catalog.aclexplode(d.datacl) AS a WHERE d.datname = $1
     ORDER BY a.grantor <> d.datdba`,
    [database],
  );
  return { connectionLimit: row?.connections ?? -1, grants: row?.granted === true ? grants : null, settings };
}

/** Says the same of a database that belongs to `owner`, in one transaction. */
export async function applySurroundings(session: Session, database: string, owner: string, surroundings: Surroundings): Promise<void> {
  const { connectionLimit, grants, settings } = surroundings;
  const statements = [
    ...settings.map((each) => settingStatement(database, each)),
    `ALTER DATABASE ${identifier(database)} CONNECTION LIMIT ${connectionLimit}`,
    ...(grants === null ? [] : grantStatements(database, owner, grants)),
  ];
  await session.execute(['BEGIN', ...statements, 'COMMIT'].join('; ')).catch(async (error: unknown) => {
    await session.execute('ROLLBACK');
    throw error;
  });
}

/** What may be written into a file and said on a server that has these roles. A variable of the user's own may hold a secret. */
export function portableSurroundings({ connectionLimit, grants, settings }: Surroundings, roles: readonly string[]): Surroundings {
  const isKnown = (role: string | null): boolean => role === null || roles.includes(role);
  return {
    connectionLimit,
    grants: grants === null ? null : grants.filter(({ grantor, grantee }) => isKnown(grantor) && isKnown(grantee)),
    settings: settings.filter(({ role, setting }) => isKnown(role) && isBuiltIn(setting)),
  };
}

/** Whether a setting is one of the server's own, which hold no secrets; those of extensions and applications have a dot. */
export function isBuiltIn(setting: string): boolean {
  return !setting.slice(0, setting.indexOf('=')).includes('.');
}

// Whose values are lists of names. The server keeps them quoted, and takes each name as a text of its own; the rest are one
// text each. The same variables as in pg_dump (dumputils.c, variable_is_guc_list_quote).
const nameLists = [
  'local_preload_libraries',
  'search_path',
  'session_preload_libraries',
  'shared_preload_libraries',
  'temp_tablespaces',
  'unix_socket_directories',
];

/**
 * A setting as a statement. It is not tried out in our own session: what it names, such as a text search configuration, may
 * be there in the one database only.
 */
export function settingStatement(database: string, { role, setting }: Setting): string {
  const at = setting.indexOf('=');
  const name = setting.slice(0, at);
  const value = setting.slice(at + 1);
  const who = role === null ? `DATABASE ${identifier(database)}` : `ROLE ${identifier(role)} IN DATABASE ${identifier(database)}`;
  const values = nameLists.includes(name.toLowerCase()) ? splitNames(value) : [value];
  const variable = name.split('.').map(identifier).join('.');
  return `ALTER ${who} SET ${variable} TO ${values.length === 0 ? "''" : values.map(literal).join(', ')}`;
}

/** The names in a list as the server writes it: separated by commas, in double quotes where they need them. */
function splitNames(list: string): readonly string[] {
  const names = list.match(/"(?:[^"]|"")*"|[^\s,"][^,]*/g) ?? [];
  return names.map((name) => (name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.trimEnd()));
}

function grantStatements(name: string, owner: string, grants: readonly Grant[]): readonly string[] {
  const database = identifier(name);
  const statements = grants.map(({ grantor, grantee, privilege, grantable }) => {
    const who = grantee === null ? 'PUBLIC' : identifier(grantee);
    const grant = `GRANT ${privilege} ON DATABASE ${database} TO ${who}${grantable ? ' WITH GRANT OPTION' : ''}`;
    return grantor === owner ? grant : `SET LOCAL ROLE ${identifier(grantor)}; ${grant}; RESET ROLE`;
  });
  // The owner's own as well, for those may have been taken away.
  return [`REVOKE ALL ON DATABASE ${database} FROM PUBLIC, ${identifier(owner)}`, ...statements];
}
