import { Failure, messageOf } from '../protocol/failure';

interface Explanation {
  readonly code: string;
  readonly remedy: string;
}

// SQLSTATE → what a user can do. https://www.postgresql.org/docs/current/errcodes-appendix.html
const explanations: Readonly<Record<string, Explanation>> = {
  '28P01': {
    code: 'PASSWORD_WRONG',
    remedy:
      'The password in the container is not the one in the cluster: it is set only when the volume is first filled. Set it with ALTER ROLE, or correct the environment.',
  },
  '28000': { code: 'ACCESS_DENIED', remedy: 'Check pg_hba.conf of the cluster and the user in the environment of the container.' },
  '3D000': { code: 'DATABASE_MISSING', remedy: 'Refresh; the database may have been dropped or renamed.' },
  '53300': { code: 'CONNECTIONS_EXHAUSTED', remedy: 'Close idle sessions, or raise max_connections.' },
  '53100': { code: 'DISK_FULL', remedy: 'Free space on the disk that holds the volume, then try again.' },
  '57P03': { code: 'SERVER_STARTING', remedy: 'Wait until the server has started, then try again.' },
  '57P01': { code: 'SESSION_ENDED', remedy: 'The server closed the session (restart or termination). Try again.' },
  '57014': { code: 'STATEMENT_TIMEOUT', remedy: 'The server is busy, or the table is large. Try again later.' },
  '42501': { code: 'PRIVILEGE_MISSING', remedy: 'This needs the superuser that the image set up.' },
  '55006': { code: 'DATABASE_IN_USE', remedy: 'Stop what is connected to the database, then try again.' },
  '25006': { code: 'SERVER_READ_ONLY', remedy: 'The server is in recovery or read-only; work on the primary.' },
};

/** The SQLSTATE of an error of `pg`; undefined for any other error. All of them have a digit, which `EPIPE` and its like have not. */
export function sqlState(error: unknown): string | undefined {
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^(?=.*\d)[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

/** An error of a session as a Failure. `relayComplaint` is what the relay said on standard error. */
export function postgresFailure(error: unknown, relayComplaint = ''): Failure {
  if (error instanceof Failure) return error;
  const state = sqlState(error);
  const known = state === undefined ? undefined : explanations[state];
  const sentence = `Postgres: ${messageOf(error).replace(/(?<![.!?])$/, '.')}`;
  if (known !== undefined) return new Failure(known.code, sentence, known.remedy, error);
  if (state !== undefined) {
    return new Failure(`SQLSTATE_${state}`, sentence, 'Look the code up in the Postgres manual, appendix "Error Codes".', error);
  }
  if (/refused/i.test(relayComplaint)) {
    return new Failure(
      'SERVER_STARTING',
      'Postgres does not accept connections yet.',
      'Wait until the server has started; look at its log if it does not.',
      error,
    );
  }
  if (/no relay/.test(relayComplaint)) {
    return new Failure(
      'RELAY_MISSING',
      'The container has no program that can relay a connection (bash, perl, socat or nc).',
      'Publish port 5432 of the service, or use an image with a shell.',
      error,
    );
  }
  const said = relayComplaint
    .split('\n')
    .filter((line) => !/^\d+$/.test(line))
    .join(' ')
    .trim();
  return new Failure(
    'CONNECTION_LOST',
    `The connection to Postgres broke: ${said || messageOf(error)}`,
    'Check that the container is running, then try again.',
    error,
  );
}
