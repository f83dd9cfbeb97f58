import type { ComposeService } from '../../compose/composeModel';
import { finalImage } from '../../inventory/recogniseService';

/** What a service runs: the image, and what its Dockerfile changes about where data lies. */
interface BuiltImage {
  /** The one that the Dockerfile goes back to, where it is built here; empty when that is not known. */
  readonly image: string;
  readonly dataDirectory?: string;
  readonly volumes: readonly string[];
}

/** The image of a service. `dockerfile` is the text of the one that it is built from. */
export function imageOf(service: ComposeService, dockerfile: string | undefined): BuiltImage {
  if (service.build === undefined) return { image: service.image ?? '', volumes: [] };
  if (dockerfile === undefined) return { image: '', volumes: [] };
  const dataDirectory = [...dockerfile.matchAll(/^[ \t]*ENV[ \t]+(?:.*[ \t])?PGDATA[= \t]["']?([^"'\s]+)/gim)].at(-1)?.[1];
  const volumes = [...dockerfile.matchAll(/^[ \t]*VOLUME[ \t]+(.+)$/gim)].flatMap(([, words = '']) => words.match(/\/[^"',\]\s]*/g) ?? []);
  return { image: finalImage(dockerfile, service.build.target) ?? '', ...(dataDirectory === undefined ? {} : { dataDirectory }), volumes };
}
