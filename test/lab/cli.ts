import { ensurePackages } from './apt';
import { ensureChromium } from './chromium';
import { dockerIsOurs, ensureDocker, stopDocker } from './docker';
import { ensurePostgresImage, postgresMajors, presentImage } from './images';
import { ensurePodman, loadPostgresImageIntoPodman, podmanIsRunning, stopPodman } from './podman';
import { step } from './process';
import { ensureMigrationTools } from './migrationTools';
import { ensureDebianImage } from './debianImages';
import { ensureSshd } from './sshd';
import { ensureVSCode, type VSCodeVersion } from './vscodeInstall';

const usage = `Brings up what the tests need, keeps it for the next time, and takes it down.

  up [docker] [images:13,15,17,18] [podman] [age] [cron] [sshd] [s3] [migration-tools] [vscode:1.139] [vscode:1.100] [chromium]    all of it by default
  down                                                                                                             only what up has started
  status
`;

const everything = [
  'docker',
  `images:${postgresMajors.join(',')}`,
  'podman',
  'age',
  'cron',
  'sshd',
  's3',
  'migration-tools',
  'vscode:1.139',
  'vscode:1.100',
  'chromium',
];

/** The work behind one word after \`up\`. Works that need the same thing wait for the same one. */
function workFor(word: string): readonly (() => Promise<unknown>)[] {
  const [name, detail = ''] = word.split(':');
  if (word === 'docker') return [ensureDocker];
  if (name === 'images') return majorsIn(detail).map((major) => () => ensurePostgresImage(major));
  if (word === 'podman') return [ensurePodman, () => loadPostgresImageIntoPodman(17)];
  if (word === 'sshd') return [ensureSshd];
  if (word === 's3') return [() => ensureDebianImage('S3')];
  if (name === 'vscode' && isVSCodeVersion(detail)) return [() => ensureVSCode(detail)];
  if (word === 'chromium') return [ensureChromium];
  if (word === 'migration-tools') return [() => ensurePackages(['python3-django', 'python3-psycopg2']), ensureMigrationTools];
  if (word === 'age' || word === 'cron') return [() => ensurePackages([word])];
  throw new Error(`There is no "${word}" in the lab.\n\n${usage}`);
}

function majorsIn(detail: string): typeof postgresMajors {
  const wanted = detail === '' ? postgresMajors : postgresMajors.filter((major) => detail.split(',').includes(String(major)));
  if (detail !== '' && wanted.length !== detail.split(',').length) throw new Error(`Of "${detail}", the lab has images of ${wanted.join(', ') || 'none'}`);
  return wanted;
}

function isVSCodeVersion(text: string): text is VSCodeVersion {
  return text === '1.139' || text === '1.100';
}

/** Brings everything up side by side. When some of it fails, the rest is still finished, for the next time. */
async function up(words: readonly string[]): Promise<void> {
  const works = (words.length === 0 ? everything : words).flatMap(workFor);
  const failures = (await Promise.allSettled(works.map((work) => work()))).flatMap((end) => (end.status === 'rejected' ? [String(end.reason)] : []));
  if (failures.length > 0) throw new Error([...new Set(failures)].join('\n\n'));
}

async function down(): Promise<void> {
  await Promise.all([step('stopped the lab’s Docker, if it ran', stopDocker), step('stopped the lab’s Podman, if it ran', stopPodman)]);
}

async function status(): Promise<void> {
  const images = await Promise.all(postgresMajors.map(async (major) => `postgres:${major}  ${(await presentImage(major)) ?? 'not there'}`));
  const docker = dockerIsOurs() ? 'the lab’s runs' : 'the lab’s does not run';
  process.stdout.write([`docker       ${docker}`, `podman       ${podmanIsRunning() ? 'runs' : 'does not run'}`, ...images, ''].join('\n'));
}

async function main([verb, ...words]: readonly string[]): Promise<void> {
  if (verb === 'up') return step('brought up what was asked for', () => up(words));
  if (verb === 'down') return down();
  if (verb === 'status') return status();
  throw new Error(usage);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
