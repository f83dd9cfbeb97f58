import { portNumber } from '../compose/mounts';

/** Settings on the server's command line that matter from outside. The last mention of a setting counts. */
export interface ServerOptions {
  readonly port?: number;
  readonly dataDirectory?: string;
}

const shortForms: Readonly<Record<string, string>> = { p: 'port', D: 'data_directory' };

/** Reads `-p 5433`, `-c port=5433`, `--port=5433` and the like. https://www.postgresql.org/docs/current/app-postgres.html */
export function readServerOptions(words: readonly string[]): ServerOptions {
  const settings = new Map<string, string>();
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    const [, letter, attached] = /^-([pDc])(.*)$/s.exec(word) ?? [];
    if (letter !== undefined) {
      const value = attached === '' ? (words[++at] ?? '') : (attached ?? '');
      const short = shortForms[letter];
      if (short === undefined) note(settings, value);
      else settings.set(short, value.trim());
    } else if (word.startsWith('--')) note(settings, word.slice(2));
  }
  const port = portNumber(settings.get('port') ?? '');
  const dataDirectory = settings.get('data_directory');
  return { ...(port === undefined ? {} : { port }), ...(dataDirectory ? { dataDirectory } : {}) };
}

/** In a name, `-` means `_`. */
function note(settings: Map<string, string>, assignment: string): void {
  const at = assignment.indexOf('=');
  if (at > 0)
    settings.set(
      assignment.slice(0, at).trim().replaceAll('-', '_').toLowerCase(),
      assignment
        .slice(at + 1)
        .trim()
        .replace(/^'|'$/g, ''),
    );
}
