import type { ComposeBuild, ComposeHealthcheck, ComposeService, SourceRange } from './composeModel';
import type { Lookup } from './interpolate';
import type { ComposeCondition } from './labels';
import { mountsOf, portNumber, portsOf, tmpfsMountsOf } from './mounts';
import { shellWords } from './shellWords';
import { dictionaryOf, field, isMapping, isTrue, itemsOf, namesIn, textField, textOf, textsOf } from './yamlAccess';
import type { YamlTree } from './yamlTree';

/** Reads one entry of `services`. Fields of an unexpected shape are left out. */
export function readService(name: string, tree: YamlTree, range: SourceRange, lookup: Lookup): ComposeService {
  const image = textField(tree, 'image');
  const containerName = textField(tree, 'container_name');
  return {
    name,
    ...(image ? { image } : {}),
    ...optional('build', readBuild(field(tree, 'build'))),
    ...(containerName ? { containerName } : {}),
    environment: readEnvironment(field(tree, 'environment'), lookup),
    envFiles: itemsOf(field(tree, 'env_file')).flatMap((item) => textOf(item) ?? textField(item, 'path') ?? []),
    volumes: [...mountsOf(field(tree, 'volumes')), ...tmpfsMountsOf(field(tree, 'tmpfs'))],
    ports: portsOf(field(tree, 'ports')),
    expose: textsOf(field(tree, 'expose')).flatMap((port) => portNumber(port.replace(/\/.*$/, '')) ?? []),
    dependsOn: readDependencies(tree),
    ...optional('healthcheck', readHealthcheck(field(tree, 'healthcheck'))),
    ...optional('command', readCommand(field(tree, 'command'))),
    ...optional('entrypoint', readCommand(field(tree, 'entrypoint'))),
    profiles: textsOf(field(tree, 'profiles')),
    ...optional('restart', textField(tree, 'restart')),
    ...optional('stopGracePeriod', textField(tree, 'stop_grace_period')),
    ...optional('shmSize', textField(tree, 'shm_size')),
    ...optional('volumesFrom', field(tree, 'volumes_from') === undefined ? undefined : textsOf(field(tree, 'volumes_from'))),
    hostNames: readHostNames(name, tree),
    ...optional('extends', readExtends(field(tree, 'extends'))),
    replaces: replacedFields(tree),
    range,
  };
}

function optional<K extends string, V>(name: K, value: V | undefined): { readonly [key in K]?: V } {
  return (value === undefined ? {} : { [name]: value }) as { readonly [key in K]?: V };
}

function readBuild(tree: YamlTree | undefined): ComposeBuild | undefined {
  const context = textOf(tree);
  if (context !== undefined) return { context };
  if (!isMapping(tree)) return undefined;
  return {
    context: textField(tree, 'context') ?? '.',
    ...optional('dockerfile', textField(tree, 'dockerfile')),
    ...optional('dockerfileInline', textField(tree, 'dockerfile_inline')),
    ...optional('target', textField(tree, 'target')),
  };
}

function readEnvironment(tree: YamlTree | undefined, lookup: Lookup): Readonly<Record<string, string | null>> {
  return Object.fromEntries(Object.entries(dictionaryOf(tree)).map(([name, value]) => [name, value ?? lookup(name) ?? null]));
}

/** What must run before: https://docs.docker.com/reference/compose-file/services/#depends_on and the implied ones. */
function readDependencies(tree: YamlTree): readonly ComposeCondition[] {
  const dependsOn = field(tree, 'depends_on');
  const written = isMapping(dependsOn)
    ? [...dependsOn.entries].map(([service, { value }]) => ({ service, condition: textField(value, 'condition') ?? 'service_started' }))
    : textsOf(dependsOn).map(started);
  const links = textsOf(field(tree, 'links')).map((link) => link.split(':')[0] ?? '');
  const volumesFrom = textsOf(field(tree, 'volumes_from')).flatMap((from) => (from.startsWith('container:') ? [] : (from.split(':')[0] ?? [])));
  const shared = ['network_mode', 'ipc', 'pid'].flatMap((name) => /^service:(.+)$/.exec(textField(tree, name) ?? '')?.[1] ?? []);
  const implied = [...links, ...volumesFrom, ...shared].filter((service) => !written.some((known) => known.service === service));
  return [...written, ...[...new Set(implied)].map(started)];
}

function started(service: string): ComposeCondition {
  return { service, condition: 'service_started' };
}

function readHealthcheck(tree: YamlTree | undefined): ComposeHealthcheck | undefined {
  if (!isMapping(tree)) return undefined;
  const test = field(tree, 'test');
  const words = test?.kind === 'scalar' && test.text !== null ? ['CMD-SHELL', test.text] : textsOf(test);
  return { disabled: isTrue(field(tree, 'disable')) || words[0] === 'NONE', test: words };
}

/** `command: ""` and `command: []` clear the image's command; null leaves it. */
function readCommand(tree: YamlTree | undefined): readonly string[] | undefined {
  const line = textOf(tree);
  if (line !== undefined) return shellWords(line);
  return tree?.kind === 'list' ? textsOf(tree) : undefined;
}

function readHostNames(name: string, tree: YamlTree): readonly string[] {
  const networks = field(tree, 'networks');
  const aliases = namesIn(networks).flatMap((network) => textsOf(field(field(networks, network), 'aliases')));
  const given = [textField(tree, 'container_name'), textField(tree, 'hostname')].filter((host) => host !== undefined && host !== '');
  return [...new Set([name, ...(given as readonly string[]), ...aliases])];
}

function readExtends(tree: YamlTree | undefined): ComposeService['extends'] {
  const service = textOf(tree) ?? textField(tree, 'service');
  return service === undefined ? undefined : { service, ...optional('file', textField(tree, 'file')) };
}

function replacedFields(tree: YamlTree): readonly string[] {
  return isMapping(tree) ? [...tree.entries].flatMap(([name, { value }]) => (/^!(?:reset|override)$/.test(value.tag ?? '') ? [name] : [])) : [];
}
