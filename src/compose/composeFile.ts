import type { ComposeFile, ComposeProblem, ComposeService, ComposeVolume } from './composeModel';
import { lookupIn, type Environment, type Lookup } from './interpolate';
import { mergeComposeFiles, mergeServices } from './merge';
import { readService } from './serviceReader';
import { dictionaryOf, field, isMapping, isTrue, itemsOf, textField, textOf, textsOf } from './yamlAccess';
import { readYaml, type YamlTree } from './yamlTree';

/**
 * Reads the text of one Compose file. `environment` is what the shell and `.env` give; `file` is only noted in ranges.
 * Never throws: a file that is broken yields what could be read, and `errors`.
 */
export function parseComposeFile(text: string, environment: Environment = {}, file?: string): ComposeFile {
  const lookup = lookupIn(environment);
  const { roots, problems, unset } = readYaml(text, lookup, file);
  const whole = mergeComposeFiles(roots.map((root) => readDocument(root, lookup)));
  const { services, errors } = withBases(whole.services);
  return { ...whole, services, errors: [...problems, ...whole.errors, ...errors], unsetVariables: unset };
}

function readDocument(root: YamlTree, lookup: Lookup): ComposeFile {
  const name = textField(root, 'name');
  return {
    ...(name ? { name } : {}),
    services: servicesOf(root, lookup),
    volumes: volumesOf(root),
    includes: itemsOf(field(root, 'include')).flatMap((item) => textOf(item) ?? textsOf(field(item, 'path'))),
    errors: shapeErrors(root),
    unsetVariables: [],
  };
}

function servicesOf(root: YamlTree, lookup: Lookup): readonly ComposeService[] {
  const services = field(root, 'services');
  if (!isMapping(services)) return [];
  return [...services.entries]
    .filter(([name, { value }]) => !name.startsWith('x-') && isMapping(value))
    .map(([name, { value, range }]) => readService(name, value, range, lookup));
}

function volumesOf(root: YamlTree): readonly ComposeVolume[] {
  const volumes = field(root, 'volumes');
  if (!isMapping(volumes)) return [];
  return [...volumes.entries].map(([key, { value, range }]) => {
    const external = field(value, 'external');
    // Old files give the name under `external`.
    const name = textField(value, 'name') ?? textField(external, 'name');
    const driver = textField(value, 'driver');
    const options = Object.entries(dictionaryOf(field(value, 'driver_opts'))).map(([option, text]) => [option, text ?? '']);
    return {
      key,
      ...(name ? { name } : {}),
      external: isMapping(external) || isTrue(external),
      ...(driver ? { driver } : {}),
      driverOptions: Object.fromEntries(options) as Readonly<Record<string, string>>,
      range,
    };
  });
}

function shapeErrors(root: YamlTree): readonly ComposeProblem[] {
  if (root.kind === 'scalar' && root.text === null) return [];
  if (!isMapping(root)) return [{ message: 'A Compose file must be a mapping.', range: root.range }];
  const services = root.entries.get('services');
  if (services === undefined || (services.value.kind === 'scalar' && services.value.text === null)) return [];
  if (!isMapping(services.value)) return [{ message: '"services" must be a mapping.', range: services.range }];
  return [...services.value.entries]
    .filter(([, { value }]) => !isMapping(value) && value.tag !== '!reset')
    .map(([name, { range }]) => ({ message: `Service "${name}" must be a mapping.`, range }));
}

/** Merges in the bases that `extends` names in the same file; others stay named in `extends`. */
function withBases(services: readonly ComposeService[]): { readonly services: readonly ComposeService[]; readonly errors: readonly ComposeProblem[] } {
  const byName = new Map(services.map((service) => [service.name, service]));
  const errors: ComposeProblem[] = [];
  const resolve = (service: ComposeService, seen: readonly string[]): ComposeService => {
    const base = service.extends?.file === undefined ? byName.get(service.extends?.service ?? '') : undefined;
    if (base === undefined) return service;
    if (seen.includes(base.name)) {
      errors.push({ message: `Service "${service.name}" extends itself.`, range: service.range });
      return service;
    }
    return withBase(resolve(base, [...seen, base.name]), service);
  };
  return { services: services.map((service) => resolve(service, [service.name])), errors };
}

function withBase(base: ComposeService, service: ComposeService): ComposeService {
  const { extends: _resolved, ...own } = service;
  const hostNames = base.hostNames.filter((host) => host !== base.name && host !== base.containerName);
  const { extends: further } = base;
  return { ...mergeServices({ ...base, hostNames }, own), ...(further === undefined ? {} : { extends: further }), range: service.range };
}
