import { formatBytes } from '../../protocol/format';
import { adviceOn } from './advice';
import { outcomeIn, type Diagnosis } from './examine';
import type { Finding } from './finding';
import type { InsideFacts, LiveFacts } from './liveFacts';
import { placeOf } from './place';
import { bothSurvive, survivalIn, verdictOn, worseVerdict, type Survival, type Verdict } from './survival';

/** Less than this share of a disk, or of what the data need, is too little. */
const scarceShare = 0.05;
const networkSystems = /^(?:nfs|cifs|smb2?|v9fs|9p|fuseblk|fuse|ceph|glusterfs|afs)/i;
const memorySystems = /^(?:tmpfs|ramfs)/i;

/** What will become of the data of a service, from what was seen of its container. Pure. */
export function diagnoseLive(facts: LiveFacts): Diagnosis {
  const { service, written, volumes, imageVolumes, dataDirectory, inside } = facts;
  const main = outcomeIn(written, { volumes }, { dataDirectory, volumes: imageVolumes });
  const outside = (inside?.outside ?? []).map((directory) => placeOf(directory, written.volumes, volumes, { volumes: imageVolumes }));
  const strays = outside.filter(({ kind }) => verdictOn(kind) !== 'persistent');
  const own: readonly Finding[] = [
    ...(inside === undefined ? [] : damageFindings(inside)),
    ...strays.map(({ directory, kind }) =>
      danger('OUTSIDE', `A part of the cluster lies in ${directory}, which does not last as the rest does.`, verdictOn(kind)),
    ),
    ...(facts.unread === undefined ? [] : [unsure(facts.unread)]),
    ...containerFindings(facts, verdictOn(main.place.kind)),
    ...(inside === undefined ? [] : diskFindings(inside, main.place.kind)),
  ];
  const findings = [...own, ...main.findings, ...adviceOn(written, [], facts.port)].map(withoutPlace);
  return {
    service,
    place: main.place,
    findings: findings.toSorted((a, b) => gravity(a) - gravity(b)),
    verdict: findings.reduce<Verdict>((verdict, finding) => worseVerdict(verdict, finding.verdict ?? 'persistent'), main.verdict),
    survives: strays.reduce<Survival>((survives, { kind }) => bothSurvive(survives, survivalIn(kind)), withoutContainer(main.survives, facts)),
  };
}

/** A container is in no text. */
function withoutPlace(finding: Finding): Finding {
  const { range: _, ...rest } = finding;
  return rest;
}

function gravity({ severity }: Finding): number {
  return ['danger', 'unsure', 'good', 'advice'].indexOf(severity);
}

/** A container that goes when it stops takes its volumes without a name with it, and is not there to be started. */
function withoutContainer(survives: Survival, { vanishes }: LiveFacts): Survival {
  return vanishes && survives.rm === false ? { ...survives, stop: false, restart: false, reboot: false } : survives;
}

function unsure(why: string): Finding {
  return { code: 'UNREAD', severity: 'unsure', message: `The server could not be asked (${why}); this is what its container tells.` };
}

function danger(code: string, message: string, verdict?: Verdict): Finding {
  return { code, severity: 'danger', message, ...(verdict === undefined ? {} : { verdict }) };
}

function advice(code: string, message: string): Finding {
  return { code, severity: 'advice', message };
}

function containerFindings({ vanishes, sharers, leftBehind, written, dataDirectory }: LiveFacts, place: Verdict): readonly Finding[] {
  const chosen = written.environment['PGDATA'];
  return [
    ...(vanishes
      ? [
          place === 'persistent'
            ? advice('VANISHES', 'The engine removes the container when it stops (--rm); the data stay in their volume.')
            : danger('VANISHES', 'The engine removes the container when it stops (--rm), and the data with it.', 'lost'),
        ]
      : []),
    ...(sharers.length === 0
      ? []
      : [danger('SHARED', `${sharers.join(', ')} may write to what holds the data, too; two servers that run on one data directory destroy it.`, 'at-risk')]),
    ...(leftBehind > 0 && place !== 'persistent'
      ? [
          advice(
            'LEFT_BEHIND',
            `${leftBehind === 1 ? 'One volume without a name is' : `${leftBehind} volumes without a name are`} used by nobody; data of a former container may lie there. "diagnose" looks.`,
          ),
        ]
      : []),
    ...(chosen && !dataDirectory.startsWith(chosen) && !chosen.startsWith(dataDirectory)
      ? [advice('DATA_ELSEWHERE', `PGDATA is ${chosen}, but the server keeps its data in ${dataDirectory}.`)]
      : []),
  ];
}

function diskFindings({ disk, fileSystem = '', owner, dataBytes }: InsideFacts, kind: string): readonly Finding[] {
  const scarce = disk !== undefined && disk.freeBytes < Math.max(disk.totalBytes * scarceShare, dataBytes * scarceShare);
  return [
    ...(scarce
      ? [danger('LOW_SPACE', `Only ${formatBytes(disk.freeBytes)} of ${formatBytes(disk.totalBytes)} are free; a server that cannot write stops.`)]
      : []),
    ...(memorySystems.test(fileSystem) && kind !== 'tmpfs' && kind !== 'volume in memory'
      ? [danger('MEMORY', `What holds the data is a ${fileSystem}: it lies in memory, and is empty after a reboot.`, 'lost')]
      : []),
    ...(networkSystems.test(fileSystem)
      ? [advice('NETWORK', `The data lie on a network file system (${fileSystem}), which Postgres needs to be hard and synchronous.`)]
      : []),
    ...(owner === undefined ? [] : ownerFindings(owner)),
  ];
}

function ownerFindings({ directory, server, mode }: NonNullable<InsideFacts['owner']>): readonly Finding[] {
  const isRight = directory === server && /^7[05]0$/.test(mode);
  if (isRight) return [];
  const message = `The data directory belongs to user ${directory} with mode ${mode}, and the server runs as user ${server}: it refuses to start again.`;
  return [danger('OWNER', `${message} "Fix ownership" mends it.`, 'at-risk')];
}

/** Damage first, with what to do, in order. */
function damageFindings({ damage, checksumFailures, checksums, hasAmcheck }: InsideFacts): readonly Finding[] {
  const failed = Object.entries(checksumFailures);
  const check = hasAmcheck ? 'find what else is damaged by "pg_amcheck --all" in the container' : 'read every table, as a full backup does';
  const steps = `In this order: back up what can still be read, keep a copy of the volume as it is, ${check}, restore the newest good backup, and test the disk.`;
  return [
    ...failed.map(([database, count]) =>
      danger('CHECKSUM_FAILURES', `${count} ${count === 1 ? 'page' : 'pages'} of "${database}" did not fit their checksum. ${steps}`, 'at-risk'),
    ),
    ...(damage[0] === undefined ? [] : [danger('DAMAGE', `The log speaks of damage: "${damage[0]}". ${steps}`, 'at-risk')]),
    ...(checksums === false
      ? [
          advice(
            'NO_CHECKSUMS',
            'Data checksums are off: what a disk damages is noticed late, or never. "pg_checksums --enable" switches them on while the server is stopped.',
          ),
        ]
      : []),
  ];
}
