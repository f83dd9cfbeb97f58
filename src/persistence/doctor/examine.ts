import type { ComposeFile, ComposeService } from '../../compose/composeModel';
import { recogniseComposeService, type ServiceRecognition } from '../../inventory/recogniseService';
import { adviceOn } from './advice';
import { imageOf } from './builtImage';
import type { Finding } from './finding';
import { layoutsOf, type ImageLayout } from './imageLayout';
import { isWithin, normalised, placeOf, type Place } from './place';
import { aboutPlace } from './placeFindings';
import { bothSurvive, eitherSurvival, survivalIn, verdictOn, worseVerdict, type Survival, type Verdict } from './survival';

/** What the doctor says of one service. */
export interface Diagnosis {
  readonly service: string;
  readonly verdict: Verdict;
  /** The gravest first. */
  readonly findings: readonly Finding[];
  readonly survives: Survival;
  /** Where the data directory lies; absent when that is not known. */
  readonly place?: Place;
}

/** A project as it is written down. */
export interface WrittenFacts {
  readonly file: ComposeFile;
  /** What a service's Dockerfile says, where it has one and it could be read. */
  readonly dockerfileOf: (service: ComposeService) => string | undefined;
}

/** Stands for a variable without value, so that it can be seen where it went. */
export const unsetMark = 'cdb-no-value';

/** What will become of the data of every database service in a project, from its files alone. */
export function examineFile({ file, dockerfileOf }: WrittenFacts): readonly Diagnosis[] {
  const servers = file.services.flatMap((service) => {
    const dockerfile = dockerfileOf(service) ?? service.build?.dockerfileInline;
    const recognition = recogniseComposeService(withDefaults(service, dockerfile), dockerfile);
    return recognition.verdict === 'server' ? [{ service, dockerfile, recognition }] : [];
  });
  const examined = servers.map(({ service, dockerfile, recognition }) => examineService(service, { file, dockerfile, recognition }));
  return examined.map((diagnosis) => withSharers(diagnosis, examined));
}

type Server = Extract<ServiceRecognition, { verdict: 'server' }>;

interface Surroundings {
  readonly file: ComposeFile;
  readonly dockerfile: string | undefined;
  readonly recognition: Server;
}

function examineService(service: ComposeService, { file, dockerfile, recognition }: Surroundings): Diagnosis {
  const { pgdata } = recognition.identity;
  const { image, layouts } = layoutsFor(service, dockerfile, pgdata);
  const unclear = whatIsUnclear(service, file, image, pgdata, layouts);
  const advice = adviceOn(service, file.services, recognition.identity.port);
  if (unclear !== undefined) return { service: service.name, verdict: 'unknown', findings: [unclear, ...advice], survives: survivalIn('unknown') };
  const outcomes = layouts.map((layout) => outcomeIn(service, file, layout));
  const [first, second] = outcomes;
  if (first === undefined) throw new Error('A service whose image is not known is unclear.');
  const { verdict, findings, survives, place } = second === undefined ? first : either(first, second, image);
  return { service: service.name, verdict, findings: [...findings, ...advice], survives, place };
}

/** What becomes of the data of a service, and why. */
export interface Outcome {
  readonly verdict: Verdict;
  readonly findings: readonly Finding[];
  readonly survives: Survival;
  readonly place: Place;
}

/** What becomes of the data if the image keeps it so. */
export function outcomeIn(service: ComposeService, { volumes }: Pick<ComposeFile, 'volumes'>, layout: ImageLayout): Outcome {
  const place = placeOf(layout.dataDirectory, service.volumes, volumes, layout);
  const data = aboutPlace(place, service, volumes);
  const log = service.environment['POSTGRES_INITDB_WALDIR'];
  const logPlace = log && !isWithin(log, layout.dataDirectory) ? placeOf(log, service.volumes, volumes, layout) : undefined;
  const aboutLog = logPlace === undefined || verdictOn(logPlace.kind) === 'persistent' ? [] : [logFinding(logPlace)];
  const findings = [...aboutLog, ...data];
  return {
    place,
    findings,
    verdict: findings.reduce<Verdict>((verdict, finding) => worseVerdict(verdict, finding.verdict ?? 'persistent'), verdictOn(place.kind)),
    survives: logPlace === undefined ? survivalIn(place.kind) : bothSurvive(survivalIn(place.kind), survivalIn(logPlace.kind)),
  };
}

function logFinding({ kind, directory }: Place): Finding {
  const message = `The write-ahead log lies in ${directory}, outside every mount that lasts; without it the data directory does not start.`;
  return { code: 'WAL_OUTSIDE', severity: 'danger', message, field: 'environment', verdict: verdictOn(kind) };
}

/** The tag may stand for two majors that keep their data in different places. */
function either(one: Outcome, other: Outcome, image: string): Outcome {
  if (one.verdict === other.verdict && one.place.kind === other.place.kind) return one;
  const worse = worseVerdict(one.verdict, other.verdict) === one.verdict ? one : other;
  const message = `The tag of ${image} may bring Postgres 18, which keeps its data in /var/lib/postgresql/18/docker, or an older one, which keeps it in /var/lib/postgresql/data. The mount fits only one of them: name the major.`;
  const verdict = one.verdict === 'lost' && other.verdict === 'lost' ? 'lost' : 'at-risk';
  const finding: Finding = { code: 'MAJOR_OPEN', severity: 'danger', message, field: 'image' };
  return {
    place: worse.place,
    verdict,
    findings: [finding, ...worse.findings.filter(({ severity }) => severity !== 'good')],
    survives: eitherSurvival(one.survives, other.survives),
  };
}

/** The image, and the layouts that it may have, with the data directory that the service chooses. */
function layoutsFor(
  service: ComposeService,
  dockerfile: string | undefined,
  pgdata: string | undefined,
): { readonly image: string; readonly layouts: readonly ImageLayout[] } {
  const { image, dataDirectory, volumes } = imageOf(service, dockerfile);
  const known = layoutsOf(image);
  const chosen = pgdata ?? dataDirectory;
  const layouts = known.map((layout) => ({ dataDirectory: chosen ?? layout.dataDirectory, volumes: [...layout.volumes, ...volumes] }));
  if (layouts.length > 0 || chosen === undefined) return { image, layouts };
  // The image is not known, but where its data lies is: enough where that is in a mount.
  const isMounted = service.volumes.some(({ target }) => isWithin(chosen, target));
  return { image, layouts: isMounted ? [{ dataDirectory: chosen, volumes }] : [] };
}

/** Why nothing can be said; undefined when something can. */
function whatIsUnclear(
  service: ComposeService,
  file: ComposeFile,
  image: string,
  pgdata: string | undefined,
  layouts: readonly ImageLayout[],
): Finding | undefined {
  const unsure = (code: string, message: string, field?: string): Finding => ({ code, severity: 'unsure', message, ...(field === undefined ? {} : { field }) });
  const marked = (text: string | undefined): boolean => text?.includes(unsetMark) === true;
  if (marked(image)) return unsure('IMAGE_OPEN', 'The image depends on a variable that has no value.', 'image');
  if (marked(pgdata)) return unsure('PGDATA_OPEN', 'The data directory depends on a variable that has no value.', 'environment');
  const open = service.volumes.find(({ source, target }) => marked(source) || marked(target));
  if (open !== undefined) {
    return { ...unsure('MOUNT_OPEN', 'A mount depends on a variable that has no value.', 'volumes'), range: open.range };
  }
  if (service.extends !== undefined) {
    return unsure('BASE_MISSING', `The service extends "${service.extends.service}" of a file that could not be read.`, 'extends');
  }
  const covers = layouts.length > 0 && layouts.every(({ dataDirectory }) => service.volumes.some(({ target }) => isWithin(dataDirectory, target)));
  if (service.volumesFrom !== undefined && !covers) return unsure('VOLUMES_FROM', 'The mounts come from elsewhere, by volumes_from.', 'volumes_from');
  if (layouts.length === 0) {
    const what = image === '' ? 'The image is built here' : `The image ${image} is not a well-known one`;
    return unsure('IMAGE_UNKNOWN', `${what}, and where it keeps its data is not known.`, service.image === undefined ? 'build' : 'image');
  }
  return undeclaredVolume(service, file);
}

function undeclaredVolume({ volumes }: ComposeService, file: ComposeFile): Finding | undefined {
  const mount = volumes.find(({ kind, source }) => kind === 'volume' && source !== undefined && !file.volumes.some(({ key }) => key === source));
  if (mount === undefined) return undefined;
  const message = `The volume "${mount.source ?? ''}" is not declared under the top-level "volumes", so Compose refuses the file.`;
  return { code: 'VOLUME_UNDECLARED', severity: 'unsure', message, field: 'volumes', range: mount.range };
}

/** Two servers on one data directory destroy it. */
function withSharers(diagnosis: Diagnosis, all: readonly Diagnosis[]): Diagnosis {
  const key = sharingKey(diagnosis);
  const sharers = key === undefined ? [] : all.filter((other) => other !== diagnosis && sharingKey(other) === key);
  if (sharers.length === 0) return diagnosis;
  const names = sharers.map(({ service }) => `"${service}"`).join(', ');
  const message = `${names} uses the same data directory; two servers that run on one destroy it.`;
  const { range } = diagnosis.place ?? {};
  const finding: Finding = { code: 'SHARED', severity: 'danger', message, field: 'volumes', ...(range === undefined ? {} : { range }) };
  return { ...diagnosis, verdict: worseVerdict(diagnosis.verdict, 'at-risk'), findings: [finding, ...diagnosis.findings] };
}

function sharingKey({ place }: Diagnosis): string | undefined {
  if (place?.source === undefined || place.target === undefined) return undefined;
  return `${place.kind}\n${place.source}\n${normalised(place.directory).slice(normalised(place.target).length)}`;
}

/** What the image sets and the service does not. */
function withDefaults(service: ComposeService, dockerfile: string | undefined): ComposeService {
  const { dataDirectory } = imageOf(service, dockerfile);
  return dataDirectory === undefined ? service : { ...service, environment: { PGDATA: dataDirectory, ...service.environment } };
}
