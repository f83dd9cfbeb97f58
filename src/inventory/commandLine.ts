import { shellWords } from '../compose/shellWords';
import { afterWrapper, baseName, isNoServer, isShell, startsServer } from './programs';

/** What a command line starts. */
export type CommandKind =
  /** The Postgres server. */
  | 'server'
  /** Options only, which an image's entrypoint hands to its server. */
  | 'serverOptions'
  /** Nothing but an entrypoint: whatever the image does by itself. */
  | 'none'
  /** A program or script that may start anything. */
  | 'unclear'
  /** Certainly something else. */
  | 'other';

export interface CommandReading {
  readonly kind: CommandKind;
  /** What runs, for messages. Without arguments: those may hold secrets. */
  readonly program: string;
  /** Arguments of the server. */
  readonly serverArguments: readonly string[];
}

/** Reads the words of a container's command, its entrypoint first. */
export function readCommand(argv: readonly string[]): CommandReading {
  return read(
    argv.filter((word) => word !== ''),
    0,
  );
}

const entrypoint = /entry-?point(?:\.\w+)?$/;
/** Scripts that a shell runs are most often workers; those of these names may be a server's start. */
const startScript = /postgres|patroni|spilo|^(?:launch|start|run)(?:[-_]?(?:pg|db|database|server))?\.sh$/;
const workScript = /work|back-?up|dump|restore|client|wait|cron|migrat|seed|init[-_]?db|db[-_]?init|sync|session/;
const maximumDepth = 8;

function read(words: readonly string[], depth: number): CommandReading {
  const [first, ...rest] = words;
  if (first === undefined) return reading('none', 'the default command of its image');
  if (depth > maximumDepth) return reading('unclear', first);
  const program = baseName(first);
  const inner = /^\w+=/.test(first) ? rest : afterWrapper(program, rest);
  if (inner !== undefined) return read(inner, depth + 1);
  if (startsServer(first, rest)) return reading('server', program, rest);
  if (isShell(program)) return readShell(program, rest, depth);
  if (entrypoint.test(program)) return afterEntrypoint(program, rest, depth);
  if (program.startsWith('-')) return reading('serverOptions', 'server options', words);
  return reading(isNoServer(program) || (program.endsWith('.sh') && workScript.test(program)) ? 'other' : 'unclear', program);
}

/** An entrypoint runs the command that follows it; the official one makes server options of options. */
function afterEntrypoint(program: string, rest: readonly string[], depth: number): CommandReading {
  if (rest.length === 0) return reading('none', program);
  return rest[0]?.startsWith('-') ? reading('serverOptions', program, rest) : read(rest, depth + 1);
}

/** `sh -c 'text'`, `sh script` or a bare shell. */
function readShell(shell: string, rest: readonly string[], depth: number): CommandReading {
  const flag = rest.findIndex((word) => /^-[a-z]*c$/.test(word));
  if (flag >= 0) return readText(rest[flag + 1] ?? '', shell, depth);
  const at = rest.findIndex((word) => !/^[-+]/.test(word));
  const script = at < 0 || shell === 'su' ? undefined : rest[at];
  if (script === undefined) return reading('other', shell);
  const name = baseName(script);
  if (startsServer(script, [])) return reading('server', name);
  if (entrypoint.test(name)) return afterEntrypoint(name, rest.slice(at + 1), depth);
  return reading(startScript.test(name) && !workScript.test(name) ? 'unclear' : 'other', name);
}

/** A shell text counts as the most telling of its commands. */
function readText(text: string, shell: string, depth: number): CommandReading {
  const commands = text
    .split(/&&|\|\||[;&|\n]/)
    .map((part) => part.trim().replace(/^(?:(?:if|then|else|elif|do|while|until|!|\(|\{)\s+)+/, ''))
    .filter((part) => /^[^#)}]/.test(part));
  const readings = commands.map((part) => read(shellWords(part), depth + 1));
  const telling = readings.find(({ kind }) => kind === 'server') ?? readings.find(({ kind }) => kind === 'unclear' || kind === 'none');
  return telling ?? reading('other', readings.at(-1)?.program ?? shell);
}

function reading(kind: CommandKind, program: string, serverArguments: readonly string[] = []): CommandReading {
  return { kind, program, serverArguments };
}
