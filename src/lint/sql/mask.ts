/** Placeholders that tools fill in, as words or parameters of equal length, so that positions stay what they are. */
export function maskPlaceholders(sql: string): string {
  const word = (match: string): string => 'x'.repeat(match.length);
  return sql
    .replaceAll(/\{\{[^{}]*\}\}|\$\{[^{}]*\}/g, word)
    .replaceAll(/%\(\w+\)s/g, (match) => '$1'.padEnd(match.length))
    .replaceAll(/(?<![:\w])(:[A-Za-z_]\w*)(?!:)/g, (match) => '$1'.padEnd(match.length))
    .replaceAll(/^\\[a-z!?][^\n]*/gim, (match) => `--${' '.repeat(Math.max(0, match.length - 2))}`);
}
