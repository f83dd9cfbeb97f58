import path from 'node:path';

/** What decides where a host keeps the state of programs. */
export interface StateHost {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Where journals lie: one place for editor and command line, so that each can finish what the other began. */
export function stateFolder({ platform, home, env }: StateHost): string {
  const name = 'container-databases';
  const join = platform === 'win32' ? path.win32.join : path.posix.join;
  const chosen = env['CONTAINER_DATABASES_STATE'];
  if (chosen) return chosen;
  if (platform === 'win32') return join(env['LOCALAPPDATA'] || join(home, 'AppData', 'Local'), name);
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', name);
  return join(env['XDG_STATE_HOME'] || join(home, '.local', 'state'), name);
}
