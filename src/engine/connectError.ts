import { Failure, messageOf } from '../protocol/failure';
import { endpointSetting, type EndpointCandidate, type EngineProduct } from './endpoint';

export interface ConnectProblem {
  readonly code: string;
  /** One sentence: what happened. */
  readonly message: string;
  /** One sentence or two: what to do. */
  readonly remedy: string;
}

/** What is wrong when nobody answers at an endpoint, and what to do about it on this platform. */
export function explainConnectError(error: unknown, candidate: EndpointCandidate, platform: NodeJS.Platform = process.platform): ConnectProblem {
  const chain = chainOf(error);
  const code = chain.map(codeOf).find((one) => one !== undefined && kindOf(one) !== 'other');
  const said = messageOf(chain.at(-1));
  const kind = code === undefined ? kindOfMessage(chain) : kindOf(code);
  const known = chain.find((one) => one instanceof Failure);
  if (kind === 'other' && known !== undefined) return { code: known.code, message: known.message, remedy: known.remedy };
  const where = candidate.name === candidate.id ? candidate.id : `${candidate.name} (${candidate.id})`;
  return explanations[kind]({ candidate, platform, said, where });
}

type Kind = 'absent' | 'refused' | 'forbidden' | 'slow' | 'unknownHost' | 'unreachable' | 'certificate' | 'wantsTls' | 'other';

interface Situation {
  readonly candidate: EndpointCandidate;
  readonly platform: NodeJS.Platform;
  readonly said: string;
  readonly where: string;
}

const explanations: Readonly<Record<Kind, (situation: Situation) => ConnectProblem>> = {
  absent: ({ where, ...rest }) => ({
    code: 'ENGINE_ABSENT',
    message: `There is no engine at ${where}.`,
    remedy: `${start(rest)}${orCorrect(rest.candidate)}`,
  }),
  refused: ({ where, ...rest }) => ({
    code: 'ENGINE_NOT_RUNNING',
    message: `${where} is not running: it refuses connections.`,
    remedy: `${start(rest)}${orCorrect(rest.candidate)}`,
  }),
  forbidden: ({ where, ...rest }) => ({ code: 'ENGINE_FORBIDDEN', message: `You are not allowed to use ${where}.`, remedy: allow(rest) }),
  slow: ({ where, ...rest }) => ({
    code: 'ENGINE_SLOW',
    message: `${where} did not answer in time.`,
    remedy: `Check that it is not starting or overloaded, and that no firewall lies between.${orCorrect(rest.candidate)}`,
  }),
  unknownHost: ({ where, candidate }) => ({
    code: 'ENGINE_HOST_UNKNOWN',
    message: `The host of ${where} is not known.`,
    remedy: `Check its name, and your network or VPN.${orCorrect(candidate)}`,
  }),
  unreachable: ({ where, candidate }) => ({
    code: 'ENGINE_UNREACHABLE',
    message: `There is no way to ${where}.`,
    remedy: `Check your network or VPN.${orCorrect(candidate)}`,
  }),
  certificate: ({ where, said }) => ({
    code: 'ENGINE_CERTIFICATE',
    message: `The secure connection to ${where} failed: ${said}.`,
    remedy: 'Check ca.pem, cert.pem and key.pem in DOCKER_CERT_PATH or in the Docker context, and that they have not expired.',
  }),
  wantsTls: ({ where }) => ({
    code: 'ENGINE_WANTS_TLS',
    message: `${where} accepts secure connections only.`,
    remedy: 'Set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH, or use a Docker context that holds the certificates.',
  }),
  other: ({ where, said, candidate }) => ({
    code: 'ENGINE_UNANSWERED',
    message: `${where} cannot be used: ${said}.`,
    remedy: `Check that Docker or Podman answers there.${orCorrect(candidate)}`,
  }),
};

const kinds: Readonly<Record<string, Kind>> = {
  ENOENT: 'absent',
  ENOTSOCK: 'absent',
  ECONNREFUSED: 'refused',
  EACCES: 'forbidden',
  EPERM: 'forbidden',
  ETIMEDOUT: 'slow',
  ESOCKETTIMEDOUT: 'slow',
  ENOTFOUND: 'unknownHost',
  EAI_AGAIN: 'unknownHost',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  EPROTO: 'certificate',
};

function kindOf(code: string): Kind {
  if (Object.hasOwn(kinds, code)) return kinds[code] ?? 'other';
  return /CERT|^ERR_(?:TLS|SSL)|^SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY)/.test(code) ? 'certificate' : 'other';
}

function kindOfMessage(chain: readonly unknown[]): Kind {
  if (chain.some((one) => /HTTP request to an HTTPS server/i.test(messageOf(one)))) return 'wantsTls';
  return chain.some((one) => one instanceof Error && one.name === 'TimeoutError') ? 'slow' : 'other';
}

/** The error, what it was caused by, and what it consists of (Node tries several addresses of a host at once). */
function chainOf(error: unknown, depth = 0): readonly unknown[] {
  if (!(error instanceof Error) || depth > 8) return [error];
  const parts: readonly unknown[] = error instanceof AggregateError ? error.errors : [];
  return [error, ...[...parts, ...(error.cause === undefined ? [] : [error.cause])].flatMap((part) => chainOf(part, depth + 1))];
}

function codeOf(error: unknown): string | undefined {
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

function start({ candidate, platform }: Omit<Situation, 'where'>): string {
  const starts: Readonly<Record<EngineProduct, string>> = {
    docker: platform === 'linux' ? 'Start it with "sudo systemctl start docker".' : 'Start Docker Desktop.',
    'docker-rootless': 'Start it with "systemctl --user start docker".',
    'docker-desktop': 'Start Docker Desktop.',
    colima: `Start it with "colima start${colimaProfile(candidate)}".`,
    orbstack: 'Start OrbStack.',
    'rancher-desktop': 'Start Rancher Desktop.',
    podman: 'Start it with "sudo systemctl start podman.socket".',
    'podman-rootless': 'Start it with "systemctl --user start podman.socket".',
    'podman-machine': 'Start it with "podman machine start".',
    unknown: candidate.address.kind === 'tcp' ? 'Start the engine there, and let it listen on that port.' : 'Start Docker or Podman.',
  };
  return starts[candidate.product];
}

function colimaProfile({ name }: EndpointCandidate): string {
  const profile = /^Colima \((.+)\)$/.exec(name)?.[1];
  return profile === undefined ? '' : ` ${profile}`;
}

function allow({ candidate, platform }: Omit<Situation, 'where'>): string {
  if (platform === 'win32') return 'Add yourself to the group "docker-users", then log out and in again.';
  if (candidate.product === 'podman') {
    return 'Use rootless Podman instead: "systemctl --user start podman.socket".';
  }
  if (platform === 'linux' && (candidate.product === 'docker' || candidate.product === 'unknown')) {
    return 'Add yourself to the group "docker" with "sudo usermod -aG docker $USER", then log out and in again.';
  }
  return `Give your user access to the socket.${orCorrect(candidate)}`;
}

/** For an endpoint that somebody named: the name may be what is wrong. */
function orCorrect({ source }: EndpointCandidate): string {
  switch (source) {
    case 'setting':
      return ` Or correct the setting "${endpointSetting}".`;
    case 'environment':
      return ' Or correct the variable that names it (DOCKER_HOST, or CONTAINER_HOST for Podman).';
    case 'context':
      return ' Or choose another context with "docker context use".';
    case 'socket':
      return '';
  }
}
