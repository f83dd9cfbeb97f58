import { parseComposeFile } from '../../../compose/composeFile';
import type { YamlTree } from '../../../compose/yamlTree';
import { addLines, addTopLevel, entryIn, serviceIn, type ComposeText, type TextEdit, type WrittenEntry } from './edits';
import type { Fixer } from './fix';

const variable = 'POSTGRES_PASSWORD';

/** Moves the password out of the file, into one that is its own and that git is told to ignore. It stays the same: the cluster has it. */
export const useSecret: Fixer = (file, { service }) => {
  const entry = serviceIn(file, service);
  const environment = entryIn(entry?.value, 'environment');
  const password = parseComposeFile(file.text).services.find(({ name }) => name === service)?.environment[variable];
  if (entry === undefined || environment === undefined || password === null || password === undefined) return undefined;
  const name = `${service}-password`;
  if (entryIn(entry.value, 'secrets') !== undefined || entryIn(entryIn(file.root, 'secrets')?.value, name) !== undefined) return undefined;
  const edits = [
    variableEdit(file, environment, `/run/secrets/${name}`),
    addLines(file, entry, file.text[entry.value.range.start] === '{' ? [`secrets: [${name}]`] : ['secrets:', `  - ${name}`]),
    addTopLevel(file, 'secrets', name, [`${name}:`, `  file: ./secrets/${name}.txt`]),
  ];
  if (!edits.every((edit) => edit !== undefined)) return undefined;
  const files = [
    { path: `secrets/${name}.txt`, content: password },
    { path: 'secrets/.gitignore', content: '*\n' },
  ];
  return { kind: 'secret', edits, files, touches: [{ service, field: 'environment' }] };
};

/** Only where the password is written out: what a variable holds is in no file of ours. */
function variableEdit({ text }: ComposeText, environment: WrittenEntry, secret: string): TextEdit | undefined {
  const entry = entryIn(environment.value, variable);
  if (entry !== undefined) return replacing(text, entry.start, entry.end, `${variable}_FILE: ${secret}`);
  const items: readonly YamlTree[] = environment.value.kind === 'list' ? environment.value.items : [];
  const item = items.find((each) => each.kind === 'scalar' && each.text?.startsWith(`${variable}=`) === true);
  return item === undefined ? undefined : replacing(text, item.range.start, item.range.end, `${variable}_FILE=${secret}`);
}

function replacing(text: string, start: number, end: number, by: string): TextEdit | undefined {
  return text.slice(start, end).includes('$') ? undefined : { start, end, text: by };
}
