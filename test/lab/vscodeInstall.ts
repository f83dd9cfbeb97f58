import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ensurePackages } from './apt';
import { labFolder } from './paths';
import { run, step, tryRun } from './process';

export type VSCodeVersion = '1.139' | '1.100';

export interface VSCodeInstall {
  readonly version: VSCodeVersion;
  /** The Node binary that this server wants. */
  readonly node: string;
  readonly serverMain: string;
  readonly root: string;
}

interface Edition {
  /** The npm package that carries VS Code's server and web workbench. */
  readonly carrier: string;
  readonly nodeMajor: number;
  /** Modules to compile, each with the file that shows that it was. */
  readonly natives: Readonly<Record<string, string>>;
  /** Whether ripgrep has to be brought along: in 1.100 its package downloads it from elsewhere. */
  readonly bringRipgrep: boolean;
}

const editions: Readonly<Record<VSCodeVersion, Edition>> = {
  '1.139': {
    carrier: 'code-server@4.139.1',
    nodeMajor: 24,
    natives: { '@vscode/spdlog': 'spdlog.node', '@vscode/native-watchdog': 'watchdog.node' },
    bringRipgrep: false,
  },
  '1.100': {
    carrier: 'code-server@4.100.3',
    nodeMajor: 20,
    natives: { '@vscode/spdlog': 'spdlog.node', 'native-watchdog': 'watchdog.node', 'node-pty': 'pty.node' },
    bringRipgrep: true,
  },
};

const quiet = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
const installing = new Map<VSCodeVersion, Promise<VSCodeInstall>>();

/** Gives VS Code's server and web workbench of that version; the first time it is built from npm packages, then kept. */
export async function ensureVSCode(version: VSCodeVersion): Promise<VSCodeInstall> {
  const known = installing.get(version) ?? install(version);
  installing.set(version, known);
  known.catch(() => installing.delete(version)); // a later call may try again
  return known;
}

async function install(version: VSCodeVersion): Promise<VSCodeInstall> {
  const root = path.join(labFolder('vscode'), version);
  if (!isComplete(root)) await step(`built VS Code ${version}`, () => buildAside(version, root));
  return { version, root, node: nodeFor(editions[version], root), serverMain: path.join(root, 'package/lib/vscode/out/server-main.js') };
}

/** The marker is written last, so that an interrupted build is not taken for a whole one. */
const markerIn = (root: string): string => path.join(root, 'complete');
const isComplete = (root: string): boolean => existsSync(markerIn(root));

/** Builds in a folder of its own, because another process may do the same; the first to end wins. */
async function buildAside(version: VSCodeVersion, root: string): Promise<void> {
  await removeLeftovers(path.dirname(root), `${version}-building-`);
  const aside = await mkdtemp(`${root}-building-${process.pid}-`);
  try {
    await build(editions[version], aside);
    await writeFile(markerIn(aside), editions[version].carrier);
    if (isComplete(root)) return;
    await rm(root, { recursive: true, force: true });
    await rename(aside, root);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function removeLeftovers(folder: string, prefix: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(prefix) && !isAlive(Number.parseInt(name.slice(prefix.length), 10))) {
      await rm(path.join(folder, name), { recursive: true, force: true });
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function build(edition: Edition, root: string): Promise<void> {
  await Promise.all([ensureCompiler(), unpackCarrier(edition, root), installTools(edition, root)]);
  const server = path.join(root, 'package/lib/vscode');
  const env = buildEnvironment(nodeFor(edition, root));
  const modules = ['install', '--omit=dev', '--ignore-scripts', ...quiet];
  await run('npm', modules, { cwd: server, env });
  await symlink('node_modules', path.join(server, 'node_modules.asar'));
  await Promise.all([
    run('npm', modules, { cwd: path.join(server, 'extensions'), env }),
    ...Object.entries(edition.natives).map(([name, file]) => compile(server, env, name, file)),
    edition.bringRipgrep ? bringRipgrep(root, server) : undefined,
  ]);
}

/** `npm pack` instead of `install`, for nothing of the carrier but VS Code is used. */
async function unpackCarrier({ carrier }: Edition, root: string): Promise<void> {
  const packed = await run('npm', ['pack', carrier, '--prefer-offline', '--loglevel=error', '--pack-destination', root]);
  const archive = path.join(root, packed.trim().split('\n').at(-1) ?? '');
  await run('tar', ['-xzf', archive, '-C', root]);
  await rm(archive);
}

async function installTools(edition: Edition, root: string): Promise<void> {
  const node = ownNodeFits(edition) ? [] : [`node-linux-${process.arch}@${edition.nodeMajor}`];
  const ripgrep = edition.bringRipgrep ? [`@vscode/ripgrep-linux-${process.arch}@1`] : [];
  const tools = path.join(root, 'tools');
  await mkdir(tools);
  await writeFile(path.join(tools, 'package.json'), '{"private":true}'); // or npm would install into a folder further up
  await run('npm', ['install', ...quiet, ...node, ...ripgrep], { cwd: tools });
}

const ownNodeFits = (edition: Edition): boolean => process.versions.node.startsWith(`${edition.nodeMajor}.`);

function nodeFor(edition: Edition, root: string): string {
  return ownNodeFits(edition) ? process.execPath : path.join(root, `tools/node_modules/node-linux-${process.arch}/bin/node`);
}

/** Makes npm run and compile with this Node, and use its headers where it has them beside it. */
function buildEnvironment(node: string): NodeJS.ProcessEnv {
  const top = path.dirname(path.dirname(node));
  const headers = existsSync(path.join(top, 'include/node/node.h')) ? { npm_config_nodedir: top } : {};
  return { PATH: `${path.dirname(node)}${path.delimiter}${process.env['PATH'] ?? ''}`, JOBS: 'max', ...headers };
}

/** The file decides, not the exit code: node-pty's last step asks npx for node-gyp, and may fail after all is built. */
async function compile(server: string, env: NodeJS.ProcessEnv, name: string, file: string): Promise<void> {
  const { stdout, stderr } = await tryRun('npm', ['rebuild', name, '--loglevel=error'], { cwd: server, env });
  const built = path.join(server, 'node_modules', name, 'build/Release', file);
  if (!existsSync(built)) throw new Error(`${name} could not be compiled:\n${(stderr || stdout).trim().slice(-4000)}`);
}

async function bringRipgrep(root: string, server: string): Promise<void> {
  const target = path.join(server, 'node_modules/@vscode/ripgrep/bin');
  await mkdir(target, { recursive: true });
  await copyFile(path.join(root, `tools/node_modules/@vscode/ripgrep-linux-${process.arch}/bin/rg`), path.join(target, 'rg'));
}

async function ensureCompiler(): Promise<void> {
  const needed = ['make', 'g++', 'python3'];
  const there = await Promise.all(needed.map(isInstalled));
  const missing = needed.filter((_, index) => there[index] === false);
  if (missing.length > 0) await ensurePackages(missing);
}

async function isInstalled(program: string): Promise<boolean> {
  return tryRun(program, ['--version']).then(
    ({ code }) => code === 0,
    () => false,
  );
}
