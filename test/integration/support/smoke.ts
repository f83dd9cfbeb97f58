import type { SmokeReport } from '../../../src/protocol/smokeReport';
import { engineCommand } from '../../lab/stacks';
import type { Place } from './sql';

const label = 'container-databases.throwaway';

/** The throwaway containers that a process has left. */
export async function leftovers(pid: number | undefined, engine: Place['engine'] = 'docker'): Promise<readonly string[]> {
  const { stdout } = await engineCommand(['ps', '--all', '--filter', `label=${label}`, '--format', `{{.ID}} {{.Label "${label}"}}`], { engine });
  return stdout.split('\n').filter((line) => line.includes(`.${pid}.`));
}

/** The checksums that the steps saw. */
export function checksums({ steps }: SmokeReport): readonly string[] {
  return steps
    .filter(({ id }) => id === 'write' || id === 'verifyRestart' || id === 'verifyRecreate')
    .flatMap(({ evidence }) => evidence.filter(({ kind }) => kind === 'checksum').map(({ value }) => value));
}

/** The containers that the steps saw. */
export function containersSeen({ steps }: SmokeReport): readonly string[] {
  return steps.flatMap(({ evidence }) => evidence.filter(({ kind }) => kind === 'container').map(({ value }) => value));
}
