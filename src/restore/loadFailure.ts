import { unreadable } from '../backup/verify';
import { identifier } from '../postgres/quote';
import { Failure } from '../protocol/failure';

interface Explanation {
  readonly pattern: RegExp;
  readonly explain: (found: RegExpExecArray, said: string) => Failure;
}

const untouched = 'The database is as it was.';
const tryAgain = 'See that the container runs, then try again.';

/** What a loading says when it fails, and what a user can do. The first that fits counts. */
const explanations: readonly Explanation[] = [
  {
    pattern: /role "(.+?)" does not exist/,
    explain: ([, role = '']) =>
      new Failure(
        'ROLE_MISSING',
        `The backup needs the role "${role}", which the server does not have.`,
        `Create it (CREATE ROLE ${identifier(role)}), or restore without owners.`,
      ),
  },
  {
    pattern: /extension "(.+?)" is not available|could not open extension control file ".*\/(.+?)\.control"/,
    explain: ([, first, second]) =>
      new Failure(
        'EXTENSION_MISSING',
        `The backup needs the extension "${first ?? second ?? ''}", which the image does not have.`,
        'Use the image that the backup was made with.',
      ),
  },
  {
    pattern: /extension "(.+?)" has no (?:installation script nor update path|update path)|could not find function "(.+?)" in file/,
    explain: ([, name, symbol]) =>
      new Failure(
        'EXTENSION_OLDER',
        `The extension ${name === undefined ? `that has "${symbol ?? ''}"` : `"${name}"`} of this image is older than the one of the backup.`,
        'Use the image that the backup was made with, or a newer one.',
      ),
  },
  {
    pattern:
      /server closed the connection unexpectedly|connection to server was lost|terminating connection due to|the database system is (?:shutting down|starting up|in recovery mode)/,
    explain: () => new Failure('CONNECTION_LOST', 'The server stopped, or ended the connection, while rows were loaded.', `${untouched} ${tryAgain}`),
  },
  { pattern: /No space left/i, explain: () => new Failure('DISK_FULL', 'The disk that holds the database filled up.', 'Free space, then restore again.') },
  {
    pattern: /backslash commands are restricted/,
    explain: () =>
      new Failure(
        'META_COMMANDS',
        `The script has commands of psql within its statements, such as \\g or \\copy. ${untouched}`,
        'Look at what they do; to have them run in the container, allow them (--allow-meta-commands).',
      ),
  },
  {
    pattern: /could not resize shared memory segment|out of shared memory/,
    explain: (_, said) =>
      new Failure(
        'SHARED_MEMORY_FULL',
        `The server has too little shared memory: ${said}`,
        'Give the container more (shm_size: 256mb), or raise max_locks_per_transaction.',
      ),
  },
  {
    pattern: /invalid byte sequence for encoding "(.+?)"|character with byte sequence .+ in encoding "(.+?)" has no equivalent/,
    explain: ([, first, second]) =>
      new Failure(
        'ENCODING_DIFFERS',
        `The backup holds text that is no ${first ?? second ?? ''}. ${untouched}`,
        'Restore it into a new database, which gets the encoding of the backup; a script may need SET client_encoding.',
      ),
  },
  {
    pattern: /collation "(.+?)" (?:for encoding .+ )?does not exist|invalid (?:LC_COLLATE )?locale name: "(.+?)"/,
    explain: ([, first, second]) =>
      new Failure('COLLATION_MISSING', `The image does not have the collation "${first ?? second ?? ''}".`, 'Use the image that the backup was made with.'),
  },
  {
    pattern: /tablespace "(.+?)" does not exist/,
    explain: ([, name = '']) =>
      new Failure('TABLESPACE_MISSING', `The server does not have the tablespace "${name}".`, 'Create it, or take the backup with --no-tablespaces.'),
  },
  {
    pattern: /type "(?:\w+\.)?(vector|geometry|geography|hstore|citext|ltree|cube)" does not exist/,
    explain: ([, type = '']) =>
      new Failure(
        'EXTENSION_NOT_IN_BACKUP',
        `The backup uses the type "${type}" of an extension, but does not create that extension. ${untouched}`,
        'It may hold only one schema or table. Restore it into a database that has the extension, as chosen tables.',
      ),
  },
  {
    pattern: /(?:schema|relation|type|function|table) "?(.+?)"? does not exist/,
    explain: ([, name = ''], said) =>
      new Failure(
        'DEPENDENCY_MISSING',
        `The backup needs "${name}", which it does not bring along: ${said}`,
        `${untouched} It may hold only a part of a database; restore its tables into a database that has the rest.`,
      ),
  },
  {
    pattern: /duplicate key value violates unique constraint "(.+?)"/,
    explain: ([, name = ''], said) =>
      new Failure(
        'KEY_CONFLICT',
        `Rows of the backup have keys that are taken (${name}): ${said}`,
        `${untouched} For chosen tables, replace the rows or skip those that conflict.`,
      ),
  },
  {
    pattern: /violates foreign key constraint "(.+?)"/,
    explain: ([, name = ''], said) =>
      new Failure(
        'ORPHAN_ROWS',
        `Rows of the backup refer to others that are not there (${name}): ${said}`,
        `${untouched} Choose the tables that they refer to as well, or use another backup.`,
      ),
  },
  {
    pattern: /permission denied|must be (?:owner|superuser|able to)/,
    explain: (_, said) =>
      new Failure(
        'PRIVILEGE_MISSING',
        `The server's user may not do what the backup wants: ${said}`,
        'Use the superuser that the image set up, or restore without owners.',
      ),
  },
  {
    pattern: /(?:relation|schema|type|function) "?(.+?)"? already exists/,
    explain: ([, name = ''], said) =>
      new Failure(
        'OBJECT_EXISTS',
        `The script makes "${name}" twice: ${said}`,
        `${untouched} It may be two dumps in one file, or a dump of what template1 has too.`,
      ),
  },
  {
    pattern: /unrecognized configuration parameter "(.+?)"/,
    explain: ([, name = '']) =>
      new Failure(
        'BACKUP_NEWER',
        `The backup was made by a newer Postgres: this one does not know the setting "${name}".`,
        'Restore it into a service with that version or a newer one.',
      ),
  },
];

/** What `pg_restore` or `psql` said as it failed, as a Failure; `archive` is what was loaded. */
export function loadFailed(archive: string, stderr: string): Failure {
  const said = saidIn(stderr).trim();
  if (said === '') return new Failure('CONNECTION_LOST', 'The loading ended without a word.', `${untouched} ${tryAgain}`);
  // What the server says of its own files, such as "could not read block", tells nothing about the backup.
  const isOfServer = /\b(?:ERROR|FATAL|PANIC): /.test(said) && !/input file|unexpected end of file/i.test(said);
  if (!isOfServer && /unsupported version|compression|input file|unexpected end of file|could not read|corrupt/i.test(said)) return unreadable(archive, said);
  for (const { pattern, explain } of explanations) {
    const found = pattern.exec(said);
    if (found !== null) return explain(found, said);
  }
  return new Failure('RESTORE_FAILED', `The backup cannot be loaded: ${said}`, `${untouched} Mend what it says, then restore again.`);
}

function saidIn(stderr: string): string {
  const errors = stderr.split('\n').filter((line) => /error|fatal|detail|restricted/i.test(line));
  return (
    errors
      .map((line) => line.replace(/^(?:pg_restore|psql:[^:]*:\d+): (error: )?/i, ''))
      .slice(0, 3)
      .join(' ') || stderr.slice(-300)
  );
}
