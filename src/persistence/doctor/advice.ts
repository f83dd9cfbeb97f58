import type { ComposePort, ComposeService } from '../../compose/composeModel';
import type { Finding } from './finding';

/** What is not about the place of the data, but endangers it or those who wait for it. */
export function adviceOn(service: ComposeService, all: readonly ComposeService[], port = 5432): readonly Finding[] {
  return [...checks(service), ...conditions(service, all), ...stopping(service), ...secrets(service), ...openPorts(service, port), ...sharedMemory(service)];
}

function advice(code: string, message: string, rest: Partial<Finding> = {}): Finding {
  return { code, severity: 'advice', message, ...rest };
}

function checks({ healthcheck, restart }: ComposeService): readonly Finding[] {
  const unchecked = healthcheck === undefined || healthcheck.disabled || healthcheck.test.length === 0;
  return [
    ...(unchecked ? [advice('NO_HEALTHCHECK', 'Nothing checks whether the server takes connections, so no other service can wait for it.')] : []),
    ...(restart === undefined || restart === 'no'
      ? [advice('NO_RESTART', 'The service stays down after a crash or a reboot: it has no restart policy.', restart === undefined ? {} : { field: 'restart' })]
      : []),
  ];
}

/** The others that start before the server takes connections. */
function conditions({ name }: ComposeService, all: readonly ComposeService[]): readonly Finding[] {
  return all.flatMap((other) =>
    other.dependsOn.some(({ service, condition }) => service === name && condition === 'service_started')
      ? [
          advice('NO_CONDITION', `"${other.name}" does not wait until "${name}" is ready: its depends_on lacks "condition: service_healthy".`, {
            service: other.name,
            field: 'depends_on',
          }),
        ]
      : [],
  );
}

/** Docker kills after ten seconds; a server with much unwritten needs longer. */
function stopping({ stopGracePeriod }: ComposeService): readonly Finding[] {
  const seconds = stopGracePeriod === undefined ? 10 : secondsOf(stopGracePeriod);
  if (seconds === undefined || seconds >= 30) return [];
  const message = `The server is killed ${seconds} s after it is told to stop, which may be too soon for a clean shutdown; recovery then follows at the next start.`;
  return [advice('SHORT_GRACE', message, stopGracePeriod === undefined ? {} : { field: 'stop_grace_period' })];
}

/** Seconds of a duration such as `1m30s`; undefined for what is none. */
function secondsOf(duration: string): number | undefined {
  const parts = [...duration.trim().matchAll(/(\d+(?:\.\d+)?)(ms|us|h|m|s)/g)];
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== duration.trim()) return undefined;
  const units: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001, us: 0.000_001 };
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ''] ?? 0), 0);
}

const guessable = new Set([
  'postgres',
  'password',
  'passwd',
  'admin',
  'root',
  'secret',
  'example',
  'changeme',
  'test',
  '1234',
  '12345',
  '123456',
  'mysecretpassword',
]);

/** Never says the password. */
function secrets({ environment }: ComposeService): readonly Finding[] {
  const name = ['POSTGRES_PASSWORD', 'POSTGRESQL_PASSWORD'].find((each) => environment[each]);
  const password = name === undefined ? '' : (environment[name] ?? '');
  const trust = environment['POSTGRES_HOST_AUTH_METHOD'] === 'trust';
  return [
    ...(trust ? [advice('TRUST', 'Whoever reaches the port gets in without a password: POSTGRES_HOST_AUTH_METHOD is "trust".', { field: 'environment' })] : []),
    ...(name !== undefined && (guessable.has(password.toLowerCase()) || password === environment['POSTGRES_USER'])
      ? [advice('DEFAULT_PASSWORD', `${name} is one that everybody tries first.`, { field: 'environment' })]
      : []),
  ];
}

function openPorts({ ports }: ComposeService, port: number): readonly Finding[] {
  return ports.some((each) => isOpen(each, port))
    ? [advice('OPEN_PORT', `Port ${port} is open on all interfaces, to everybody in your network.`, { field: 'ports' })]
    : [];
}

function isOpen({ target, hostAddress }: ComposePort, port: number): boolean {
  return target === port && (hostAddress === undefined || /^(?:0\.0\.0\.0|::|\*)$/.test(hostAddress));
}

function sharedMemory({ shmSize }: ComposeService): readonly Finding[] {
  return shmSize === undefined ? [advice('SMALL_SHM', 'Parallel queries and index builds may fail: /dev/shm has the engine’s 64 MB. Set shm_size.')] : [];
}
