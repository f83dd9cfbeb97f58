/** A database's name as libpq takes it whatever it contains: `=` or `://` in a plain name would be taken for more. */
export function connectionString(database: string): string {
  return `dbname='${database.replace(/[\\']/g, '\\$&')}'`;
}
