import type { ExtensionContext } from 'vscode';
import { patternsIn } from './inventory/wanted';
import { appSettings } from './vscode/settings';
import { registerSurfaces, type Surfaces } from './vscode/surfaces';

/** What the tests in the extension host see of the extension. */
export interface ExtensionExports extends Surfaces {
  /** Milliseconds that `activate` took. */
  readonly activationMs: number;
}

/**
 * Registers the surfaces. The app with all that it needs (dockerode, pg) is loaded right after, when the first of them
 * asks for it, so that starting the editor does not wait for it.
 */
export function activate(context: ExtensionContext): ExtensionExports {
  const start = performance.now();
  const surfaces = registerSurfaces(context, async (log, encryption) => {
    const { createApp } = await import('./app');
    const projects = patternsIn(process.env['CONTAINER_DATABASES_PROJECT']);
    return createApp({ ...appSettings, encryption, projects: () => projects, commandLine: context.asAbsolutePath('dist/cli.js') }, log);
  });
  return { ...surfaces, activationMs: performance.now() - start };
}
