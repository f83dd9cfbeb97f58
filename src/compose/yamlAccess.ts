import type { YamlMap, YamlTree } from './yamlTree';

/** The value under `name`; undefined when there is none, or when `tree` is no mapping. */
export function field(tree: YamlTree | undefined, name: string): YamlTree | undefined {
  return tree?.kind === 'map' ? tree.entries.get(name)?.value : undefined;
}

/** The text of a scalar; undefined for null, for nothing and for collections. */
export function textOf(tree: YamlTree | undefined): string | undefined {
  return tree?.kind === 'scalar' ? (tree.text ?? undefined) : undefined;
}

/** The text of the scalar under `name`. */
export function textField(tree: YamlTree | undefined, name: string): string | undefined {
  return textOf(field(tree, name));
}

/** The texts of a list; a single scalar counts as a list of one, as Compose allows in many places. */
export function textsOf(tree: YamlTree | undefined): readonly string[] {
  return itemsOf(tree).flatMap((item) => textOf(item) ?? []);
}

/** The members of a list; a single value that is not null counts as a list of one. */
export function itemsOf(tree: YamlTree | undefined): readonly YamlTree[] {
  if (tree === undefined || (tree.kind === 'scalar' && tree.text === null)) return [];
  return tree.kind === 'list' ? tree.items : [tree];
}

/** The names in a mapping; empty for anything else. */
export function namesIn(tree: YamlTree | undefined): readonly string[] {
  return tree?.kind === 'map' ? [...tree.entries.keys()] : [];
}

/** Compose takes the words of YAML 1.1 too. */
export function isTrue(tree: YamlTree | undefined): boolean {
  return /^(?:true|yes|on|y)$/i.test(textOf(tree) ?? '');
}

/** A mapping of texts, or a list of `NAME=value`; a name without value is null. */
export function dictionaryOf(tree: YamlTree | undefined): Readonly<Record<string, string | null>> {
  if (tree?.kind === 'map') return Object.fromEntries([...tree.entries].map(([name, { value }]) => [name, textOf(value) ?? null]));
  return Object.fromEntries(textsOf(tree).map(nameAndValue));
}

/** Whether `tree` is a mapping. */
export function isMapping(tree: YamlTree | undefined): tree is YamlMap {
  return tree?.kind === 'map';
}

function nameAndValue(text: string): readonly [string, string | null] {
  const at = text.indexOf('=');
  return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)];
}
