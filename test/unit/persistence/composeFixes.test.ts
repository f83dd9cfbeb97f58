import assert from 'node:assert/strict';
import { findingsInText } from '../../../src/persistence/doctor/documentFindings';
import { applyEdits } from '../../../src/persistence/doctor/fixes/edits';
import { fixesFor } from '../../../src/persistence/doctor/fixes/fixes';

/** The text after the fix for the first finding of this code; undefined when there is none. */
function mend(text: string, code: string): string | undefined {
  const finding = findingsInText(text).find((each) => each.code === code);
  assert.ok(finding, `${code} is not found in:\n${text}`);
  const [fix] = fixesFor(text, finding);
  return fix === undefined ? undefined : applyEdits(text, fix.edits);
}

const data = '/var/lib/postgresql/data';
const fine = `    image: postgres:17 # the server
    volumes:
      # where the data are
      - pgdata:${data} # named
`;
const top = 'volumes:\n  pgdata: # ours\n';

type Case = readonly [title: string, code: string, before: string, after: string | undefined];
const check = `    healthcheck:
      test: ['CMD-SHELL', 'pg_isready -h 127.0.0.1 -U "$$\{POSTGRES_USER:-postgres}" -d "$$\{POSTGRES_DB:-$$\{POSTGRES_USER:-postgres}}"']
      interval: 10s
      timeout: 5s
      retries: 5
      start_period: 30s
`;
const db = (rest = '', more = ''): string => `# shop\nservices:\n  db:\n${fine}${rest}${more}${top}`;
const tested = "    healthcheck: { test: ['CMD', 'pg_isready'] }\n";

const cases: readonly Case[] = [
  ['a healthcheck', 'NO_HEALTHCHECK', db('    restart: always # why\n'), db(`    restart: always # why\n${check}`)],
  ['no healthcheck in braces', 'NO_HEALTHCHECK', 'services:\n  db: { image: postgres:17 }\n', undefined],
  ['no healthcheck where one is switched off', 'NO_HEALTHCHECK', db('    healthcheck: { disable: true }\n'), undefined],
  ['shared memory', 'SMALL_SHM', db(), db('    shm_size: 256mb\n')],
  ['shared memory in braces', 'SMALL_SHM', 'services:\n  db: { image: postgres:17 } # x\n', 'services:\n  db: { image: postgres:17, shm_size: 256mb } # x\n'],
  ['shared memory, no line end', 'SMALL_SHM', 'services:\n  db:\n    image: postgres:17', 'services:\n  db:\n    image: postgres:17\n    shm_size: 256mb'],
  [
    'shared memory, Windows',
    'SMALL_SHM',
    'services:\r\n  db:\r\n    image: postgres:17\r\n',
    'services:\r\n  db:\r\n    image: postgres:17\r\n    shm_size: 256mb\r\n',
  ],
  ['a service that is an alias', 'SMALL_SHM', 'x-db: &db\n  image: postgres:17\nservices:\n  db: *db\n', undefined],
  [
    'a service with an anchor merged in',
    'SMALL_SHM',
    'x-db: &db\n  image: postgres:17\nservices:\n  db:\n    <<: *db\n    restart: always\n',
    'x-db: &db\n  image: postgres:17\nservices:\n  db:\n    <<: *db\n    restart: always\n    shm_size: 256mb\n',
  ],
  ['another base of two services', 'SMALL_SHM', 'services:\n  db: &db\n    image: postgres:17\n  copy:\n    <<: *db\n', undefined],
  ['restart', 'NO_RESTART', db(tested), db(`${tested}    restart: unless-stopped\n`)],
  ['restart that is "no"', 'NO_RESTART', db('    restart: "no" # by hand\n'), db('    restart: unless-stopped # by hand\n')],
  ['time to stop', 'SHORT_GRACE', db('    stop_grace_period: 5s # quick\n'), db('    stop_grace_period: 1m # quick\n')],
  [
    'a port',
    'OPEN_PORT',
    db('    ports:\n      - "5432:5432" # psql\n      - 8080:80\n'),
    db('    ports:\n      - "127.0.0.1:5432:5432" # psql\n      - 8080:80\n'),
  ],
  ['a port of the engine’s choice', 'OPEN_PORT', db("    ports: ['5432']\n"), db("    ports: ['127.0.0.1::5432']\n")],
  ['a port with an address', 'OPEN_PORT', db('    ports: ["0.0.0.0:5433:5432"]\n'), db('    ports: ["127.0.0.1:5433:5432"]\n')],
  ['a port with a variable', 'OPEN_PORT', db('    ports: ["${PORT:-5432}:5432"]\n'), db('    ports: ["127.0.0.1:${PORT:-5432}:5432"]\n')],
  [
    'a port, long',
    'OPEN_PORT',
    db('    ports:\n      - target: 5432 # db\n        published: 5432\n'),
    db('    ports:\n      - target: 5432 # db\n        host_ip: 127.0.0.1\n        published: 5432\n'),
  ],
  [
    'a named volume for none',
    'ANONYMOUS_VOLUME',
    'services:\n  db:\n    image: postgres:17\n  # more to come\n',
    `services:\n  db:\n    image: postgres:17\n    volumes:\n      - db-data:${data}\n  # more to come\n\nvolumes:\n  db-data:\n`,
  ],
  [
    'a named volume for one without a name',
    'ANONYMOUS_VOLUME',
    `services:\n  db:\n    image: postgres:17\n    volumes:\n      - "${data}" # here\nvolumes: { cache: {} }\n`,
    `services:\n  db:\n    image: postgres:17\n    volumes:\n      - "db-data:${data}" # here\nvolumes: { cache: {}, db-data: {} }\n`,
  ],
  [
    'a named volume beside a script, of 18',
    'ANONYMOUS_VOLUME',
    'services:\n  db:\n    image: postgres:18\n    volumes:\n      - ./init:/docker-entrypoint-initdb.d\nvolumes:\n  db-data: # taken\n',
    'services:\n  db:\n    image: postgres:18\n    volumes:\n      - ./init:/docker-entrypoint-initdb.d\n      - db-data-2:/var/lib/postgresql\nvolumes:\n  db-data: # taken\n  db-data-2:\n',
  ],
  ['the right place for a mount', 'MOUNT_BESIDE', db().replace(`pgdata:${data}`, 'pgdata:/var/lib/postgresql'), db()],
  [
    'waiting, by a list in brackets',
    'NO_CONDITION',
    db(tested, '  api:\n    image: api\n    depends_on: [db, cache] # both\n  cache: { image: redis }\n'),
    db(
      tested,
      '  api:\n    image: api\n    depends_on: { db: { condition: service_healthy }, cache: { condition: service_started } } # both\n  cache: { image: redis }\n',
    ),
  ],
  [
    'waiting, by a list, and a healthcheck to wait for',
    'NO_CONDITION',
    db('', '  api:\n    image: api\n    depends_on:\n    - cache\n    - db # first\n    command: run\n  cache: { image: redis }\n'),
    db(
      check,
      '  api:\n    image: api\n    depends_on:\n      cache:\n        condition: service_started\n      db:\n        condition: service_healthy # first\n    command: run\n  cache: { image: redis }\n',
    ),
  ],
  [
    'waiting, by a mapping',
    'NO_CONDITION',
    db(tested, '  api: { image: api, depends_on: { db: { condition: service_started } } }\n'),
    db(tested, '  api: { image: api, depends_on: { db: { condition: service_healthy } } }\n'),
  ],
  [
    'a secret',
    'DEFAULT_PASSWORD',
    db('    environment:\n      POSTGRES_USER: app\n      POSTGRES_PASSWORD: postgres # change me\n'),
    `${db('    environment:\n      POSTGRES_USER: app\n      POSTGRES_PASSWORD_FILE: /run/secrets/db-password # change me\n    secrets:\n      - db-password\n')}\nsecrets:\n  db-password:\n    file: ./secrets/db-password.txt\n`,
  ],
  ['no secret for a variable', 'DEFAULT_PASSWORD', db('    environment: { POSTGRES_PASSWORD: "${PASSWORD:-postgres}" }\n'), undefined],
];

describe('fixes of a Compose file', () => {
  for (const [title, code, before, after] of cases) {
    it(`${after === undefined ? 'leave' : 'give'} ${title}`, () => assert.equal(mend(before, code), after));
  }

  it('write the password that the cluster has into a file that git ignores', () => {
    const text = db('    environment: ["POSTGRES_PASSWORD=postgres"]\n');
    const finding = findingsInText(text).find(({ code }) => code === 'DEFAULT_PASSWORD');
    assert.ok(finding);
    assert.deepEqual(fixesFor(text, finding)[0]?.files, [
      { path: 'secrets/db-password.txt', content: 'postgres' },
      { path: 'secrets/.gitignore', content: '*\n' },
    ]);
  });
});
