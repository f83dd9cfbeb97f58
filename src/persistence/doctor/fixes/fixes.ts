import { parseComposeFile } from '../../../compose/composeFile';
import type { ComposeFile, ComposeService } from '../../../compose/composeModel';
import { readYaml } from '../../../compose/yamlTree';
import { findingsInText, type PlacedFinding } from '../documentFindings';
import { waitForHealth } from './conditions';
import { applyEdits } from './edits';
import { addHealthcheck, addRestart, addSharedMemory, lengthenGrace } from './fields';
import { nameVolume, moveMount } from './mounts';
import { closePort } from './ports';
import type { ComposeFix, Fixer, Touch } from './fix';
import { useSecret } from './secrets';

const fixers: Readonly<Record<string, readonly Fixer[]>> = {
  NO_HEALTHCHECK: [addHealthcheck],
  NO_RESTART: [addRestart],
  SHORT_GRACE: [lengthenGrace],
  SMALL_SHM: [addSharedMemory],
  NO_CONDITION: [waitForHealth],
  OPEN_PORT: [closePort],
  ANONYMOUS_VOLUME: [nameVolume],
  CONTAINER_LAYER: [nameVolume],
  MOUNT_BESIDE: [moveMount],
  DEFAULT_PASSWORD: [useSecret],
};

/**
 * What mends a finding, by edits that keep every remark and all other text. Only fixes after which the file reads as
 * before but for what they touch, and the finding is gone, are given. Pure.
 */
export function fixesFor(text: string, finding: PlacedFinding): readonly ComposeFix[] {
  const { roots, problems } = readYaml(text, () => undefined);
  const [root, ...others] = roots;
  if (root?.kind !== 'map' || others.length > 0 || problems.length > 0) return [];
  return (fixers[finding.code] ?? []).flatMap((fixer) => fixer({ text, root }, finding) ?? []).filter((fix) => mends(text, finding, fix));
}

function mends(text: string, { code, service, message }: PlacedFinding, { edits, touches }: ComposeFix): boolean {
  const after = applyEdits(text, edits);
  const [was, is] = [parseComposeFile(text), parseComposeFile(after)];
  const before = findingsInText(text);
  const left = findingsInText(after);
  const remains = left.some((each) => each.code === code && each.service === service && each.message === message);
  const isNew = left.some((each) => !before.some((known) => known.code === each.code && known.service === each.service));
  return is.errors.length === 0 && !remains && !isNew && readsAlike(was, is, touches);
}

/** Whether two files say the same, but for these fields and for further volumes. */
function readsAlike(was: ComposeFile, is: ComposeFile, touches: readonly Touch[]): boolean {
  const services = (file: ComposeFile): string => JSON.stringify(file.services.map((service) => comparable(service, touches)));
  const volumes = (file: ComposeFile): readonly string[] => file.volumes.map((volume) => JSON.stringify(withoutPlaces(volume)));
  const kept = volumes(is);
  return services(was) === services(is) && volumes(was).every((volume) => kept.includes(volume));
}

function comparable(service: ComposeService, touches: readonly Touch[]): unknown {
  const touched = new Set<string>(touches.flatMap((touch) => (touch.service === service.name ? [touch.field] : [])));
  return withoutPlaces(Object.fromEntries(Object.entries(service).filter(([field]) => !touched.has(field))));
}

function withoutPlaces(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, each: unknown) => (key === 'range' ? undefined : each)));
}
