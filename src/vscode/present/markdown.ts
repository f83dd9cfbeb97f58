/**
 * Text as Markdown that shows just that text. Names come from containers and files, so that nothing in them may become
 * a link, an image, an icon (`$(…)`) or markup.
 */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-.!|<>~&$:@"']/g, (sign) => `&#${sign.codePointAt(0)};`).replace(/\s+/g, ' ');
}

/** A fact of a tooltip: what it is about, and the fact, which is shown as it is. */
export type Fact = readonly [name: string, value: string | undefined];

/** A tooltip: a heading, sentences, and facts in lines of their own. All of it is plain text to begin with. */
export function tooltip(heading: string, facts: readonly Fact[], sentences: readonly string[] = []): string {
  const lines = facts.flatMap(([name, value]) => (value === undefined || value === '' ? [] : [`${escapeMarkdown(name)}: ${escapeMarkdown(value)}`]));
  return [`**${escapeMarkdown(heading)}**`, ...sentences.map(escapeMarkdown), lines.join('  \n')].filter((part) => part !== '').join('\n\n');
}
