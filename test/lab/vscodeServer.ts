import { readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { run, startDaemon, step, waitFor } from './process';
import type { VSCodeInstall } from './vscodeInstall';
import { writeUserSettings } from './vscodeSettings';

export interface ServerOptions {
  /** Where settings, logs and state live; one of its own for each server, or they disturb one another. */
  readonly dataFolder: string;
  /** Where extensions are installed; inside the data folder by default. */
  readonly extensionsFolder?: string;
  /** Folders of extensions that count as installed, without being packaged. What was installed before is forgotten. */
  readonly extensions?: readonly string[];
  /**
   * Lets `url` take extensions under development and in-host tests. Not for tests as a user: VS Code's flag for it also
   * silences notifications (1.139) and refuses modal dialogs (1.100).
   */
  readonly development?: boolean;
  /** For the server and thereby for the extension host. */
  readonly env?: NodeJS.ProcessEnv;
}

export interface OpenOptions {
  readonly extensionDevelopmentPath?: string;
  readonly extensionTestsPath?: string;
  readonly extraPayload?: Readonly<Record<string, string>>;
}

export interface VSCodeServer {
  readonly install: VSCodeInstall;
  readonly port: number;
  readonly dataFolder: string;
  readonly logsFolder: string;
  /** The address of a workbench that has opened `folder`, an absolute path. */
  url(folder: string, options?: OpenOptions): string;
  installExtension(vsix: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a server on a free port, and waits until its page answers. It ends with `stop`, or with this process. */
export async function startVSCode(install: VSCodeInstall, options: ServerOptions): Promise<VSCodeServer> {
  await writeUserSettings(options.dataFolder, {}, install.version);
  if (options.extensions) await registerExtensions(extensionsFolderOf(options), options.extensions);
  return step(`started VS Code ${install.version}`, async () => {
    const daemon = startServer(install, options);
    const port = await waitFor('the port of VS Code', daemon.port).catch((error: unknown) => {
      daemon.kill();
      throw error;
    });
    await waitFor('the page of VS Code', () => answers(`http://127.0.0.1:${port}/`));
    return {
      install,
      port,
      dataFolder: options.dataFolder,
      logsFolder: path.join(options.dataFolder, 'data/logs'),
      url: (folder, open = {}) => workbenchUrl(port, folder, open, options.development ?? false),
      installExtension: async (vsix) => {
        await run(install.node, [install.serverMain, '--install-extension', vsix, '--force', ...folderFlags(options)], { env: lean });
      },
      stop: async () => {
        daemon.kill();
        await waitFor('VS Code to end', () => !daemon.isAlive());
      },
    };
  });
}

interface Daemon {
  port(): number | undefined;
  isAlive(): boolean;
  kill(): void;
}

/** Built-in extensions that no test needs; without them a workbench is ready two seconds earlier. */
const unneeded = [
  ...['git', 'git-base', 'github', 'github-authentication', 'microsoft-authentication', 'merge-conflict', 'tunnel-forwarding', 'terminal-suggest'],
  ...['debug-auto-launch', 'debug-server-ready', 'npm', 'grunt', 'gulp', 'jake', 'emmet', 'ipynb', 'simple-browser', 'references-view'],
  ...['extension-editing', 'configuration-editing', 'css-language-features', 'html-language-features', 'php-language-features'],
  ...['typescript-language-features', 'markdown-math', 'mermaid-markdown-features', 'media-preview', 'notebook-renderers'],
].map((name) => `vscode.${name}`);
const unneededToo = ['ms-vscode.js-debug', 'ms-vscode.js-debug-companion', 'ms-vscode.vscode-js-profile-table', 'GitHub.copilot-chat'];

const lean = {
  EXTENSIONS_GALLERY: '{}', // without a marketplace to ask, nothing waits for a network that may not be there
  VSCODE_SKIP_BUILTIN_EXTENSIONS: [...unneeded, ...unneededToo].join(','),
};

function startServer(install: VSCodeInstall, options: ServerOptions): Daemon {
  const log = path.join(options.dataFolder, `server-${Date.now()}.log`);
  const flags = ['--host', '127.0.0.1', '--port', '0', '--without-connection-token', '--accept-server-license-terms'];
  const quiet = ['--disable-workspace-trust', '--telemetry-level', 'off', ...(options.development ? ['--enable-smoke-test-driver'] : [])];
  const args = [install.serverMain, ...flags, ...quiet, ...folderFlags(options)];
  const pid = startDaemon(install.node, args, log, { ...lean, ...options.env });
  const signal = (target: number, kind: NodeJS.Signals | 0): boolean => {
    try {
      return process.kill(target, kind);
    } catch {
      return false;
    }
  };
  // The first process alone: orphans in its group count as alive until init has collected them, which can take long.
  const isAlive = (): boolean => signal(pid, 0);
  const kill = (): void => void signal(-pid, 'SIGKILL'); // the group: extension hosts and terminals too
  process.once('exit', kill);
  return {
    port: () => {
      const text = readFileSync(log, 'utf8');
      if (!isAlive()) throw new Error(`VS Code ended at its start:\n${text.slice(-4000)}`);
      const found = /listening on (\d+)/.exec(text)?.[1];
      return found === undefined ? undefined : Number(found);
    },
    isAlive,
    kill: () => {
      process.off('exit', kill);
      kill();
    },
  };
}

function extensionsFolderOf({ dataFolder, extensionsFolder }: ServerOptions): string {
  return extensionsFolder ?? path.join(dataFolder, 'extensions');
}

function folderFlags(options: ServerOptions): readonly string[] {
  return ['--server-data-dir', options.dataFolder, '--extensions-dir', extensionsFolderOf(options)];
}

/** Writes the list that VS Code keeps of installed extensions; each of them may lie anywhere. */
async function registerExtensions(folder: string, extensions: readonly string[]): Promise<void> {
  const entries = extensions.map(async (extension) => {
    const manifest = JSON.parse(await readFile(path.join(extension, 'package.json'), 'utf8')) as Record<'publisher' | 'name' | 'version', string>;
    const identifier = { id: `${manifest.publisher}.${manifest.name}` };
    return { identifier, version: manifest.version, location: { $mid: 1, path: extension, scheme: 'file' } };
  });
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'extensions.json'), JSON.stringify(await Promise.all(entries)));
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
}

function workbenchUrl(port: number, folder: string, options: OpenOptions, development: boolean): string {
  const { extensionDevelopmentPath, extensionTestsPath, extraPayload } = options;
  const host = `127.0.0.1:${port}`;
  const remote = Object.entries({ extensionDevelopmentPath, extensionTestsPath }).flatMap(([key, file]) =>
    file === undefined ? [] : [[key, `vscode-remote://${host}${file}`]],
  );
  if (remote.length > 0 && !development) throw new Error('Extensions under development need a server started with `development`');
  const payload = JSON.stringify([...remote, ...Object.entries(extraPayload ?? {})]);
  return `http://${host}/?${new URLSearchParams({ folder, payload }).toString()}`;
}
