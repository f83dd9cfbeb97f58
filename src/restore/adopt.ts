import { withSession } from '../postgres/session';
import type { PostgresServer } from '../postgres/server';
import { identifier } from '../postgres/quote';

// What belongs to an extension, to a table (its types, its sequences, its indexes) or to the system follows by itself or stays.
const ownObjects = `
  SELECT format(CASE c.relkind WHEN 'S' THEN 'SEQUENCE %I.%I' WHEN 'v' THEN 'VIEW %I.%I' WHEN 'm' THEN 'MATERIALIZED VIEW %I.%I'
                               WHEN 'f' THEN 'FOREIGN TABLE %I.%I' ELSE 'TABLE %I.%I' END, n.nspname, c.relname) AS object, c.oid
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
   WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
     AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                     AND (d.deptype = 'e' OR (c.relkind = 'S' AND d.deptype IN ('a', 'i') AND d.refclassid = 'pg_class'::regclass)))
  UNION ALL
  SELECT format('ROUTINE %s', p.oid::regprocedure), p.oid FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
   WHERE n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
     AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
  UNION ALL
  SELECT format(CASE t.typtype WHEN 'd' THEN 'DOMAIN %I.%I' ELSE 'TYPE %I.%I' END, n.nspname, t.typname), t.oid
    FROM pg_type AS t JOIN pg_namespace AS n ON n.oid = t.typnamespace LEFT JOIN pg_class AS c ON c.oid = t.typrelid
   WHERE n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' AND t.typtype IN ('e', 'd', 'c', 'r') AND (t.typtype <> 'c' OR c.relkind = 'c')
     AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e')
  UNION ALL
  SELECT format('SCHEMA %I', n.nspname), n.oid FROM pg_namespace AS n
   WHERE n.nspname NOT IN ('information_schema', 'public') AND n.nspname !~ '^pg_'
     AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_namespace'::regclass AND d.objid = n.oid AND d.deptype = 'e')`;

/** Gives everything in a database that its loader made to the database's owner. */
export async function adoptObjects(server: PostgresServer, database: string, owner: string, signal: AbortSignal): Promise<void> {
  if (owner === server.user) return;
  await withSession(server, database, { signal }, async (session) => {
    const objects = await session.query<{ object: string }>(ownObjects);
    if (objects.length === 0) return;
    await session.execute(objects.map(({ object }) => `ALTER ${object} OWNER TO ${identifier(owner)}`).join('; '));
  });
}
