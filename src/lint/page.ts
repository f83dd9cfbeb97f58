import type { Rule } from './rule';

/** The page about a rule, as Markdown. */
export function rulePage({ id, title, severity, development, why, remedy, source, bad, good }: Rule): string {
  const plain = (example: string): string => example.replaceAll(/[«»]/g, '');
  const block = (example: string): string => `\`\`\`${/\b(op\.|def )/.test(example) ? 'python' : 'sql'}\n${plain(example)}\n\`\`\`\n`;
  const examples = (heading: string, list: readonly string[]): string => (list.length === 0 ? '' : `## ${heading}\n\n${list.map(block).join('\n')}\n`);
  return [
    `# ${title}\n`,
    `\`${id}\`, severity **${severity}**${development === undefined || development === severity ? '' : `; ${development} in the profile "development"`}\n`,
    `## Why\n\n${why}\n`,
    `## What to do\n\n${remedy}\n`,
    examples('Warned of', bad),
    examples('Fine', good),
    `## To silence it\n\nWrite \`container-databases: ignore ${id}\` in a comment behind the statement, or on a line of its own above it. For a whole file write \`ignore-file\`.\n`,
    `[Read more](${source})\n`,
  ].join('\n');
}
