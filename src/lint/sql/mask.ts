/** Placeholders that tools fill in, as words of equal length, so that positions stay what they are. */
export function maskPlaceholders(sql: string): string {
  const word = (match: string): string => 'x'.repeat(match.length);
  return sql
    .replaceAll(/\{\{[^{}]*\}\}|\$\{[^{}]*\}/g, word)
    .replaceAll(/%\(\w+\)s/g, word)
    .replaceAll(/(?<![:\w])(:[A-Za-z_]\w*)(?!:)/g, word)
    .replaceAll(/^\\[a-z!?][^\n]*/gim, (match) => `--${' '.repeat(Math.max(0, match.length - 2))}`);
}

/** Whether a parsed text may hold a placeholder, of which nobody knows what it will be. */
export function mayHoldPlaceholder(tree: string): boolean {
  return /"sval":"x{2,}"/.test(tree);
}
