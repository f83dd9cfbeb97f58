/** Compose files of one folder that belong together, by name only. */
export interface ProjectDefinition {
  /**
   * Such as `prod` of `docker-compose.prod.yml`, or the whole name of a default file that another one hides; absent for
   * what Compose takes when it is given no `-f`.
   */
  readonly variant?: string;
  /** In the order of `-f`. */
  readonly files: readonly string[];
  /**
   * For a variant: the folder's default files. A variant that is not complete in itself (a service has neither image
   * nor build) is meant to be laid over these.
   */
  readonly base: readonly string[];
}

// Order of preference: compose-go, cli/options.go.
const defaults = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'];
const overrides = ['compose.override.yml', 'compose.override.yaml', 'docker-compose.override.yml', 'docker-compose.override.yaml'];
// Read by podman-compose only.
const podmanDefaults = ['podman-compose.yaml', 'podman-compose.yml', 'container-compose.yml', 'container-compose.yaml'];
const podmanOverrides = ['container-compose.override.yml', 'container-compose.override.yaml'];

const named = /^(?:docker-|podman-|container-)?compose(?:[.\-_](.+))?\.ya?ml$/i;
const namedBefore = /^(.+?)[.\-_](?:docker-|podman-|container-)?compose\.ya?ml$/i;
const sample = /(?:^|[.\-_])(?:example|sample|template|dist|tpl|tmpl)(?:$|[.\-_])/i;

/** Whether a file of this name is, by convention, a Compose file. */
export function isComposeFileName(name: string): boolean {
  return named.test(name) || variantOf(name) !== undefined;
}

/**
 * The projects that the files of one folder may define: what Compose takes by default (with its override file) first,
 * then each variant for itself. `names` are base names, in any order.
 */
export function projectDefinitions(names: readonly string[]): readonly ProjectDefinition[] {
  const present = new Set(names);
  const first = (wanted: readonly string[]): readonly string[] => wanted.filter((name) => present.has(name)).slice(0, 1);
  const mains = [...defaults, ...podmanDefaults];
  const main = first(mains);
  const base = main.length === 0 ? [] : [...main, ...first([...overrides, ...podmanOverrides])];
  const variants = [...present].sort().flatMap((name) => {
    if (base.includes(name)) return [];
    const variant = mains.includes(name) ? name : variantOf(name);
    return variant === undefined ? [] : [{ variant, files: [name], base: mains.includes(name) ? [] : base }];
  });
  return base.length === 0 ? variants : [{ files: base, base: [] }, ...variants];
}

function variantOf(name: string): string | undefined {
  const variant = named.exec(name)?.[1] ?? (named.test(name) ? undefined : namedBefore.exec(name)?.[1]);
  return variant === undefined || variant === 'override' || sample.test(variant) ? undefined : variant;
}
