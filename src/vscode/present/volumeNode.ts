import type { Project, Service } from '../../inventory/model';
import { formatBytes } from '../../protocol/format';
import type { SmokeReport } from '../../protocol/smokeReport';
import type { Diagnosis } from '../../persistence/doctor/examine';
import { verdictSentence, verdictText } from './doctorText';
import { tooltip } from './markdown';
import { testedSentence, testedText } from './smokeText';
import type { Clock, Translate } from './translate';
import { colors, type Icon, type TreeNode } from './treeNode';
import { isShortLived, joinParts, volumeText } from './words';

/** What is known of how lasting the data are. */
export interface LastingFacts {
  /** The last persistence test. */
  readonly test: SmokeReport | undefined;
  /** What the doctor says. */
  readonly diagnosis: Diagnosis | undefined;
}

/** What holds the data directory, and how lasting it is; undefined for a service that has none yet. */
export function volumeNode(t: Translate, project: Project, service: Service, { test, diagnosis }: LastingFacts, clock: Clock): TreeNode | undefined {
  const { volume } = service;
  if (volume === undefined) return undefined;
  const kind = volumeText(t, volume);
  const tested = testedText(t, test, service);
  const sentence = testedSentence(t, test, service, clock);
  const verdict = diagnosis === undefined ? undefined : verdictText(t, diagnosis);
  const size = volume.sizeBytes === undefined ? undefined : formatBytes(volume.sizeBytes);
  const name = volume.kind === 'named' ? withoutProject(volume.name, project.name) : volume.kind === 'bind' ? folderName(volume.source) : undefined;
  return {
    id: `volume:${project.name}/${service.name}@${project.endpointId ?? ''}`,
    label: name ?? t('Data'),
    description: joinParts(size, tested, verdict, kind),
    tooltip: tooltip(
      name ?? kind,
      [
        [t('Kind'), kind],
        [t('Size'), size],
        [t('Name'), volume.name],
        [t('Source'), volume.source],
        [t('Mounted at'), volume.destination],
        [t('Data directory'), volume.dataDirectory],
      ],
      [
        ...(isShortLived(volume) ? [t('The data does not outlive the container. A named volume would.')] : []),
        ...(diagnosis === undefined ? [] : [verdictSentence(t, diagnosis)]),
        ...(sentence === undefined ? [] : [sentence]),
      ],
    ),
    icon: iconOf(service, (test?.verdict === 'lost' && tested !== undefined) || verdict !== undefined),
    context: 'volume',
    spoken: [t('Volume {0}', name ?? ''), kind, size, tested, verdict].filter((part) => part !== undefined).join(', '),
    open: false,
    children: [],
    subject: { kind: 'volume', project, service },
  };
}

function iconOf({ volume }: Service, loses: boolean): Icon {
  if (volume !== undefined && (loses || isShortLived(volume))) return { id: 'warning', color: colors.warning };
  return { id: volume?.kind === 'bind' ? 'folder' : 'package' };
}

function folderName(source: string | undefined): string | undefined {
  return source?.split(/[/\\]/).findLast((part) => part !== '');
}

/** Compose puts the project's name before a volume's; beneath the project that is said already. */
function withoutProject(name: string | undefined, project: string): string | undefined {
  return name?.startsWith(`${project}_`) === true ? name.slice(project.length + 1) : name;
}
