import type { ComposeService } from '../compose/composeModel';
import { readCommand, type CommandReading } from './commandLine';
import { flavourOfImage } from './imageName';
import { postgresIdentity, type PostgresIdentity } from './postgresIdentity';
import { dataPath, environmentEvidence, imageEvidence, judge, type Recognition } from './recognise';

type Unrelated = Exclude<Recognition, { verdict: 'server' }>;

/** As for a container; of a server, also as whom and where it will be reached. */
export type ServiceRecognition = Unrelated | (Extract<Recognition, { verdict: 'server' }> & { readonly identity: PostgresIdentity });

/**
 * Whether a service that is only written down will be a Postgres server. `dockerfile` is the text of the file that it is
 * built from, where it could be read.
 */
export function recogniseComposeService(service: ComposeService, dockerfile: string | undefined = service.build?.dockerfileInline): ServiceRecognition {
  const built = dockerfile === undefined ? undefined : finalImage(dockerfile, service.build?.target);
  // The tag under which a build is kept tells less than what it is built from.
  const image = built ?? service.image ?? '';
  const { environment: env } = service;
  const data = service.volumes.filter(({ kind, target }) => kind !== 'tmpfs' && dataPath.test(target)).map(({ target }) => `mounts ${target}`);
  const evidence = [...imageEvidence(image), ...environmentEvidence(env), ...portEvidence(service), ...data, ...checkEvidence(service)];
  const judged = judge({ image, env, command: commandOf(service), evidence, ownNames: service.hostNames });
  const recognition =
    judged.verdict === 'unclear' && isConvincing(service, data.length > 0) ? { ...judged, verdict: 'server' as const, flavour: 'custom' as const } : judged;
  if (recognition.verdict !== 'server') return recognition;
  return { ...recognition, identity: postgresIdentity(env, service.command ?? [], flavourOfImage(image)) };
}

function portEvidence({ ports, expose }: ComposeService): readonly string[] {
  return [...ports.map(({ target }) => target), ...expose].includes(5432) ? ['exposes port 5432'] : [];
}

function checkEvidence({ healthcheck }: ComposeService): readonly string[] {
  return healthcheck?.test.some((word) => /\bpg_isready\b/.test(word)) === true ? ['is checked with pg_isready'] : [];
}

/** Without command and entrypoint the image's own run; of a command alone, what the image's entrypoint makes of it. */
function commandOf({ entrypoint, command }: ComposeService): CommandReading {
  const words = command ?? [];
  return readCommand(entrypoint === undefined ? ['docker-entrypoint.sh', ...words] : [...entrypoint, ...words]);
}

/** There is no process to look at: a data directory, or the server's own variables with its port, must do. */
function isConvincing(service: ComposeService, mountsData: boolean): boolean {
  const setUp = ['POSTGRES_PASSWORD', 'POSTGRES_PASSWORD_FILE', 'POSTGRES_HOST_AUTH_METHOD', 'POSTGRESQL_PASSWORD'];
  return mountsData || (portEvidence(service).length > 0 && setUp.some((name) => Object.hasOwn(service.environment, name)));
}

/** The image that a Dockerfile's last stage, or the one named `target`, goes back to. */
export function finalImage(dockerfile: string, target?: string): string | undefined {
  const from = /^[ \t]*FROM[ \t]+(?:--\S+[ \t]+)*(\S+)(?:[ \t]+AS[ \t]+(\S+))?/gim;
  const stages = [...dockerfile.matchAll(from)].map(([, image = '', name = '']) => ({ image, name: name.toLowerCase() }));
  let at = target === undefined ? stages.length - 1 : stages.findIndex(({ name }) => name === target.toLowerCase());
  for (let earlier = at; earlier >= 0;) {
    at = earlier;
    // A stage may only build on those before it.
    earlier = stages.slice(0, at).findLastIndex(({ name }) => name !== '' && name === stages[at]?.image.toLowerCase());
  }
  return withArguments(stages[at]?.image, dockerfile);
}

function withArguments(image: string | undefined, dockerfile: string): string | undefined {
  const declared = [...dockerfile.matchAll(/^[ \t]*ARG[ \t]+(\w+)=["']?([^"'\s]*)/gim)];
  const defaults = new Map(declared.map(([, name = '', value = '']) => [name, value]));
  return image?.replace(/\$(?:\{(\w+)(?::?-([^}]*))?\}|(\w+))/g, (whole: string, braced?: string, fallback?: string, plain?: string) => {
    return defaults.get(braced ?? plain ?? '') ?? fallback ?? whole;
  });
}
