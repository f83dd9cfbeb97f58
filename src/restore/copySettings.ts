import { identifier, literal } from '../postgres/quote';
import type { Session } from '../postgres/session';

/** Gives a database what is said of another from outside: its settings, also those for single roles, its connection limit and its privileges. */
export async function copyDatabaseSettings(session: Session, from: string, to: string): Promise<void> {
  const settings = await session.query<{ role: string | null; setting: string }>(
    `SELECT r.rolname AS role, unnest(s.setconfig) AS setting
     FROM pg_catalog.pg_db_role_setting AS s JOIN pg_catalog.pg_database AS d ON d.oid = s.setdatabase LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = s.setrole
     WHERE d.datname = $1`,
    [from],
  );
  const [properties] = await session.query<{ connections: number; owner: string; privileges: boolean }>(
    `SELECT datconnlimit AS connections, pg_catalog.pg_get_userbyid(datdba) AS owner, datacl IS NOT NULL AS privileges
     FROM pg_catalog.pg_database WHERE datname = $1`,
    [from],
  );
  for (const { role, setting } of settings) await session.execute(settingStatement(to, role, setting));
  if (properties === undefined) return;
  await session.execute(`ALTER DATABASE ${identifier(to)} CONNECTION LIMIT ${properties.connections}`);
  if (properties.privileges) await copyPrivileges(session, from, to, properties.owner);
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
 * A setting, as `pg_db_role_setting` has it, for another database. It is not tried out in our own session: what it names,
 * such as a text search configuration, may be there in the one database only.
 */
export function settingStatement(database: string, role: string | null, setting: string): string {
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

/** Every grant, with who gave it; a database to which none was ever made keeps the defaults of all, and is not passed here. */
async function copyPrivileges(session: Session, from: string, to: string, owner: string): Promise<void> {
  const grants = await session.query<{ grantor: string; grantee: string | null; privilege: string; grantable: boolean }>(
    `SELECT pg_catalog.pg_get_userbyid(a.grantor) AS grantor, a.privilege_type AS privilege, a.is_grantable AS grantable,
            CASE WHEN a.grantee = 0 THEN NULL ELSE pg_catalog.pg_get_userbyid(a.grantee) END AS grantee
     FROM pg_catalog.pg_database AS d, pg_catalog.aclexplode(d.datacl) AS a WHERE d.datname = $1
     ORDER BY a.grantor <> d.datdba`,
    [from],
  );
  const database = identifier(to);
  const statements = grants.map(({ grantor, grantee, privilege, grantable }) => {
    const who = grantee === null ? 'PUBLIC' : identifier(grantee);
    const grant = `GRANT ${privilege} ON DATABASE ${database} TO ${who}${grantable ? ' WITH GRANT OPTION' : ''}`;
    return grantor === owner ? grant : `SET LOCAL ROLE ${identifier(grantor)}; ${grant}; RESET ROLE`;
  });
  // The owner's own as well, for those may have been taken away.
  const nothing = `REVOKE ALL ON DATABASE ${database} FROM PUBLIC, ${identifier(owner)}`;
  await session.execute(['BEGIN', nothing, ...statements, 'COMMIT'].join('; ')).catch(async (error: unknown) => {
    await session.execute('ROLLBACK');
    throw error;
  });
}
