const word = /\s+|'([^']*)'?|"((?:\\[\s\S]|[^"\\])*)"?|\\([\s\S])|[^\s'"\\]+|\\/g;

/**
 * Splits a command line into words as a shell would, without expanding anything. Never throws: a quote that is not
 * closed reaches to the end.
 */
export function shellWords(line: string): readonly string[] {
  const words: string[] = [];
  let current: string | undefined;
  for (const [token, single, double, character] of line.matchAll(word)) {
    if (/^\s/.test(token)) {
      if (current !== undefined) words.push(current);
      current = undefined;
      continue;
    }
    const text = single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? character ?? token;
    current = (current ?? '') + text;
  }
  return current === undefined ? words : [...words, current];
}
