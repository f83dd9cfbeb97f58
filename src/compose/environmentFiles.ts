import type { ComposeFile } from './composeModel';

/**
 * Adds to each service what its `env_file`s set; `environment` stands above them. `read` gives the values in a file of
 * that path, as written in the Compose file, and undefined for one that is not there.
 */
export function withEnvironmentFiles(file: ComposeFile, read: (path: string) => Readonly<Record<string, string>> | undefined): ComposeFile {
  const services = file.services.map((service) => {
    const fromFiles = service.envFiles.map((path) => read(path) ?? {});
    return { ...service, environment: Object.assign({}, ...fromFiles, service.environment) as Readonly<Record<string, string | null>> };
  });
  return { ...file, services };
}
