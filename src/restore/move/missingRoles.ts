/**
 * The statements of a dump of roles that concern roles which a server lacks: what makes them, what they may, their
 * passwords, and memberships between roles that are then there. `pg_dumpall` writes each on a line of its own; all
 * else is left out.
 */
export function statementsForMissing(sql: string, present: ReadonlySet<string>): readonly string[] {
  const statements = sql.split('\n').filter((line) => line.endsWith(';'));
  const missing = new Set(
    statements.flatMap((line) => {
      const name = roleAfter('CREATE ROLE ', line);
      return name === undefined || present.has(name) || name.startsWith('pg_') ? [] : [name];
    }),
  );
  const concerns = (line: string): boolean => {
    const name = roleAfter('CREATE ROLE ', line) ?? roleAfter('ALTER ROLE ', line);
    if (name !== undefined) return missing.has(name);
    const [, granted, member] = new RegExp(`^GRANT (${identifierPattern}) TO (${identifierPattern})(?=[ ;])`).exec(line) ?? [];
    return granted !== undefined && member !== undefined && missing.has(unquote(member)) && !present.has(unquote(member));
  };
  // Who granted a membership may be somebody whom this server does not know.
  return statements.filter(concerns).map((line) => line.replace(/ GRANTED BY [^;]+;$/, ';'));
}

const identifierPattern = '"(?:[^"]|"")+"|[a-z_][a-z0-9_$]*';

function roleAfter(words: string, line: string): string | undefined {
  const [, name] = new RegExp(`^${words}(${identifierPattern})(?=[ ;])`).exec(line) ?? [];
  return name === undefined ? undefined : unquote(name);
}

function unquote(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}
