import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { run } from './process';

/** The keys of all suites, the coming one's included; from Debian's package debian-archive-keyring. */
const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** The address of the Debian mirror that apt is configured for, whichever of its configuration's two syntaxes that is in. */
export async function debianMirror(): Promise<string> {
  // What apt would fetch; unlike `apt-get indextargets` it answers without any index on the disk, too.
  const wouldFetch = await run('apt-get', ['update', '--print-uris', '-o', 'Dir::State::lists=/nonexistent/']);
  const releases = [...wouldFetch.matchAll(/^'(.+?)\/?dists\/([^/']+)\/InRelease'/gm)];
  const main = releases.find(([, , suite = '']) => !/-(security|updates|backports)/.test(suite));
  if (main?.[1] === undefined) throw new Error('apt is configured for no Debian mirror: look at /etc/apt/sources.list.d');
  return `${main[1]}/`;
}

/**
 * Unpacks a package of another suite than this machine's into `folder`, without installing it. An apt with lists of its own
 * does it, for that checks the signature of the suite and the hash of the package, and knows about proxies.
 */
export async function unpackFromSuite(suite: string, name: string, folder: string): Promise<void> {
  const own = await mkdtemp(path.join(tmpdir(), 'lab-apt-'));
  try {
    await Promise.all([mkdir(path.join(own, 'lists/partial'), { recursive: true }), mkdir(path.join(own, 'cache/archives/partial'), { recursive: true })]);
    await writeFile(path.join(own, 'sources.list'), `deb [signed-by=${keyring}] ${await debianMirror()} ${suite} main\n`);
    const apt = ['-q', '-o', `Dir::State::lists=${own}/lists`, '-o', `Dir::Cache=${own}/cache`, '-o', 'Acquire::Languages=none'];
    const sources = ['-o', `Dir::Etc::sourcelist=${own}/sources.list`, '-o', 'Dir::Etc::sourceparts=-'];
    await run('apt-get', ['update', ...apt, ...sources, '-o', 'APT::Sandbox::User=root']);
    await run('apt-get', ['download', name, ...apt, ...sources, '-o', 'APT::Sandbox::User=root'], { cwd: own });
    const file = (await readdir(own)).find((entry) => entry.endsWith('.deb'));
    if (file === undefined) throw new Error(`apt-get download ${name} gave no file`);
    await run('dpkg-deb', ['-x', path.join(own, file), folder]);
  } finally {
    await rm(own, { recursive: true, force: true });
  }
}
