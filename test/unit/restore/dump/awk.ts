import { spawnSync } from 'node:child_process';

/** Runs a program of awk as the container would. */
export function awk(program: string, input: string, env: Readonly<Record<string, string>> = {}): string {
  const { stdout, status, stderr } = spawnSync('sh', ['-c', 'awk "$1"', 'sh', program], {
    input,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], LC_ALL: 'C', ...env },
  });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

/** A dump with something of everything that matters, as pg_dump writes it. */
export const dumpText = String.raw`--
-- PostgreSQL database dump
--

\restrict abc

-- Dumped from database version 17.2
-- Dumped by pg_dump version 17.2

SET statement_timeout = 0;
SET transaction_timeout = 0;
DROP TABLE public.users;

--
-- Name: shop; Type: DATABASE; Schema: -; Owner: app
--

CREATE DATABASE shop WITH TEMPLATE = template0;


ALTER DATABASE shop OWNER TO app;

\unrestrict abc
\connect shop
\restrict abc

SET statement_timeout = 0;

--
-- Name: DATABASE shop; Type: COMMENT; Schema: -; Owner: app
--

COMMENT ON DATABASE shop IS 'it
';


--
-- Name: public; Type: SCHEMA; Schema: -; Owner: app
--

CREATE SCHEMA public;


--
-- Name: pgcrypto; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS pgcrypto WITH SCHEMA public;


--
-- Name: users; Type: TABLE; Schema: public; Owner: Boss of it
--

CREATE TABLE public.users (
    id integer DEFAULT 1,
    note text DEFAULT '
-- Name: fake; Type: TABLE; Schema: public; Owner: nobody
'
);


ALTER TABLE public.users OWNER TO "Boss of it";

--
-- Data for Name: users; Type: TABLE DATA; Schema: public; Owner: Boss of it
--

COPY public.users (id, note) FROM stdin;
1	\\! rm -rf /
2	GRANT ALL ON x TO intruder;
\.


--
-- Data for Name: logs; Type: TABLE DATA; Schema: public; Owner: Boss of it
--

COPY public.logs ("odd
name") FROM stdin;
\N
\.


--
-- Name: users_pkey; Type: CONSTRAINT; Schema: public; Owner: Boss of it
--

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);


--
-- Name: TABLE users; Type: ACL; Schema: public; Owner: Boss of it
--

GRANT SELECT ON TABLE public.users TO reader WITH GRANT OPTION;
GRANT SELECT ON TABLE public.users TO PUBLIC;


--
-- PostgreSQL database dump complete
--

\unrestrict abc

`;

/** The same as `pg_dump --verbose` writes it. */
export const verboseText = dumpText
  .replaceAll(/^--\n-- Name: /gm, '--\n-- TOC entry 219 (class 1259 OID 16388)\n-- Name: ')
  .replaceAll(/^--\n-- Data for /gm, '--\n-- TOC entry 3377 (class 0 OID 16388)\n-- Dependencies: 219\n-- Data for ');
