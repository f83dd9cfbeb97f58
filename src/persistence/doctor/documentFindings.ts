import { parseComposeFile } from '../../compose/composeFile';
import type { SourceRange } from '../../compose/composeModel';
import { isMapping } from '../../compose/yamlAccess';
import { readYaml, type YamlTree } from '../../compose/yamlTree';
import { examineFile, unsetMark } from './examine';
import type { Finding } from './finding';
import type { Place } from './place';

/** A finding with its place in the text. */
export interface PlacedFinding extends Finding {
  /** Whose entry it is about. */
  readonly service: string;
  readonly range: SourceRange;
  /** Where the data directory of the examined service lies. */
  readonly place?: Place;
}

/**
 * What the doctor says of the text of one Compose file, each at its place: the mount, the field, or else the service's
 * name. Reads nothing but the text. Services that this file only adds to are left out, as are good news.
 */
export function findingsInText(text: string): readonly PlacedFinding[] {
  const plain = parseComposeFile(text);
  const marks = Object.fromEntries(plain.unsetVariables.map((name) => [name, unsetMark]));
  const file = plain.unsetVariables.length === 0 ? plain : parseComposeFile(text, marks);
  const complete = new Set(file.services.flatMap(({ name, image, build }) => (image === undefined && build === undefined ? [] : [name])));
  const { roots } = readYaml(text, () => undefined);
  return examineFile({ file, dockerfileOf: () => undefined })
    .filter(({ service }) => complete.has(service))
    .flatMap(({ service, findings, place }) => findings.map((finding) => ({ service, ...finding, ...(place === undefined ? {} : { place }) })))
    .filter(({ severity }) => severity === 'danger' || severity === 'advice')
    .flatMap((finding) => {
      const range = finding.range ?? placeIn(roots, finding.service, finding.field);
      return range === undefined ? [] : [{ ...finding, range }];
    });
}

/** A field of a service, else the service's name; the first document that has it counts. */
function placeIn(roots: readonly YamlTree[], service: string, field: string | undefined): SourceRange | undefined {
  for (const root of roots) {
    const services = isMapping(root) ? root.entries.get('services')?.value : undefined;
    const entry = isMapping(services) ? services.entries.get(service) : undefined;
    if (entry === undefined) continue;
    const written = field !== undefined && isMapping(entry.value) ? entry.value.entries.get(field) : undefined;
    if (written !== undefined) return written.range;
    return { ...entry.range, end: entry.range.start + service.length };
  }
  return undefined;
}
