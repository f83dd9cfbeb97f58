import type { ObjectKind } from './model';

/** A row of the queries below; `facts` has nulls where something does not apply. */
export interface ObjectRow {
  readonly kind: ObjectKind;
  /** The catalogue that the object is in, such as `pg_class`, its oid there, and the column that is meant, or 0. */
  readonly class: string;
  readonly oid: number;
  readonly sub: number;
  readonly name: string;
  readonly table: string | null;
  readonly sql: string;
  readonly facts: Readonly<Record<string, string | null>>;
}

const users = (namespace: string): string => `${namespace}.nspname <> 'information_schema' AND ${namespace}.nspname !~ '^pg_'`;

/** What an extension brought along is the extension's. */
const ofNoExtension = (catalogue: string, oid: string): string =>
  `NOT EXISTS (SELECT FROM pg_depend AS e WHERE e.classid = 'pg_catalog.${catalogue}'::regclass AND e.objid = ${oid} AND e.deptype = 'e')`;

const relation = "format('%I.%I', n.nspname, c.relname)";
const ofRelation = (join: string): string => `JOIN pg_class AS c ON c.oid = ${join} JOIN pg_namespace AS n ON n.oid = c.relnamespace`;
const options = (of: string): string => `array_to_string(${of}, ', ')`;

const schemas = `
  SELECT 'schema' AS kind, 'pg_namespace' AS class, n.oid, 0 AS sub, quote_ident(n.nspname) AS name, NULL AS "table",
         format('CREATE SCHEMA %I', n.nspname) AS sql, '{}'::jsonb AS facts
  FROM pg_namespace AS n WHERE ${users('n')} AND ${ofNoExtension('pg_namespace', 'n.oid')}`;

const extensions = `
  SELECT 'extension', 'pg_extension', x.oid, 0, quote_ident(x.extname), NULL,
         format('CREATE EXTENSION %I WITH SCHEMA %I VERSION %L', x.extname, n.nspname, x.extversion),
         jsonb_build_object('version', x.extversion, 'schema', quote_ident(n.nspname))
  FROM pg_extension AS x JOIN pg_namespace AS n ON n.oid = x.extnamespace`;

const enums = `
  SELECT 'enum', 'pg_type', t.oid, 0, format('%I.%I', n.nspname, t.typname), NULL,
         format('CREATE TYPE %I.%I AS ENUM (%s)', n.nspname, t.typname, labels.list), jsonb_build_object('labels', labels.list)
  FROM pg_type AS t JOIN pg_namespace AS n ON n.oid = t.typnamespace,
       LATERAL (SELECT string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder) AS list FROM pg_enum WHERE enumtypid = t.oid) AS labels
  WHERE t.typtype = 'e' AND ${users('n')} AND ${ofNoExtension('pg_type', 't.oid')}`;

const domains = `
  SELECT 'domain', 'pg_type', t.oid, 0, format('%I.%I', n.nspname, t.typname), NULL,
         format('CREATE DOMAIN %I.%I AS %s', n.nspname, t.typname, format_type(t.typbasetype, t.typtypmod))
           || coalesce(' COLLATE ' || loc.name, '') || coalesce(' DEFAULT ' || t.typdefault, '') || CASE WHEN t.typnotnull THEN ' NOT NULL' ELSE '' END
           || coalesce(' ' || checks.list, ''),
         jsonb_build_object('type', format_type(t.typbasetype, t.typtypmod), 'collation', loc.name, 'default', t.typdefault,
                            'not null', CASE WHEN t.typnotnull THEN 'yes' END, 'constraints', checks.list)
  FROM pg_type AS t JOIN pg_namespace AS n ON n.oid = t.typnamespace JOIN pg_type AS base ON base.oid = t.typbasetype
       LEFT JOIN LATERAL (SELECT format('%I.%I', ln.nspname, l.collname) AS name FROM pg_collation AS l JOIN pg_namespace AS ln ON ln.oid = l.collnamespace
                          WHERE l.oid = t.typcollation AND t.typcollation <> base.typcollation) AS loc ON true,
       LATERAL (SELECT string_agg(format('CONSTRAINT %I %s', conname, pg_get_constraintdef(oid)), ' ' ORDER BY conname) AS list
                FROM pg_constraint WHERE contypid = t.oid AND contype = 'c') AS checks
  WHERE t.typtype = 'd' AND ${users('n')} AND ${ofNoExtension('pg_type', 't.oid')}`;

const composites = `
  SELECT 'composite type', 'pg_class', c.oid, 0, ${relation}, NULL,
         format('CREATE TYPE %I.%I AS (%s)', n.nspname, c.relname, parts.list), jsonb_build_object('attributes', parts.list)
  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace,
       LATERAL (SELECT string_agg(format('%I %s', attname, format_type(atttypid, atttypmod)), ', ' ORDER BY attnum) AS list
                FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped) AS parts
  WHERE c.relkind = 'c' AND ${users('n')} AND ${ofNoExtension('pg_type', 'c.reltype')}`;

const ranges = `
  SELECT 'range type', 'pg_type', t.oid, 0, format('%I.%I', n.nspname, t.typname), NULL,
         format('CREATE TYPE %I.%I AS RANGE (subtype = %s)', n.nspname, t.typname, format_type(r.rngsubtype, NULL)),
         jsonb_build_object('subtype', format_type(r.rngsubtype, NULL))
  FROM pg_range AS r JOIN pg_type AS t ON t.oid = r.rngtypid JOIN pg_namespace AS n ON n.oid = t.typnamespace
  WHERE ${users('n')} AND ${ofNoExtension('pg_type', 't.oid')}`;

// Those of identity columns are told by the column.
const sequences = `
  SELECT 'sequence', 'pg_class', c.oid, 0, ${relation}, NULL,
         format('CREATE SEQUENCE %I.%I AS %s INCREMENT %s MINVALUE %s MAXVALUE %s START %s CACHE %s%s', n.nspname, c.relname, format_type(s.seqtypid, NULL),
                s.seqincrement, s.seqmin, s.seqmax, s.seqstart, s.seqcache, CASE WHEN s.seqcycle THEN ' CYCLE' ELSE '' END),
         jsonb_build_object('type', format_type(s.seqtypid, NULL), 'increment', s.seqincrement::text, 'minimum', s.seqmin::text, 'maximum', s.seqmax::text,
                            'start', s.seqstart::text, 'cache', s.seqcache::text, 'cycle', CASE WHEN s.seqcycle THEN 'yes' END, 'owned by', owner.name)
  FROM pg_sequence AS s ${ofRelation('s.seqrelid')}
       LEFT JOIN LATERAL (SELECT format('%I.%I.%I', tn.nspname, t.relname, a.attname) AS name
                          FROM pg_depend AS d JOIN pg_class AS t ON t.oid = d.refobjid JOIN pg_namespace AS tn ON tn.oid = t.relnamespace
                          JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
                          WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'a') AS owner ON true
  WHERE ${users('n')} AND ${ofNoExtension('pg_class', 'c.oid')}
    AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'i')`;

const functions = `
  SELECT 'function', 'pg_proc', p.oid, 0, format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)), NULL,
         CASE WHEN p.prokind = 'a' THEN format('CREATE AGGREGATE %I.%I(%s) (SFUNC = %s, STYPE = %s%s%s%s)', n.nspname, p.proname, pg_get_function_arguments(p.oid),
                a.aggtransfn, format_type(a.aggtranstype, NULL), CASE WHEN a.aggfinalfn::oid = 0 THEN '' ELSE ', FINALFUNC = ' || a.aggfinalfn END,
                CASE WHEN a.aggcombinefn::oid = 0 THEN '' ELSE ', COMBINEFUNC = ' || a.aggcombinefn END, coalesce(', INITCOND = ' || quote_literal(a.agginitval), ''))
              ELSE rtrim(pg_get_functiondef(p.oid), E'\\n') END,
         jsonb_build_object('kind', CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END,
                            'arguments', pg_get_function_arguments(p.oid), 'returns', pg_get_function_result(p.oid))
  FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace LEFT JOIN pg_aggregate AS a ON a.aggfnoid = p.oid
  WHERE ${users('n')} AND ${ofNoExtension('pg_proc', 'p.oid')}
    AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'i')`;

const tables = `
  SELECT 'table', 'pg_class', c.oid, 0, ${relation}, NULL,
         CASE c.relpersistence WHEN 'u' THEN 'CREATE UNLOGGED TABLE ' ELSE CASE c.relkind WHEN 'f' THEN 'CREATE FOREIGN TABLE ' ELSE 'CREATE TABLE ' END END || ${relation},
         jsonb_build_object('unlogged', CASE c.relpersistence WHEN 'u' THEN 'yes' END,
           'partition key', CASE c.relkind WHEN 'p' THEN pg_get_partkeydef(c.oid) END,
           'partition of', CASE WHEN c.relispartition THEN parents.list END, 'bound', pg_get_expr(c.relpartbound, c.oid),
           'inherits', CASE WHEN NOT c.relispartition THEN parents.list END, 'options', ${options('c.reloptions')},
           'server', (SELECT quote_ident(s.srvname) FROM pg_foreign_table AS f JOIN pg_foreign_server AS s ON s.oid = f.ftserver WHERE f.ftrelid = c.oid),
           'row level security', CASE WHEN c.relrowsecurity THEN 'yes' END, 'forced row level security', CASE WHEN c.relforcerowsecurity THEN 'yes' END)
  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace,
       LATERAL (SELECT string_agg(i.inhparent::regclass::text, ', ' ORDER BY i.inhseqno) AS list FROM pg_inherits AS i WHERE i.inhrelid = c.oid) AS parents
  WHERE c.relkind IN ('r', 'p', 'f') AND c.relpersistence <> 't' AND ${users('n')} AND ${ofNoExtension('pg_class', 'c.oid')}`;

// Those of a partition, and what a table inherits, are its parent's.
const tableColumns = `
  SELECT 'column', 'pg_class', c.oid, a.attnum, format('%s.%I', ${relation}, a.attname), ${relation},
         format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)) || coalesce(' COLLATE ' || loc.name, '')
           || CASE WHEN a.attgenerated <> '' THEN format(' GENERATED ALWAYS AS (%s) %s', expression.text, CASE a.attgenerated WHEN 's' THEN 'STORED' ELSE 'VIRTUAL' END)
                   ELSE coalesce(' DEFAULT ' || expression.text, '') END
           || CASE a.attidentity WHEN 'a' THEN ' GENERATED ALWAYS AS IDENTITY' WHEN 'd' THEN ' GENERATED BY DEFAULT AS IDENTITY' ELSE '' END
           || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END,
         jsonb_build_object('column', quote_ident(a.attname), 'type', format_type(a.atttypid, a.atttypmod), 'collation', loc.name,
           'default', CASE WHEN a.attgenerated = '' THEN expression.text END, 'generated', CASE WHEN a.attgenerated <> '' THEN expression.text END,
           'kept', CASE a.attgenerated WHEN 's' THEN 'stored' WHEN 'v' THEN 'virtual' END,
           'identity', CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' END, 'not null', CASE WHEN a.attnotnull THEN 'yes' END)
  FROM pg_attribute AS a ${ofRelation('a.attrelid')} JOIN pg_type AS t ON t.oid = a.atttypid
       LEFT JOIN LATERAL (SELECT format('%I.%I', ln.nspname, l.collname) AS name FROM pg_collation AS l JOIN pg_namespace AS ln ON ln.oid = l.collnamespace
                          WHERE l.oid = a.attcollation AND a.attcollation <> t.typcollation) AS loc ON true
       LEFT JOIN LATERAL (SELECT pg_get_expr(d.adbin, d.adrelid) AS text FROM pg_attrdef AS d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum) AS expression ON true
  WHERE c.relkind IN ('r', 'p', 'f') AND c.relpersistence <> 't' AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped AND a.attislocal
    AND ${users('n')} AND ${ofNoExtension('pg_class', 'c.oid')}
  ORDER BY c.oid, a.attnum`;

const views = `
  SELECT CASE c.relkind WHEN 'v' THEN 'view' ELSE 'materialized view' END, 'pg_class', c.oid, 0, ${relation}, NULL,
         format('CREATE %s %s%s AS%s%s', CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE 'MATERIALIZED VIEW' END, ${relation},
                coalesce(' WITH (' || ${options('c.reloptions')} || ')', ''), E'\\n', rtrim(pg_get_viewdef(c.oid, true), ';')),
         jsonb_build_object('query', rtrim(pg_get_viewdef(c.oid, true), ';'), 'options', ${options('c.reloptions')})
  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('v', 'm') AND c.relpersistence <> 't' AND ${users('n')} AND ${ofNoExtension('pg_class', 'c.oid')}`;

// Not null is told by the column; since Postgres 18 it is a constraint as well.
const constraints = `
  SELECT 'constraint', 'pg_constraint', k.oid, 0, format('%s.%I', ${relation}, k.conname), ${relation},
         format('ALTER TABLE %s ADD CONSTRAINT %I %s', ${relation}, k.conname, pg_get_constraintdef(k.oid)),
         jsonb_build_object('constraint', quote_ident(k.conname), 'definition', regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', ''),
           'validated', CASE WHEN NOT k.convalidated THEN 'no' END, 'type', k.contype::text)
  FROM pg_constraint AS k ${ofRelation('k.conrelid')}
  WHERE k.contype IN ('c', 'u', 'p', 'f', 'x') AND k.conparentid = 0 AND k.conislocal AND NOT (c.relispartition AND k.coninhcount > 0)
    AND ${users('n')} AND ${ofNoExtension('pg_class', 'c.oid')}`;

const indexes = `
  SELECT 'index', 'pg_class', c.oid, 0, ${relation}, t.oid::regclass::text, pg_get_indexdef(c.oid),
         jsonb_build_object('definition', pg_get_indexdef(c.oid), 'valid', CASE WHEN NOT x.indisvalid THEN 'no' END,
           'clustered', CASE WHEN x.indisclustered THEN 'yes' END)
  FROM pg_index AS x ${ofRelation('x.indexrelid')} JOIN pg_class AS t ON t.oid = x.indrelid
  WHERE NOT c.relispartition AND t.relkind IN ('r', 'p', 'm') AND t.relpersistence <> 't' AND ${users('n')} AND ${ofNoExtension('pg_class', 't.oid')}
    AND NOT EXISTS (SELECT FROM pg_constraint AS k WHERE k.conindid = c.oid AND k.contype IN ('u', 'p', 'x'))`;

const statistics = `
  SELECT 'statistics', 'pg_statistic_ext', s.oid, 0, format('%I.%I', sn.nspname, s.stxname), ${relation}, pg_get_statisticsobjdef(s.oid),
         jsonb_build_object('definition', pg_get_statisticsobjdef(s.oid))
  FROM pg_statistic_ext AS s JOIN pg_namespace AS sn ON sn.oid = s.stxnamespace ${ofRelation('s.stxrelid')}
  WHERE ${users('n')} AND ${ofNoExtension('pg_class', 'c.oid')}`;

const enabled = (column: string): string => `CASE ${column} WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'on replicas' WHEN 'A' THEN 'always' END`;

const triggers = `
  SELECT 'trigger', 'pg_trigger', g.oid, 0, format('%s.%I', ${relation}, g.tgname), ${relation}, pg_get_triggerdef(g.oid),
         jsonb_build_object('trigger', quote_ident(g.tgname), 'definition', pg_get_triggerdef(g.oid), 'enabled', ${enabled('g.tgenabled')})
  FROM pg_trigger AS g ${ofRelation('g.tgrelid')}
  WHERE NOT g.tgisinternal AND g.tgparentid = 0 AND ${users('n')} AND ${ofNoExtension('pg_class', 'c.oid')}`;

const rules = `
  SELECT 'rule', 'pg_rewrite', r.oid, 0, format('%s.%I', ${relation}, r.rulename), ${relation}, rtrim(pg_get_ruledef(r.oid), ';'),
         jsonb_build_object('rule', quote_ident(r.rulename), 'definition', rtrim(pg_get_ruledef(r.oid), ';'), 'enabled', ${enabled('r.ev_enabled')})
  FROM pg_rewrite AS r ${ofRelation('r.ev_class')}
  WHERE r.rulename <> '_RETURN' AND ${users('n')} AND ${ofNoExtension('pg_class', 'c.oid')}`;

const policies = `
  SELECT 'policy', 'pg_policy', p.oid, 0, format('%s.%I', ${relation}, p.polname), ${relation},
         format('CREATE POLICY %I ON %s AS %s FOR %s TO %s', p.polname, ${relation}, CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
                CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
                (SELECT string_agg(CASE role WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(role)) END, ', ' ORDER BY role) FROM unnest(p.polroles) AS role))
           || coalesce(' USING (' || pg_get_expr(p.polqual, p.polrelid) || ')', '') || coalesce(' WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')', ''),
         jsonb_build_object('policy', quote_ident(p.polname))
  FROM pg_policy AS p ${ofRelation('p.polrelid')}
  WHERE ${users('n')} AND ${ofNoExtension('pg_class', 'c.oid')}`;

const eventTriggers = `
  SELECT 'event trigger', 'pg_event_trigger', t.oid, 0, quote_ident(t.evtname), NULL,
         format('CREATE EVENT TRIGGER %I ON %s%s EXECUTE FUNCTION %s()', t.evtname, t.evtevent,
                (SELECT ' WHEN TAG IN (' || string_agg(quote_literal(tag), ', ') || ')' FROM unnest(t.evttags) AS tag), t.evtfoid::regproc),
         jsonb_build_object('enabled', ${enabled('t.evtenabled')})
  FROM pg_event_trigger AS t WHERE ${ofNoExtension('pg_event_trigger', 't.oid')}`;

/** Each gives rows of the same form; run with an empty search path, so that all names are qualified. */
export const objectQueries: readonly string[] = [
  schemas,
  extensions,
  enums,
  domains,
  composites,
  ranges,
  sequences,
  functions,
  tables,
  tableColumns,
  views,
  constraints,
  indexes,
  statistics,
  triggers,
  rules,
  policies,
  eventTriggers,
].map((query) => (query === schemas ? query : `SELECT * FROM (${query}) AS o(kind, class, oid, sub, name, "table", sql, facts)`));

/** Privileges that differ from what an object has when it is made; the owner's own stand under his role's name, not his. */
export const privilegesQuery = `
  WITH owned(class, oid, sub, type, name, owner, acl, letter) AS (
    SELECT 'pg_class', c.oid, 0, CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, ${relation}, c.relowner, c.relacl, (CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END)::"char"
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S') AND ${users('n')} AND ${ofNoExtension('pg_class', 'c.oid')}
    UNION ALL
    SELECT 'pg_namespace', n.oid, 0, 'SCHEMA', quote_ident(n.nspname), n.nspowner, n.nspacl, 'n' FROM pg_namespace AS n
    WHERE ${users('n')} AND n.nspname <> 'public' AND ${ofNoExtension('pg_namespace', 'n.oid')}
    UNION ALL
    SELECT 'pg_proc', p.oid, 0, CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END,
           format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)), p.proowner, p.proacl, 'f'
    FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace WHERE ${users('n')} AND ${ofNoExtension('pg_proc', 'p.oid')}
    UNION ALL
    SELECT 'pg_type', t.oid, 0, 'TYPE', format('%I.%I', n.nspname, t.typname), t.typowner, t.typacl, 'T'
    FROM pg_type AS t JOIN pg_namespace AS n ON n.oid = t.typnamespace
    WHERE t.typtype IN ('e', 'd', 'r') AND ${users('n')} AND ${ofNoExtension('pg_type', 't.oid')})
  SELECT o.class, o.oid, o.sub, o.type, o.name, CASE WHEN a.grantee = o.owner THEN '' WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS grantee,
         string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type) AS privileges, a.is_grantable AS grantable
  FROM owned AS o, aclexplode(coalesce(o.acl, acldefault(o.letter, o.owner))) AS a
  WHERE o.acl IS NOT NULL AND NOT (o.acl @> acldefault(o.letter, o.owner) AND o.acl <@ acldefault(o.letter, o.owner))
  GROUP BY o.class, o.oid, o.sub, o.type, o.name, o.owner, a.grantee, a.is_grantable ORDER BY o.type, o.name, 6, a.is_grantable`;

/** Comments, each with what it is on, as the server names it. */
export const commentsQuery = `
  SELECT d.classoid::regclass::text AS class, d.objoid AS oid, d.objsubid AS sub, i.type, i.identity, d.description
  FROM pg_description AS d, LATERAL pg_identify_object(d.classoid, d.objoid, d.objsubid) AS i
  WHERE d.objoid >= 16384 AND d.classoid::regclass::text <> 'pg_extension' AND i.type IS NOT NULL
    AND NOT EXISTS (SELECT FROM pg_depend AS e WHERE e.classid = d.classoid AND e.objid = d.objoid AND e.deptype = 'e')
  ORDER BY i.type, i.identity`;

/** What needs what, as the server keeps it, by what stands for it: a rule by its view, a default by its column, a row type by its table. */
export const dependenciesQuery = `
  WITH RECURSIVE raw AS (
    SELECT d.classid::regclass::text AS class, d.objid AS oid, d.objsubid AS sub, d.refclassid::regclass::text AS refclass, d.refobjid AS refoid, d.refobjsubid AS refsub
    FROM pg_depend AS d WHERE d.objid >= 16384 AND d.refobjid >= 2200 AND d.deptype NOT IN ('p', 'e')
      AND NOT (d.deptype = 'a' AND d.classid = 'pg_class'::regclass AND EXISTS (SELECT FROM pg_class AS s WHERE s.oid = d.objid AND s.relkind = 'S'))
  ), standing AS (
    SELECT 'pg_attrdef' AS class, oid, 'pg_class' AS toclass, adrelid AS tooid, adnum::int AS tosub FROM pg_attrdef
    UNION ALL SELECT 'pg_rewrite', oid, 'pg_class', ev_class, 0 FROM pg_rewrite WHERE rulename = '_RETURN'
    UNION ALL SELECT 'pg_type', t.oid, 'pg_class', t.typrelid, 0 FROM pg_type AS t WHERE t.typrelid <> 0
    UNION ALL SELECT 'pg_type', t.oid, CASE WHEN e.typrelid <> 0 THEN 'pg_class' ELSE 'pg_type' END, CASE WHEN e.typrelid <> 0 THEN e.typrelid ELSE e.oid END, 0
              FROM pg_type AS t JOIN pg_type AS e ON e.typarray = t.oid
    UNION ALL SELECT 'pg_constraint', oid, 'pg_type', contypid, 0 FROM pg_constraint WHERE contypid <> 0
    UNION ALL SELECT 'pg_class', conindid, 'pg_constraint', oid, 0 FROM pg_constraint WHERE contype IN ('u', 'p', 'x')
  )
  SELECT coalesce(s.toclass, r.class) AS class, coalesce(s.tooid, r.oid) AS oid, coalesce(s.tosub, r.sub) AS sub,
         coalesce(t.toclass, r.refclass) AS refclass, coalesce(t.tooid, r.refoid) AS refoid, CASE WHEN t.toclass IS NULL THEN r.refsub ELSE t.tosub END AS refsub
  FROM raw AS r LEFT JOIN standing AS s ON s.class = r.class AND s.oid = r.oid LEFT JOIN standing AS t ON t.class = r.refclass AND t.oid = r.refoid`;
