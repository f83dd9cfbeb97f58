import type { ComposeFile, ComposeService, ComposeVolume } from './composeModel';

/**
 * Puts several Compose files together as `-f one -f two` does, later ones winning:
 * https://docs.docker.com/reference/compose-file/merge/. A service keeps the place of its first file.
 */
export function mergeComposeFiles(files: readonly ComposeFile[]): ComposeFile {
  const name = files.findLast((file) => file.name !== undefined)?.name;
  return {
    ...(name === undefined ? {} : { name }),
    services: mergeBy(
      files.flatMap((file) => file.services),
      (service) => service.name,
      mergeServices,
    ),
    volumes: mergeBy(
      files.flatMap((file) => file.volumes),
      (volume) => volume.key,
      mergeVolumes,
    ),
    includes: [...new Set(files.flatMap((file) => file.includes))],
    errors: files.flatMap((file) => file.errors),
    unsetVariables: [...new Set(files.flatMap((file) => file.unsetVariables))],
  };
}

/** One service as two files describe it; also what `extends` makes of a base and the service that extends it. */
export function mergeServices(base: ComposeService, over: ComposeService): ComposeService {
  const kept = without(base, over.replaces);
  return {
    ...kept,
    ...over,
    ...(kept.build && over.build ? { build: { ...kept.build, ...over.build } } : {}),
    environment: { ...kept.environment, ...over.environment },
    envFiles: union(kept.envFiles, over.envFiles),
    volumes: mergeBy([...kept.volumes, ...over.volumes], (mount) => mount.target.replace(/(?<=.)\/+$/, ''), last),
    ports: mergeBy([...kept.ports, ...over.ports], (port) => JSON.stringify([port.hostAddress, port.published, port.target, port.protocol]), last),
    expose: union(kept.expose, over.expose),
    dependsOn: mergeBy([...kept.dependsOn, ...over.dependsOn], (condition) => condition.service, last),
    ...mergedHealthcheck(kept, over),
    profiles: union(kept.profiles, over.profiles),
    hostNames: union(
      kept.hostNames.filter((host) => host !== kept.containerName || over.containerName === undefined),
      over.hostNames,
    ),
    replaces: union(base.replaces, over.replaces),
    range: base.range,
  };
}

/** How to take what a field says out of a service, by the field's name in the file. */
const clearing: Readonly<Record<string, ((service: ComposeService) => ComposeService) | undefined>> = {
  image: ({ image: _image, ...rest }) => rest,
  build: ({ build: _build, ...rest }) => rest,
  container_name: ({ containerName: _containerName, ...rest }) => rest,
  command: ({ command: _command, ...rest }) => rest,
  entrypoint: ({ entrypoint: _entrypoint, ...rest }) => rest,
  healthcheck: ({ healthcheck: _healthcheck, ...rest }) => rest,
  extends: ({ extends: _extends, ...rest }) => rest,
  environment: (service) => ({ ...service, environment: {} }),
  env_file: (service) => ({ ...service, envFiles: [] }),
  volumes: (service) => ({ ...service, volumes: service.volumes.filter(({ kind }) => kind === 'tmpfs') }),
  tmpfs: (service) => ({ ...service, volumes: service.volumes.filter(({ kind }) => kind !== 'tmpfs') }),
  ports: (service) => ({ ...service, ports: [] }),
  expose: (service) => ({ ...service, expose: [] }),
  depends_on: (service) => ({ ...service, dependsOn: [] }),
  profiles: (service) => ({ ...service, profiles: [] }),
};

/** The service without what `!reset` and `!override` in a later file take away. */
function without(service: ComposeService, replaced: readonly string[]): ComposeService {
  return replaced.reduce((partly, name) => (Object.hasOwn(clearing, name) ? (clearing[name]?.(partly) ?? partly) : partly), service);
}

/** A file may change a check's timing only, and keep its test. */
function mergedHealthcheck(base: ComposeService, over: ComposeService): Pick<ComposeService, 'healthcheck'> {
  if (base.healthcheck === undefined || over.healthcheck === undefined) return {};
  const { disabled, test } = over.healthcheck;
  return { healthcheck: { disabled, test: test.length > 0 ? test : base.healthcheck.test } };
}

function mergeVolumes(base: ComposeVolume, over: ComposeVolume): ComposeVolume {
  return {
    ...base,
    ...over,
    external: base.external || over.external,
    driverOptions: { ...base.driverOptions, ...over.driverOptions },
    range: base.range,
  };
}

/** Members with equal keys become one, in the first one's position. */
function mergeBy<T>(members: readonly T[], keyOf: (member: T) => string, merge: (earlier: T, later: T) => T): readonly T[] {
  const found = new Map<string, T>();
  for (const member of members) {
    const earlier = found.get(keyOf(member));
    found.set(keyOf(member), earlier === undefined ? member : merge(earlier, member));
  }
  return [...found.values()];
}

function last<T>(_earlier: T, later: T): T {
  return later;
}

function union<T>(first: readonly T[], second: readonly T[]): readonly T[] {
  return [...new Set([...first, ...second])];
}
