import type { PythonModule, PythonValue } from './python';

// What generated revisions have before their first function: remarks, a docstring, imports, and names that are given texts,
// lists of texts, or None, each on a line. All of it is written so that it cannot mean anything else to Python; whatever
// differs is left to the parser.
const end = String.raw`[ \t]*(?:#[^\r\n]*)?(?:\r?\n|$)`;
const text = String.raw`(?:"(?!"")[^"\\\r\n]*"|'(?!'')[^'\\\r\n]*')`;
const list = String.raw`(?:${text}(?:[ \t]*,[ \t]*${text})*(?:[ \t]*,)?)?`;
const module = String.raw`\w+(?:\.\w+)*(?:[ \t]+as[ \t]+\w+)?`;
const modules = String.raw`${module}(?:[ \t]*,[ \t]*${module})*`;

// As deep as what Alembic writes: Union[str, Sequence[str], None].
const dotted = String.raw`[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*`;
const inner = String.raw`${dotted}(?:\[${dotted}(?:, ?${dotted})*\])?`;
const outer = String.raw`${dotted}(?:\[${inner}(?:, ?${inner})*\])?`;
const annotation = String.raw`${outer}(?: ?\| ?${outer})*`;

const statement = new RegExp(
  [
    `(?<nothing>${end})`,
    String.raw`(?:from[ \t]+\.*\w[\w.]*[ \t]+)?import[ \t]+${modules}${end}`,
    String.raw`(?<quotes>"""|''')(?<docstring>(?:(?!\k<quotes>)[^\\])*)\k<quotes>${end}`,
    String.raw`(?<name>[A-Za-z_]\w*)[ \t]*(?::[ \t]*${annotation}[ \t]*)?=[ \t]*(?:(?<none>None)|(?<text>${text})|\((?<tuple>[ \t]*${list}[ \t]*)\)|\[(?<array>[ \t]*${list}[ \t]*)\])${end}`,
  ].join('|'),
  'y',
);

/** Reads the top of a module that has only plain lines; undefined for any other, which takes a parser. */
export function readPlainModule(head: string): PythonModule | undefined {
  const assigned = new Map<string, PythonValue>();
  let docstring: string | undefined;
  statement.lastIndex = 0;
  while (statement.lastIndex < head.length) {
    const { groups } = statement.exec(head) ?? {};
    if (groups === undefined) return undefined;
    if (assigned.size === 0) docstring ??= groups['docstring'];
    if (groups['name'] !== undefined) assigned.set(groups['name'], textsIn(groups['text'] ?? groups['tuple'] ?? groups['array'] ?? ''));
  }
  return { assigned, ...(docstring === undefined ? {} : { docstring }) };
}

function textsIn(value: string): readonly string[] {
  return [...value.matchAll(/"([^"]*)"|'([^']*)'/g)].map(([, double, single = '']) => double ?? single);
}
